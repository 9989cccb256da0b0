"""The caller of the RPC being served, put here by the authentication interceptor."""

from __future__ import annotations

from contextvars import ContextVar

from ..domain.caller import Caller

authenticated: ContextVar[Caller] = ContextVar("authenticated")


def caller() -> Caller:
    """Raises LookupError, and so answers `internal`, where authentication did not run."""
    return authenticated.get()
