"""The caller of the RPC being served, put here by the authentication interceptor."""

from __future__ import annotations

from contextvars import ContextVar

from ..domain.caller import Caller, Origin
from ..telemetry.call import current_call

authenticated: ContextVar[Caller] = ContextVar("authenticated")


def caller() -> Caller:
    """Raises LookupError, and so answers `internal`, where authentication did not run."""
    return authenticated.get()


def origin() -> Origin:
    """Where a call comes from that takes no token."""
    call = current_call.get()
    return Origin(call.request_id, call.peer)
