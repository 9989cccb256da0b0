from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from ..cel.claims_expressions import ClaimsExpressions
from ..domain import organization, sign_in, sso_configuration
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.deletion import of_sessions
from ..domain.destination import NO_HOSTS, AllowedHosts
from ..domain.errors import Violation
from ..domain.identifier import OrganizationId, SsoConfigurationId
from ..domain.instant import Clock
from ..domain.page import Page, PageRequest
from ..domain.revision import FieldChange
from ..domain.sso_configuration import (
    AT_ONCE,
    STABLE_CLAIMS,
    ClientAuthentication,
    SsoConfiguration,
    SsoConfigurationChanges,
    SsoConfigurationState,
)
from ..oidc.authorization import Client
from ..oidc.examination import Finding, Outcome, examine
from ..outbound.fetcher import Fetcher
from ..store import deletion
from ..store import domain_verification as domains
from ..store import scim_configuration as scim_configuration_store
from ..store import sign_in as sign_ins
from ..store import sso_configuration as store
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.sso_configuration import sso_configurations
from . import saving
from .administration import keep_sign_ins
from .at_once import AtOnce
from .client_assertion import JWKS, signing
from .deprovisioning import carry_out
from .minting import new_id
from .paging import PageTokens
from .sealing import Sealer
from .sign_in_attempt_log import forget
from .signing_key import SigningKeys

#: People whom `test` names.
_SHOWN = 20
_SUBJECT = Subject.SSO_CONFIGURATION
#: Where providers send browsers back to, below the server's own URL; the configuration's id follows.
CALLBACK = "/sso/callback/"


@dataclass(frozen=True, slots=True)
class Status:
    """What of a configuration can never work, and which of its e-mail domains license nothing, as nobody has proven them."""

    faults: Sequence[Violation]
    unproven_domains: Sequence[str]
    redirect_uri: str
    binding_claim: str
    bound_members: int
    client_authentication: ClientAuthentication
    jwks_uri: str


class SsoConfigurations:
    """SSO configurations of the caller's organization; administrators only.

    A client secret comes in as text and is sealed at once; nobody but the provider gets it again.
    What can never work when people sign in is refused when it is written. `public_url` is empty if this server does not know its own URL.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        pages: PageTokens,
        sealer: Sealer,
        allowed: AllowedHosts = NO_HOSTS,
        expressions: ClaimsExpressions | None = None,
        fetcher: Fetcher | None = None,
        public_url: str = "",
    ) -> None:
        self._fetcher = fetcher or Fetcher(allowed)
        self._public_url = public_url
        self._asking = AtOnce(AT_ONCE, sso_configuration.too_many_at_once)
        self._allowed = allowed
        self._expressions = expressions or ClaimsExpressions()
        self._database = database
        self._clock = clock
        self._pages = pages
        self._sealer = sealer
        self._keys = SigningKeys(database, clock, sealer)

    async def create(
        self,
        caller: Caller,
        organization_id: OrganizationId,
        *,
        client_id: str,
        client_secret: str,
        issuer_url: str,
        email_domains: tuple[str, ...] = (),
        display_name: str = "",
        additional_scopes: tuple[str, ...] = (),
        claims_expression: str = "",
    ) -> SsoConfiguration:
        """A new configuration, inactive until an update activates it.

        Raises InvalidArgument naming each field that can never work.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        if organization_id != caller.organization_id:
            raise organization.not_found()
        sso_configuration.check_secret(client_secret)
        id, now = SsoConfigurationId(new_id()), self._clock()
        configuration = SsoConfiguration(
            id=id,
            organization_id=organization_id,
            client_id=client_id,
            client_secret=b"",  # sealed when it is written
            issuer_url=issuer_url,
            state=SsoConfigurationState.INACTIVE,
            claims={},
            email_domains=email_domains,
            display_name=display_name,
            additional_scopes=additional_scopes,
            claims_expression=claims_expression,
            created_at=now,
            updated_at=now,
        )
        complaint = await self._complaint(claims_expression, organization_id)
        sso_configuration.check(configuration, self._allowed, complaint)

        def change(unit: UnitOfWork) -> SsoConfiguration:
            made = replace(configuration, client_secret=self._seal(unit, id, client_secret))
            saving.create(unit, caller, sso_configurations, _SUBJECT, made)
            return made

        return await self._database.write(change)

    async def get(self, caller: Caller, id: SsoConfigurationId) -> SsoConfiguration:
        caller.require(Permission.READ_CONFIGURATIONS)
        found = await self._database.read(
            lambda connection: sso_configurations.find(connection, caller.organization_id, id)
        )
        if found is None:
            raise sso_configuration.not_found()
        return found

    async def status(self, caller: Caller, id: SsoConfigurationId) -> Status:
        """What is stored and can never work, as it is older than the rules or than this server's settings; and what is unproven."""
        return (await self._with_status(caller, id))[1]

    async def _with_status(
        self, caller: Caller, id: SsoConfigurationId
    ) -> tuple[SsoConfiguration, Status]:
        caller.require(Permission.READ_CONFIGURATIONS)

        def query(connection: Connection) -> tuple[SsoConfiguration, set[str], int]:
            found = sso_configurations.find(connection, caller.organization_id, id)
            if found is None:
                raise sso_configuration.not_found()
            proven = domains.proven(connection, found.organization_id, found.email_domains)
            return found, proven, sign_ins.count_bound(connection, id)

        found, proven, bound = await self._database.read(query)
        complaint = await self._complaint(found.claims_expression, found.organization_id)
        return found, Status(
            faults=[*sso_configuration.violations(found, self._allowed, complaint)],
            unproven_domains=[each for each in found.email_domains if each not in proven],
            redirect_uri=redirect_uri(self._public_url, found.id),
            binding_claim=found.binding_claim,
            bound_members=bound,
            client_authentication=found.client_authentication,
            jwks_uri=f"{self._public_url}{JWKS}" if self._public_url else "",
        )

    async def test(self, caller: Caller, id: SsoConfigurationId) -> Sequence[Finding]:
        """What the provider says to this configuration, in the order in which it is to be put right.

        It gets the client secret, as with every sign-in. Raises ResourceExhausted while as many of the organization's are asked as may.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        found, status = await self._with_status(caller, id)
        faults = [
            Finding("configuration", Outcome.WRONG, f"{fault.field}: {fault.description}")
            for fault in status.faults
        ]
        client = Client(
            *(found.client_id, self._unseal(found), status.redirect_uri, found.additional_scopes),
            sign=signing(self._keys, self._clock, found),
        )
        with self._asking.one(caller.organization_id):
            findings = await examine(self._fetcher, found.issuer_url, client, self._clock())
        strangers = await self._database.read(
            lambda connection: sign_ins.unbindable(connection, id, _SHOWN + 1)
        )
        return [*faults, *findings, *_binding(found.binding_claim, strangers)]

    async def list(
        self, caller: Caller, organization_id: OrganizationId, request: PageRequest
    ) -> Page[SsoConfiguration]:
        """The organization's configurations, oldest first."""
        caller.require(Permission.READ_CONFIGURATIONS)
        if organization_id != caller.organization_id:
            raise organization.not_found()
        listing = f"sso_configurations/{organization_id}"
        after = self._pages.after(listing, request)
        found = await self._database.read(
            lambda connection: sso_configurations.page(
                connection, organization_id, after, request.limit + 1
            )
        )
        return self._pages.page(listing, request, found)

    async def update(
        self,
        caller: Caller,
        id: SsoConfigurationId,
        changes: SsoConfigurationChanges,
        client_secret: str | None = None,
    ) -> SsoConfiguration:
        """The configuration after the changes; when nothing differs, as it was.

        Raises InvalidArgument naming each field that changes and can never work. A field that stays as it
        is, be it written once more, is not looked at. An issuer on another server takes the secret with it. FailedPrecondition
        if members are bound and would have to be anew, and PermissionDenied if nobody could act any more.
        """
        return (await self._update(caller, id, changes, client_secret))[0]

    async def _update(
        self,
        caller: Caller,
        id: SsoConfigurationId,
        changes: SsoConfigurationChanges,
        client_secret: str | None,
        *,
        rebind: bool = False,
    ) -> tuple[SsoConfiguration, int]:
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        if client_secret is not None:
            sso_configuration.check_secret(client_secret)
        complaint = await self._complaint(
            changes.get("claims_expression", ""), caller.organization_id
        )

        def change(unit: UnitOfWork) -> tuple[SsoConfiguration, int]:
            before, now = _lock(unit, caller, id), self._clock()
            wanted = changes.copy()
            if client_secret is not None and client_secret != self._unseal(before):
                wanted["client_secret"] = self._seal(unit, id, client_secret)
            after = sso_configuration.changed(
                before,
                wanted,
                now,
                self._allowed,
                complaint,
                secret_given=client_secret is not None,
            )
            forgets, bound = sign_in.forgets(before, after), 0
            if forgets:
                bound = sign_ins.count_bound(unit.connection, id)
                if bound and not rebind:
                    raise sso_configuration.subjects_bound(bound)
            keep_sign_ins(unit, before, after, now)
            # Bindings before sessions, as whoever deletes a member does it.
            if forgets:
                unit.write(sign_ins.forgetting(id))
            elif sign_in.disproves(before, after):
                unit.write(sign_ins.doubting(id))
            if sign_in.closes(before, after):
                unit.write(sign_ins.closing(id), store.beginning_series(id))
                deletion.begin(unit, of_sessions(after, now))
            saving.update(unit, caller, sso_configurations, _SUBJECT, before, after)
            if bound:
                ended = {"bound_members": FieldChange(bound, 0)}
                saving.note(unit, caller, Action.UPDATE, _SUBJECT, id, after.updated_at, ended)
            if sign_in.opens(before, after):
                carry_out(unit, caller.organization_id, now)
            return after, bound

        return await self._database.write(change)

    async def update_binding(
        self,
        caller: Caller,
        id: SsoConfigurationId,
        changes: SsoConfigurationChanges,
        client_secret: str | None = None,
        *,
        rebind: bool,
    ) -> int:
        """`update`, for which with `rebind` bindings end if it takes that; how many have."""
        return (await self._update(caller, id, changes, client_secret, rebind=rebind))[1]

    async def delete(self, caller: Caller, id: SsoConfigurationId) -> None:
        """Who signed in through it is forgotten but for the audit log.

        Raises FailedPrecondition, naming them, while SCIM configurations link to it, and PermissionDenied if nobody could act any more.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)

        def change(unit: UnitOfWork) -> None:
            before, now = _lock(unit, caller, id), self._clock()
            if links := scim_configuration_store.linked_to(unit.connection, id):
                raise sso_configuration.in_use(links)
            keep_sign_ins(unit, before, None, now)
            unit.write(sign_ins.forgetting(id), sign_ins.closing(id))
            saving.delete(unit, caller, sso_configurations, _SUBJECT, before, now)
            deletion.begin(unit, of_sessions(before, now))

        await self._database.write(change)
        await forget(self._database, id)

    async def _complaint(self, expression: str, organization: OrganizationId) -> str | None:
        """Before the transaction, whose time others wait for."""
        return await self._expressions.complaint(expression, organization) if expression else None

    def _seal(self, unit: UnitOfWork, id: SsoConfigurationId, client_secret: str) -> bytes:
        return self._sealer.seal_into(unit, client_secret.encode(), purpose(id))

    def _unseal(self, configuration: SsoConfiguration) -> str:
        return secret_of(configuration, self._sealer)


def _binding(claim: str, strangers: Sequence[str]) -> Iterator[Finding]:
    """What may keep members from being found at their first sign-in, if anything."""
    if claim not in STABLE_CLAIMS:
        yield Finding(
            "binding",
            Outcome.UNKNOWN,
            f"members are found by the claim {claim}, of which is not known whether the provider gives it to somebody else one day",
            "Take sub, or with Entra ID oid, unless the provider says that it never does.",
        )
    if strangers:
        more = ", and others" if len(strangers) > _SHOWN else ""
        yield Finding(
            "binding",
            Outcome.UNKNOWN,
            "SCIM has an externalId that is unlikely to be their "
            f"{claim}, or none, of: {', '.join(strangers[:_SHOWN])}{more}",
            f"Have the provider send as externalId what it says as {claim}: Entra ID maps mailNickname at first, where objectId (with the "
            "binding claim oid) has to be. Else only a verified address at a proven domain finds them.",
        )


def redirect_uri(public_url: str, id: SsoConfigurationId) -> str:
    """Each configuration's own: no provider can have an answer of another's taken for its own (RFC 9700, section 4.4.2).

    Empty if `public_url` is.
    """
    return f"{public_url}{CALLBACK}{id}" if public_url else ""


def secret_of(configuration: SsoConfiguration, sealer: Sealer) -> str:
    """The client secret, for the provider."""
    return sealer.open_kept(configuration.client_secret, purpose(configuration.id)).decode()


def purpose(id: UUID) -> str:
    """What a client secret is sealed for."""
    return f"sso_configuration/{id}/client_secret"


def _lock(unit: UnitOfWork, caller: Caller, id: SsoConfigurationId) -> SsoConfiguration:
    found = sso_configurations.lock(unit.connection, caller.organization_id, id)
    if found is None:
        raise sso_configuration.not_found()
    return found
