"""SCIM configurations as an administrator keeps them, and the application that providers speak to."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from clock import SettableClock
from orgplane_server.app.build import build
from orgplane_server.domain.scim_configuration import ScimConfiguration, ScimConfigurationChanges
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_configuration import IssuedToken, ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from pyqwest import Client
from pyqwest.testing import ASGITransport

MAX_REQUEST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Administration:
    """What an administrator does by RPC."""

    owner: Founded
    configurations: ScimConfigurations
    sso: SsoConfigurations
    vouching: Vouching

    async def create(
        self, *, linking: bool = False, email_domains: tuple[str, ...] = ()
    ) -> tuple[ScimConfiguration, str]:
        """A configuration of the owner's organization, and its token."""
        sso = await self.sso.create(
            self.owner.caller,
            self.owner.organization.id,
            client_id="client",
            client_secret="secret",
            issuer_url="https://idp.example",
            email_domains=email_domains,
        )
        issued = await self.configurations.create(
            self.owner.caller,
            self.owner.organization.id,
            sso.id,
            allow_unverified_email_account_linking=linking,
        )
        return issued.configuration, issued.token.reveal()

    async def vouch(self, domain: str) -> None:
        """The operator says that the domain is the organization's."""
        await self.vouching.vouch(self.owner.organization.id, domain, private=True)

    async def regenerate(
        self, configuration: ScimConfiguration, lifetime: timedelta
    ) -> IssuedToken:
        return await self.configurations.regenerate_token(
            self.owner.caller, configuration.id, lifetime
        )

    async def update(
        self, configuration: ScimConfiguration, changes: ScimConfigurationChanges
    ) -> None:
        await self.configurations.update(self.owner.caller, configuration.id, changes)


def administration(database: Database, clock: SettableClock, owner: Founded) -> Administration:
    sealer = Sealer(bytes(32))
    pages = PageTokens(sealer)
    return Administration(
        owner,
        ScimConfigurations(database, clock, pages),
        SsoConfigurations(database, clock, pages, sealer),
        Vouching(database, clock),
    )


@contextlib.asynccontextmanager
async def serving(
    database: Database,
    clock: SettableClock,
    *,
    public_url: str = "",
    around: Callable[[Any], Any] = lambda application: application,
    **settings: Any,
) -> AsyncIterator[Client]:
    """A client of the server's application, in process, or of what is made `around` it."""
    server = build(
        database,
        bytes(32),
        clock=clock,
        max_request_bytes=MAX_REQUEST_BYTES,
        request_timeout=30,
        public_url=public_url,
        **settings,
    )
    yield Client(ASGITransport(around(server.front)))
    await server.aclose()
