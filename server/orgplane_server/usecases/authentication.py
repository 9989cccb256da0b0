"""From a bearer token to a caller: the database's current truth, asked anew for every call."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from ..domain.caller import Caller, Origin
from ..domain.errors import Reason, Unauthenticated
from ..domain.identifier import PersonalAccessTokenId
from ..domain.instant import Clock
from ..domain.personal_access_token import PersonalAccessToken, unknown
from ..domain.personal_access_token_policy import resting
from ..domain.role import Role
from ..domain.session import Session
from ..domain.token import Token, TokenKind
from ..domain.user import User, UserStatus, cannot_act
from ..store.bearer import Bearers
from ..store.engine.database import Connection, Database
from ..store.engine.premise import Premise, premise
from ..store.personal_access_token import personal_access_tokens
from ..store.session import sessions

#: What acts, for whom in which roles, and from when on it rests.
Found = (
    tuple[PersonalAccessToken, User, frozenset[Role], datetime | None]
    | tuple[Session, User, frozenset[Role], datetime | None]
)

#: How long a token that was good is presumed to be, until the database is asked anyway.
_SECONDS = timedelta(seconds=5)
_MOST_SEEN = 1000


class Presumption:
    """Whom a token stood for some seconds ago, and may do so still."""

    def __init__(self, caller: Caller, held: Premise) -> None:
        self.caller = caller
        self._held = held

    @contextlib.contextmanager
    def relied_on(self) -> Iterator[None]:
        """The first query or change in here looks whether it still holds, in its own transaction, and is not begun unless it does."""
        before = premise.set(self._held)
        try:
            yield
        finally:
            premise.reset(before)

    @property
    def confirmed(self) -> bool:
        """Whether the last transaction that looked has found that it holds."""
        return self._held.confirmed


class Authentication:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        #: What was found of tokens that were good, and when; the eldest first.
        self._seen: dict[bytes, tuple[datetime, Found]] = {}

    async def authenticate(self, text: str, origin: Origin) -> Caller:
        """The caller that a personal access token, or a session's, stands for.

        Raises Unauthenticated for a token that is malformed, unknown, revoked or expired, and for one
        of a user that is not active, or has to sign in before it works. Its use is noted, at most once a minute.
        """
        digest = Token.of_kind(_kind(text), text).digest
        self._seen.pop(digest, None)
        bearers = _bearers(text)
        found = await self._database.read(
            lambda connection: bearers.find_by_digest(connection, digest), same=digest
        )
        caller = self._admitted(found, origin)
        assert found is not None
        self._seen[digest] = (self._clock(), found)
        if len(self._seen) > _MOST_SEEN:
            del self._seen[next(iter(self._seen))]
        return caller

    def presume(self, text: str, origin: Origin) -> Presumption | None:
        """None if the token was not seen to be good some seconds ago, or if there is something to note of it."""
        digest = hashlib.sha256(text.encode()).digest()  # as of a `Token`, which what was seen is
        when, found = self._seen.get(digest, (None, None))
        now = self._clock()
        if when is None or found is None or not now - _SECONDS <= when <= now:
            return None
        access, user, roles, rests_at = found
        if access.expired(now) or _rests(rests_at, now) or access.last_use_is_stale(now):
            return None
        caller = _caller(access, user, roles, origin)

        def holds(found: Found | None) -> bool:
            return (
                found is not None
                and _caller(found[0], found[1], found[2], origin) == caller
                and found[1].status is UserStatus.ACTIVE
                and not found[0].expired(self._clock())
                and not _rests(found[3], self._clock())
            )

        bearers = _bearers(text)
        held = Premise(digest, lambda connection: bearers.find_by_digest(connection, digest), holds)
        return Presumption(caller, held)

    async def renew(self, caller: Caller) -> Caller:
        """The caller as the database knows them now, for a call that lasts; raises as `authenticate`."""

        def query(connection: Connection) -> Found | None:
            bearers = sessions if caller.session else personal_access_tokens
            return bearers.find_with_user(connection, caller.organization_id, caller.token_id)

        found = await self._database.read(query)
        return self._admitted(found, caller.origin)

    def _admitted(self, found: Found | None, origin: Origin) -> Caller:
        if found is None:
            raise unknown()
        access, user, roles, rests_at = found
        now = self._clock()
        if access.expired(now):
            raise Unauthenticated("the token has expired", reason=Reason.TOKEN_EXPIRED)
        if user.status is not UserStatus.ACTIVE:
            raise cannot_act()
        if _rests(rests_at, now):
            raise resting()
        if access.last_use_is_stale(now):
            bearers = sessions if isinstance(access, Session) else personal_access_tokens
            self._database.write_later(lambda unit: bearers.touch(unit.connection, access.id, now))
        return _caller(access, user, roles, origin)


def _rests(rests_at: datetime | None, now: datetime) -> bool:
    return rests_at is not None and now >= rests_at


def _kind(text: str) -> TokenKind:
    session = text.startswith(TokenKind.SESSION)
    return TokenKind.SESSION if session else TokenKind.PERSONAL_ACCESS


def _bearers(text: str) -> Bearers[PersonalAccessToken] | Bearers[Session]:
    """Among what a token like this is looked for."""
    return sessions if _kind(text) is TokenKind.SESSION else personal_access_tokens


def _caller(
    access: PersonalAccessToken | Session, user: User, roles: frozenset[Role], origin: Origin
) -> Caller:
    return Caller(
        user_id=user.id,
        organization_id=user.organization_id,
        roles=roles,
        token_id=PersonalAccessTokenId(access.id),
        read_only=access.read_only,
        session=isinstance(access, Session),
        signed_in_through=access.signed_in_through,
        origin=origin,
    )
