"""The server that users of the client test with."""

from __future__ import annotations

from orgplane.testing import orgplane_organization, orgplane_server

__all__ = ["orgplane_organization", "orgplane_server"]
