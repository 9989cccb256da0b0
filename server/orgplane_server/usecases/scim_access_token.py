"""Access tokens for SCIM, which an identity provider gets for its client secret (RFC 6749, section 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ..domain import organization
from ..domain.authorization import Error, Refused
from ..domain.identifier import ScimConfigurationId, ScimCredentialId
from ..domain.instant import Clock
from ..domain.scim_configuration import ScimConfiguration
from ..domain.scim_credential import MOST_ACCESS, ScimCredential, access
from ..domain.scim_token import EndedToken
from ..domain.token import Token, TokenKind
from ..store import scim_credential
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_credential import scim_credentials, with_digest
from .minting import new_id, new_token
from .scim_access import once_good


@dataclass(slots=True)
class Grant:
    """One request for an access token: whose it turned out to be, whether it got one or not.

    `ended` is the client secret that it showed, if that was good once.
    """

    configuration: ScimConfiguration | None = None
    ended: EndedToken | None = None


@dataclass(frozen=True, slots=True)
class IssuedAccess:
    token: Token
    seconds: int


class ScimAccessTokens:
    """What gives access tokens of an hour at most. They end with the client secret they are for, and with what ends all tokens."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def issue(
        self, grant: Grant, asked: UUID, client_id: str, client_secret: str | None
    ) -> IssuedAccess:
        """For the configuration `asked` at, whose id is the client's as well. Raises Refused (RFC 6749, section 5.2)."""
        digest = Token.digest_of(TokenKind.SCIM_SECRET, client_secret or "")
        if digest is None or client_id.lower() != str(asked):
            raise unknown()
        token = new_token(TokenKind.SCIM_ACCESS)
        # Who is refused keeps no change waiting.
        await self._database.read(
            lambda connection: self._secret(connection, grant, asked, digest, held=False)
        )

        def change(unit: UnitOfWork) -> IssuedAccess:
            secret = self._secret(unit.connection, grant, asked, digest, held=True)
            now = self._clock()
            _make_room(unit, secret.scim_configuration_id, now)
            new = access(ScimCredentialId(new_id()), secret, token, now)
            unit.write(scim_credentials.inserting(new))
            return IssuedAccess(token, int((new.expires_at - now).total_seconds()))

        return await self._database.write(change)

    def _secret(
        self, connection: Connection, grant: Grant, asked: UUID, digest: bytes, *, held: bool
    ) -> ScimCredential:
        now, found = self._clock(), with_digest(connection, digest, held=held)
        if found is None or found[0].expired(now):
            known = once_good(connection, digest, found, now)
            if known is not None and known[1].id == asked:
                grant.ended, grant.configuration = known
            raise unknown()
        secret, configuration, suspended = found
        if configuration.id != asked:
            raise unknown()
        grant.configuration = configuration
        if suspended:
            raise Refused(Error.UNAUTHORIZED_CLIENT, str(organization.is_suspended()))
        if not configuration.enabled:
            raise Refused(
                Error.UNAUTHORIZED_CLIENT,
                "the SCIM configuration is disabled; an administrator can enable it",
            )
        return secret


def _make_room(unit: UnitOfWork, configuration: ScimConfigurationId, now: datetime) -> None:
    """Forgets those whose time was over when the last ones were given, and of too many the oldest."""
    found = scim_credential.access(unit.connection, configuration)
    working = [each for each in found if not each.expired(now)]
    for each in working[: max(0, len(working) - MOST_ACCESS + 1)]:
        scim_credentials.delete(unit.connection, configuration, each.id)
    for each in found[:-MOST_ACCESS]:
        if each.expired(now):
            scim_credentials.delete(unit.connection, configuration, each.id)


def unknown() -> Refused:
    return Refused(Error.INVALID_CLIENT, "the client is unknown, or its secret is wrong")
