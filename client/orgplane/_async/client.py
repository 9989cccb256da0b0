from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType

from connectrpc.interceptor import Interceptor
from pyqwest import Transport

from .._core.options import (
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT,
    Codec,
    Options,
    Protocol,
    Seconds,
)
from .._core.tls import PEM, TLS, Names
from ..errors import ConfigurationError
from .accounts import AsyncAccounts
from .audit_logs import AsyncAuditLogs
from .connection import AsyncConnection
from .events import AsyncEvents
from .groups import AsyncGroups
from .identity import AsyncIdentity
from .operator import AsyncOperator
from .organizations import AsyncOrganizations
from .service_accounts import AsyncServiceAccounts
from .sessions import AsyncSessions
from .sign_ins import AsyncSignIns
from .users import AsyncUsers
from .webhook_endpoints import AsyncWebhookEndpoints


class AsyncClient:
    """A client of one server, as one user or service account, or as its operator.

    `url` and `token` default to ORGPLANE_URL and ORGPLANE_TOKEN. `protocol` is connect, grpc or grpc-web,
    `codec` proto or, with connect, json. `ca` (PEM, or a file of it) is trusted instead of the
    public certificate authorities; `tls` has that and a client certificate (`orgplane.TLS`). `timeout` is what each call gets, all its attempts together, in
    seconds. A call is tried up to `max_retries` times again while the server cannot be reached, one without
    side effects also while it is unavailable. `transport` replaces the HTTP transport, which the caller then closes. `interceptors` of
    `connectrpc.interceptor` see every attempt of every call, the first of them outermost. A `tokenless` one is of
    nobody yet, for what takes no token: `organizations.invites.get_summary` and `redeem`.

    Usable from many tasks or threads at once, and as a context manager; closing twice is fine.
    Raises ConfigurationError for what cannot work.
    """

    def __init__(
        self,
        *,
        url: str | None = None,
        token: str | None = None,
        protocol: Protocol = "connect",
        codec: Codec = "proto",
        ca: PEM | None = None,
        tls: TLS | None = None,
        timeout: Seconds = DEFAULT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        transport: Transport | None = None,
        interceptors: Iterable[Interceptor] = (),
        tokenless: bool = False,
    ) -> None:
        if ca is not None and tls is not None:
            raise ConfigurationError("ca: goes into tls, as TLS(ca=...)")
        options = Options.read(
            url,
            token,
            protocol,
            codec,
            timeout,
            max_retries,
            tls or TLS(ca=ca),
            Names() if tls else Names(ca="ca"),
            tokenless=tokenless,
        )
        if transport is not None:
            options = replace(options, proxy=None)  # it has its own, or none
        self._connection = AsyncConnection(options, transport, interceptors)
        self.accounts = AsyncAccounts(self._connection)
        self.audit_logs = AsyncAuditLogs(self._connection)
        self.events = AsyncEvents(self._connection)
        self.groups = AsyncGroups(self._connection)
        self.identity = AsyncIdentity(self._connection)
        self.operator = AsyncOperator(self._connection)
        self.organizations = AsyncOrganizations(self._connection)
        self.service_accounts = AsyncServiceAccounts(self._connection)
        self.sessions = AsyncSessions(self._connection)
        self.sign_ins = AsyncSignIns(self._connection)
        self.users = AsyncUsers(self._connection)
        self.webhook_endpoints = AsyncWebhookEndpoints(self._connection)

    async def close(self) -> None:
        """Closes the connections; calls after that raise ClientClosedError."""
        await self._connection.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        options = self._connection.options
        return f"<{type(self).__name__} {options.url} {options.protocol}>"
