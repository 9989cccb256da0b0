"""From a bearer token to a caller: the database's current truth, asked anew for every call."""

from __future__ import annotations

from ..domain.caller import Caller, Origin
from ..domain.errors import Reason, Unauthenticated
from ..domain.instant import Clock
from ..domain.personal_access_token import PersonalAccessToken
from ..domain.token import Token, TokenKind
from ..domain.user import User, UserStatus
from ..store import personal_access_token as store
from ..store.engine.database import Database


class Authentication:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def authenticate(self, text: str, origin: Origin) -> Caller:
        """The caller that a personal access token stands for.

        Raises Unauthenticated for a token that is malformed, unknown, revoked or expired, and for one
        of a user that is not active. Its use is noted, at most once a minute.
        """
        digest = Token.of_kind(TokenKind.PERSONAL_ACCESS, text).digest
        found = await self._database.read(
            lambda connection: store.find_by_digest(connection, digest), same=digest
        )
        return self._admitted(found, origin)

    async def renew(self, caller: Caller) -> Caller:
        """The caller as the database knows them now, for a call that lasts; raises as `authenticate`."""
        found = await self._database.read(
            lambda connection: store.find_with_user(
                connection, caller.organization_id, caller.token_id
            )
        )
        return self._admitted(found, caller.origin)

    def _admitted(self, found: tuple[PersonalAccessToken, User] | None, origin: Origin) -> Caller:
        if found is None:
            raise Unauthenticated("the token is unknown or revoked", reason=Reason.TOKEN_UNKNOWN)
        access, user = found
        now = self._clock()
        if access.expired(now):
            raise Unauthenticated("the token has expired", reason=Reason.TOKEN_EXPIRED)
        if user.status is not UserStatus.ACTIVE:
            raise Unauthenticated(
                "the token's user is suspended, or has left the organization",
                reason=Reason.USER_SUSPENDED,
            )
        if access.last_use_is_stale(now):
            self._database.write_later(lambda unit: store.touch(unit.connection, access.id, now))
        return Caller(
            user_id=user.id,
            organization_id=user.organization_id,
            role=user.role,
            token_id=access.id,
            read_only=access.read_only,
            origin=origin,
        )
