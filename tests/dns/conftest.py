from __future__ import annotations

from name_server import name_server, name_server_process

__all__ = ["name_server", "name_server_process"]
