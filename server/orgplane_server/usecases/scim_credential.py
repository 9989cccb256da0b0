"""Credentials of SCIM configurations: what their administrators do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain import scim_credential
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.identifier import ScimConfigurationId, ScimCredentialId
from ..domain.instant import Clock
from ..domain.revision import differences
from ..domain.scim_configuration import ScimConfiguration, required
from ..domain.scim_credential import (
    DEFAULT_LIFETIME,
    DEFAULT_OVERLAP,
    CredentialKind,
    ScimCredential,
    live,
)
from ..domain.scim_token import End, ended
from ..domain.token import Token
from ..store import scim_credential as store
from ..store import scim_token
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_configuration import scim_configurations
from ..store.scim_credential import scim_credentials
from . import saving
from .minting import new_id, new_token

#: Access tokens that are known when they have ended before their time.
_KNOWN = 5


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """A credential and its text, which nobody can ask for again."""

    credential: ScimCredential
    token: Token


class ScimCredentials:
    """SCIM tokens and client secrets of configurations of the caller's organization; administrators only.

    What ends is refused when the call returns, on every process, and so are the access tokens of a client secret.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(
        self, caller: Caller, configuration: ScimConfigurationId
    ) -> Sequence[ScimCredential]:
        """Those that work, oldest first: at most two tokens and two client secrets."""
        caller.require(Permission.READ_CONFIGURATIONS)

        def query(connection: Connection) -> Sequence[ScimCredential]:
            required(scim_configurations.find(connection, caller.organization_id, configuration))
            return live(store.shown(connection, configuration), self._clock())

        return await self._database.read(query)

    async def create(
        self,
        caller: Caller,
        configuration: ScimConfigurationId,
        kind: CredentialKind,
        *,
        lifetime: timedelta | None = None,
        overlap: timedelta = DEFAULT_OVERLAP,
    ) -> IssuedCredential:
        """A new one beside that of before, which ends after the overlap; without an overlap, all of this kind end at once.

        Without a lifetime a token gets that of the one before, a client secret a year. Raises FailedPrecondition if there are two of
        this kind, and there is to be an overlap.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        scim_credential.check_overlap(overlap)
        token = new_token(kind.token_kind)

        def change(unit: UnitOfWork) -> ScimCredential:
            before = _locked(unit, caller, configuration)
            now = self._clock()
            there = store.shown(unit.connection, configuration)
            for old in there:
                if old.kind is kind and old.expired(now):
                    _end(unit, old, End.REPLACED, now)
            had = live(there, now)
            mine = [each for each in had if each.kind is kind]
            scim_credential.check_room(mine, overlap)
            usual = before.token_lifetime if kind is CredentialKind.TOKEN else DEFAULT_LIFETIME
            new = scim_credential.issued(
                ScimCredentialId(new_id()), before, kind, token, lifetime or usual, now
            )
            kept = []
            for old in mine:
                if overlap:
                    kept.append(scim_credential.outgoing(old, overlap, now))
                    scim_credentials.update(unit.connection, configuration, old, kept[-1])
                else:
                    _end(unit, old, End.REPLACED, now)
            unit.write(scim_credentials.inserting(new))
            others = [each for each in had if each.kind is not kind]
            given = lifetime if kind is CredentialKind.TOKEN else None
            _record(unit, caller, before, had, [*others, *kept, new], now, given)
            return new

        return IssuedCredential(await self._database.write(change), token)

    async def end(
        self, caller: Caller, configuration: ScimConfigurationId, id: ScimCredentialId
    ) -> None:
        """Ends one at once, be it the last that works. Raises NotFound, also for one that has ended."""
        caller.require(Permission.CHANGE_CONFIGURATIONS)

        def change(unit: UnitOfWork) -> None:
            before = _locked(unit, caller, configuration)
            now = self._clock()
            had = live(store.shown(unit.connection, configuration), now)
            mine = [each for each in had if each.id == id]
            if not mine:
                raise scim_credential.not_found()
            _end(unit, mine[0], End.ENDED, now)
            _record(unit, caller, before, had, [each for each in had if each.id != id], now)

        await self._database.write(change)


def end_tokens(unit: UnitOfWork, configuration: ScimConfiguration, now: datetime) -> None:
    """All tokens of a configuration end, as it gets another one; access tokens as well."""
    for each in store.shown(unit.connection, configuration.id):
        if each.kind is CredentialKind.TOKEN:
            _end(unit, each, End.REPLACED, now)
    end_access(unit, configuration.id, None, End.REPLACED, now)


def _end(unit: UnitOfWork, credential: ScimCredential, end: End, now: datetime) -> None:
    scim_token.end(unit, ended(credential, end, now))
    scim_credentials.delete(unit.connection, credential.scim_configuration_id, credential.id)
    if credential.kind is CredentialKind.CLIENT_SECRET:
        end_access(unit, credential.scim_configuration_id, credential.id, end, now)


def end_access(
    unit: UnitOfWork,
    configuration: ScimConfigurationId,
    secret: ScimCredentialId | None,
    end: End,
    now: datetime,
) -> None:
    """All access tokens, or those of a client secret. The latest are known for a while."""
    found = store.access(unit.connection, configuration)
    for each in live(found, now)[-_KNOWN:]:
        if secret in (None, each.secret_id):
            scim_token.end(unit, ended(each, end, now))
    unit.write(store.ending_access(configuration, secret))


def _record(
    unit: UnitOfWork,
    caller: Caller,
    before: ScimConfiguration,
    had: Sequence[ScimCredential],
    has: Sequence[ScimCredential],
    now: datetime,
    lifetime: timedelta | None = None,
) -> None:
    """The configuration follows its tokens, and the audit trail both."""
    tokens = [each for each in has if each.kind is CredentialKind.TOKEN]
    after = scim_credential.with_tokens(before, tokens, lifetime, now)
    scim_configurations.update(unit.connection, caller.organization_id, before, after)
    changes = {**differences(before, after), **scim_credential.change(had, has)}
    saving.note(unit, caller, Action.UPDATE, Subject.SCIM_CONFIGURATION, before.id, now, changes)


def _locked(unit: UnitOfWork, caller: Caller, id: ScimConfigurationId) -> ScimConfiguration:
    """Whoever was let in by what it was is done, and nobody else is before it is what it will be."""
    return required(scim_configurations.lock(unit.connection, caller.organization_id, id))
