from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain import (
    organization,
    scim_configuration,
    sign_in,
    sso_configuration,
)
from ..domain.audit import Subject
from ..domain.caller import Caller, Permission
from ..domain.deletion import Deletion, of_configuration
from ..domain.identifier import (
    OrganizationId,
    ScimConfigurationId,
    ScimCredentialId,
    SsoConfigurationId,
)
from ..domain.instant import Clock
from ..domain.page import Page, PageRequest
from ..domain.provisioner import Provisioner
from ..domain.role import Role
from ..domain.scim_configuration import (
    DEFAULT_TOKEN_LIFETIME,
    ScimConfiguration,
    ScimConfigurationChanges,
)
from ..domain.scim_credential import CredentialKind, issued
from ..domain.scim_token import End
from ..domain.token import Token, TokenKind
from ..store import deletion, scim_count, scim_credential
from ..store import session as sessions
from ..store.administration import administrators
from ..store.engine.database import Database
from ..store.engine.statement import Call
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_configuration import scim_configurations
from ..store.sso_configuration import sso_configurations
from . import saving
from .administration import keep_role_bearers, keep_vouched
from .deletion import DEFAULT_PACE, Pace, settle, settle_some
from .deprovisioning import carry_out
from .minting import new_id, new_token
from .paging import PageTokens
from .role import revoke_of_configuration
from .scim_credential import end_access, end_tokens

_SUBJECT = Subject.SCIM_CONFIGURATION


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A configuration and the token it was just given, which nobody can ask for again."""

    configuration: ScimConfiguration
    token: Token


class ScimConfigurations:
    """SCIM configurations of the caller's organization; administrators only."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        pages: PageTokens,
        pace: Pace = DEFAULT_PACE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages
        self._pace = pace

    async def create(
        self,
        caller: Caller,
        organization_id: OrganizationId,
        sso_configuration_id: SsoConfigurationId,
        *,
        name: str = "",
        token_lifetime: timedelta | None = None,
        allow_unverified_email_account_linking: bool = False,
    ) -> IssuedToken:
        """A new, enabled configuration, linked to an SSO configuration of the same organization."""
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        if organization_id != caller.organization_id:
            raise organization.not_found()
        token = new_token(TokenKind.SCIM)
        lifetime = token_lifetime or DEFAULT_TOKEN_LIFETIME

        def change(unit: UnitOfWork) -> ScimConfiguration:
            _require_sso_configuration(unit, caller, sso_configuration_id)
            now = self._clock()
            configuration = ScimConfiguration(
                id=ScimConfigurationId(new_id()),
                organization_id=organization_id,
                name=name,
                enabled=True,
                sso_configuration_id=sso_configuration_id,
                allow_unverified_email_account_linking=allow_unverified_email_account_linking,
                token_digest=token.digest,
                token_lifetime=lifetime,
                token_expires_at=now + lifetime,
                created_at=now,
                updated_at=now,
            )
            saving.create(unit, caller, scim_configurations, _SUBJECT, configuration)
            unit.write(_crediting(configuration, token))
            scim_count.start(unit.connection, configuration.id)
            return configuration

        return IssuedToken(await self._database.write(change), token)

    async def get(self, caller: Caller, id: ScimConfigurationId) -> ScimConfiguration:
        caller.require(Permission.READ_CONFIGURATIONS)
        found = await self._database.read(
            lambda connection: scim_configurations.find(connection, caller.organization_id, id)
        )
        return scim_configuration.required(found)

    async def list(self, caller: Caller, request: PageRequest) -> Page[ScimConfiguration]:
        """The organization's configurations, oldest first."""
        caller.require(Permission.READ_CONFIGURATIONS)
        listing = f"scim_configurations/{caller.organization_id}"
        after = self._pages.after(listing, request)
        found = await self._database.read(
            lambda connection: scim_configurations.page(
                connection, caller.organization_id, after, request.limit + 1
            )
        )
        return self._pages.page(listing, request, found)

    async def update(
        self, caller: Caller, id: ScimConfigurationId, changes: ScimConfigurationChanges
    ) -> ScimConfiguration:
        """The configuration after the changes; when nothing differs, as it was."""
        caller.require(Permission.CHANGE_CONFIGURATIONS)

        def change(unit: UnitOfWork) -> ScimConfiguration:
            before = _lock(unit, caller, id)
            linked = changes.get("sso_configuration_id")
            if linked is not None and linked != before.sso_configuration_id:
                _require_sso_configuration(unit, caller, linked)
            now = self._clock()
            after = scim_configuration.changed(before, changes, now)
            _part(unit, before, after, now)
            saving.update(unit, caller, scim_configurations, _SUBJECT, before, after)
            if scim_configuration.goes_on(before, after):
                end_access(unit, id, None, End.ENDED, now)
            if Provisioner(after).may_change and not Provisioner(before).may_change:
                carry_out(unit, caller.organization_id, now)
            return after

        return await self._database.write(change)

    async def regenerate_token(
        self, caller: Caller, id: ScimConfigurationId, lifetime: timedelta | None = None
    ) -> IssuedToken:
        """A new token; all others, access tokens as well, are dead when this answers. The lifetime defaults to the old one's.

        A client secret still works, and gets new access tokens.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        token = new_token(TokenKind.SCIM)

        def change(unit: UnitOfWork) -> ScimConfiguration:
            before, now = _lock(unit, caller, id), self._clock()
            after = scim_configuration.with_token(before, token, lifetime, now)
            end_tokens(unit, before, after.updated_at)
            unit.write(_crediting(after, token))
            return saving.update(unit, caller, scim_configurations, _SUBJECT, before, after)

        return IssuedToken(await self._database.write(change), token)

    async def delete(self, caller: Caller, id: ScimConfigurationId) -> None:
        """Users already provisioned stay members; nothing more is accepted through the configuration.

        Whom it has deactivated is active again only if another configuration has said so since. All this is so
        when it returns; if it is interrupted, soon after. What the configuration left behind goes later.
        Nobody has a role by its groups any more.
        Raises PermissionDenied if nobody could act any more for that, or because those whom it provisions have to sign in first.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)

        def change(unit: UnitOfWork) -> Deletion | None:
            before, now = _lock(unit, caller, id), self._clock()
            could = administrators(unit.connection, caller.organization_id)
            revoked = revoke_of_configuration(unit, caller, id, now)
            begun = of_configuration(before, caller, now)
            _part(unit, before, None, now)
            # First, so that what its provider was refused is not done because somebody comes back.
            scim_credential.forget(unit.connection, id)
            saving.delete(unit, caller, scim_configurations, _SUBJECT, before, now)
            deletion.begin(unit, begun)
            more = settle_some(unit, self._clock, begun, self._pace)
            if Role.ADMIN in revoked:
                keep_role_bearers(unit, caller.organization_id, could, now)
            keep_vouched(unit, caller.organization_id, could, now)
            return begun if more else None

        begun = await self._database.write(change)
        if begun is not None:
            await settle(self._database, self._clock, begun, self._pace)


def _crediting(configuration: ScimConfiguration, token: Token) -> Call:
    """What keeps the token that a configuration has got."""
    return scim_credential.scim_credentials.inserting(
        issued(
            ScimCredentialId(new_id()),
            configuration,
            CredentialKind.TOKEN,
            token,
            configuration.token_lifetime,
            configuration.token_expires_at - configuration.token_lifetime,
        )
    )


def _lock(unit: UnitOfWork, caller: Caller, id: ScimConfigurationId) -> ScimConfiguration:
    found = scim_configurations.lock(unit.connection, caller.organization_id, id)
    return scim_configuration.required(found)


def _part(
    unit: UnitOfWork, before: ScimConfiguration, after: ScimConfiguration | None, now: datetime
) -> None:
    """Ends the sessions that end with the change. Whoever is signing in is done before, or comes after it."""
    left = sign_in.parts(before, after)
    if left is not None:
        sso_configurations.lock(unit.connection, before.organization_id, left)
        sessions.part(unit, left, before.id, now)


def _require_sso_configuration(unit: UnitOfWork, caller: Caller, id: SsoConfigurationId) -> None:
    """The link must lead to an SSO configuration of the same organization, and it must stay there."""
    if sso_configurations.lock(unit.connection, caller.organization_id, id) is None:
        raise sso_configuration.not_found("sso_configuration_id")
