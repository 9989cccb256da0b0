from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from ..domain import login
from ..domain.caller import Origin
from ..domain.identifier import OrganizationId, SsoConfigurationId
from ..domain.login import ReturnAddresses
from ..domain.page import Page, PageRequest
from ..domain.sso_configuration import SsoConfiguration
from ..store import login as store
from ..store.engine.database import Connection, Database
from .account import domain_of
from .address_limit import AddressLimit
from .organization_invite import OrganizationInvites
from .paging import PageTokens

#: The page that asks for an e-mail address. Below it are those of organizations, by their ids.
LOGIN = "/login"
#: Below it are the pages that send browsers to the provider of a configuration, by its id.
LOGIN_SSO = "/login/sso/"


@dataclass(frozen=True, slots=True)
class Login:
    """A provider that people sign in with."""

    id: SsoConfigurationId
    organization_id: OrganizationId
    name: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one address may ask for each."""

    urls: AddressLimit
    logins: AddressLimit
    providers: AddressLimit


class Logins:
    """Where people sign in; anybody may ask. The rules are `domain.login`'s.

    Addresses of pages are below `public_url`, which is empty if this server does not know its own URL.
    """

    def __init__(
        self,
        database: Database,
        pages: PageTokens,
        invites: OrganizationInvites,
        addresses: ReturnAddresses,
        public_url: str,
        limits: Limits,
    ) -> None:
        self._database = database
        self._pages = pages
        self._invites = invites
        self._addresses = addresses
        self._public_url = public_url
        self._limits = limits

    async def for_address(self, email: str) -> Sequence[Login]:
        """Where whoever has an address signs in, oldest first. Nowhere, if it is none."""
        domain = domain_of(email)
        return await self._read(lambda connection: store.by_domain(connection, domain))

    async def of_organization(self, id: OrganizationId) -> Sequence[Login]:
        """Where people of an organization sign in, oldest first. Nowhere, if it is not there."""
        return await self._read(lambda connection: store.of_organization(connection, id))

    async def url(self, origin: Origin, email: str, return_to: str) -> str:
        """The page for an address. Raises NotFound for a domain that nobody signs in with."""
        self._limits.urls.count(origin.peer)
        self._check(return_to)
        found = await self.for_address(email)
        if not found:
            raise login.nobody()
        return self._url(_page(found), return_to)

    async def list(
        self, origin: Origin, email: str, return_to: str, request: PageRequest
    ) -> Page[tuple[Login, str]]:
        """The providers for an address, each with its page."""
        self._limits.logins.count(origin.peer)
        self._check(return_to)
        listing = f"sso_logins/{domain_of(email)}"
        after = self._pages.after(listing, request)
        found = [each for each in await self.for_address(email) if each.id > after]
        page = self._pages.page(listing, request, found[: request.limit + 1])
        return Page(
            [(each, self._url(f"{LOGIN_SSO}{each.id}", return_to)) for each in page.items],
            page.next_token,
        )

    async def page(
        self, origin: Origin, email: str | None, invite: UUID | None, request: PageRequest
    ) -> str:
        """The page for whoever has this address or this invite, for both or for everybody; empty if there is none.

        Raises NotFound for an invite that does not work.
        """
        self._limits.providers.count(origin.peer)
        self._check("")
        self._pages.after("login_providers", request)
        if email is None and invite is None:
            return self._url(LOGIN, "")
        found: Sequence[Login] = ()
        if invite is not None:
            of = (await self._invites.summary(origin, invite)).organization_id
            found = await self.of_organization(of)
            if email is not None:
                known = {each.id for each in await self.for_address(email)}
                found = [each for each in found if each.id in known]
        elif email is not None:
            found = await self.for_address(email)
        return self._url(_page(found), "") if found else ""

    def _check(self, return_to: str) -> None:
        if not self._public_url:
            raise login.not_configured()
        self._addresses.check(return_to)

    def _url(self, path: str, return_to: str) -> str:
        query = f"?{urlencode({'return_to': return_to})}" if return_to else ""
        return f"{self._public_url}{path}{query}"

    async def _read(
        self, query: Callable[[Connection], Sequence[SsoConfiguration]]
    ) -> Sequence[Login]:
        found = await self._database.read(query)
        return [Login(each.id, each.organization_id, login.shown_name(each)) for each in found]


def _page(found: Sequence[Login]) -> str:
    """Of one the page that leads to it, of several of an organization the one that lets people choose."""
    if len(found) == 1:
        return f"{LOGIN_SSO}{found[0].id}"
    organizations = {each.organization_id for each in found}
    return f"{LOGIN}/{organizations.pop()}" if len(organizations) == 1 else LOGIN
