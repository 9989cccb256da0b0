"""The caller of the RPC being served, put here by the authentication interceptor."""

from __future__ import annotations

from contextvars import ContextVar

from ..domain.application import ApplicationCaller
from ..domain.caller import Caller, Origin
from ..domain.operator import OperatorCaller
from ..fairness import Party, whose
from ..telemetry.call import current_call

authenticated: ContextVar[Caller] = ContextVar("authenticated")
authenticated_application: ContextVar[ApplicationCaller] = ContextVar("authenticated_application")
authenticated_operator: ContextVar[OperatorCaller] = ContextVar("authenticated_operator")


def know(caller: Caller) -> None:
    """The call being served is theirs from here on."""
    authenticated.set(caller)
    whose.set(Party(caller.organization_id, caller.token_id))


def know_application(caller: ApplicationCaller) -> None:
    """As `know`; an application queues like an organization."""
    authenticated_application.set(caller)
    whose.set(Party(caller.application.id, caller.secret_id))


def know_operator(caller: OperatorCaller) -> None:
    """As `know`; an operator token queues like an organization."""
    authenticated_operator.set(caller)
    whose.set(Party(caller.token.id, caller.token.id))


def caller() -> Caller:
    """Raises LookupError, and so answers `internal`, where authentication did not run."""
    return authenticated.get()


def application() -> ApplicationCaller:
    """As `caller`, of an RPC that takes an application's secret."""
    return authenticated_application.get()


def operator() -> OperatorCaller:
    """As `caller`, of an RPC that takes an operator token."""
    return authenticated_operator.get()


def origin() -> Origin:
    """Where a call comes from that takes no token."""
    call = current_call.get()
    return Origin(call.request_id, call.peer)
