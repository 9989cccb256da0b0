"""From a bearer token to a caller: the database's current truth, asked anew for every call."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..domain.caller import Caller, Origin
from ..domain.errors import Reason, Unauthenticated
from ..domain.instant import Clock
from ..domain.last_use import is_stale
from ..domain.personal_access_token import PersonalAccessToken, unknown
from ..domain.personal_access_token_policy import resting
from ..domain.service_account import ServiceAccount, ServiceAccountToken, is_suspended
from ..domain.session import Session
from ..domain.token import Token, TokenKind
from ..domain.user import User, UserStatus, cannot_act
from ..store.bearer import Bearers, Borne
from ..store.engine.database import Connection, Database
from ..store.engine.premise import Premise, premise
from ..store.engine.records import Records
from ..store.engine.unit_of_work import UnitOfWork
from ..store.personal_access_token import personal_access_tokens
from ..store.service_account import service_accounts
from ..store.service_account_token import service_account_tokens
from ..store.session import sessions
from ..store.user import users

Access = PersonalAccessToken | Session | ServiceAccountToken
Holder = User | ServiceAccount
Found = Borne[Any, Any]

#: Among what a token of each kind is looked for; any other is taken for a damaged personal access token.
_BEARERS: Mapping[TokenKind, Bearers[Any, Any]] = {
    TokenKind.PERSONAL_ACCESS: personal_access_tokens,
    TokenKind.SESSION: sessions,
    TokenKind.SERVICE_ACCOUNT: service_account_tokens,
}

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
        """The caller that a personal access token, a session's or a service account's stands for.

        Raises Unauthenticated for a token that is malformed, unknown, revoked or expired, for one of a user that is
        not active, or has to sign in before it works, and of a service account that is suspended. Its use is noted, at
        most once a minute.
        """
        kind = _kind(text)
        digest = Token.of_kind(kind, text).digest
        self._seen.pop(digest, None)
        bearers = _BEARERS[kind]
        found: Found | None = await self._database.read(
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
        access = found.bearer
        if access.expired(now) or _rests(found.rests_at, now) or is_stale(access.last_used_at, now):
            return None
        caller = _caller(found, origin)

        def holds(found: Found | None) -> bool:
            return (
                found is not None
                and _caller(found, origin) == caller
                and _acts(found.holder)
                and not found.bearer.expired(self._clock())
                and not _rests(found.rests_at, self._clock())
            )

        bearers = _BEARERS[_kind(text)]
        held = Premise(digest, lambda connection: bearers.find_by_digest(connection, digest), holds)
        return Presumption(caller, held)

    async def renew(self, caller: Caller) -> Caller:
        """The caller as the database knows them now, for a call that lasts; raises as `authenticate`."""

        def query(connection: Connection) -> Found | None:
            bearers = _BEARERS[caller.token_kind]
            return bearers.find_with_holder(connection, caller.organization_id, caller.token_id)

        found = await self._database.read(query)
        return self._admitted(found, caller.origin)

    def _admitted(self, found: Found | None, origin: Origin) -> Caller:
        if found is None:
            raise unknown()
        access, holder = found.bearer, found.holder
        now = self._clock()
        if access.expired(now):
            raise Unauthenticated("the token has expired", reason=Reason.TOKEN_EXPIRED)
        if not _acts(holder):
            raise _cannot_act(holder)
        if _rests(found.rests_at, now):
            raise resting()
        if is_stale(access.last_used_at, now):
            bearers = _BEARERS[_kind_of(access)]
            self._database.write_later(lambda unit: bearers.touch(unit.connection, access.id, now))
        return _caller(found, origin)


def keep_caller(unit: UnitOfWork, caller: Caller) -> None:
    """Raises Unauthenticated if who calls cannot act any more, or what they came with has ended, since the call began.

    Neither happens before this transaction ends: so nothing that the call makes outlives it.
    """
    holders: Records[Any] = service_accounts if caller.service_account else users
    holder: Holder | None = holders.lock(unit.connection, caller.organization_id, caller.id)
    if holder is None:
        raise unknown() if caller.service_account else cannot_act()
    if not _acts(holder):
        raise _cannot_act(holder)
    bearers = _BEARERS[caller.token_kind]
    if bearers.lock(unit.connection, caller.organization_id, caller.token_id) is None:
        raise unknown()


def _acts(holder: Holder) -> bool:
    if isinstance(holder, ServiceAccount):
        return not holder.suspended
    return holder.status is UserStatus.ACTIVE


def _cannot_act(holder: Holder) -> Unauthenticated:
    return is_suspended() if isinstance(holder, ServiceAccount) else cannot_act()


def _rests(rests_at: datetime | None, now: datetime) -> bool:
    return rests_at is not None and now >= rests_at


def _kind(text: str) -> TokenKind:
    """Of what kind a text is to be, going by how it begins."""
    for kind in _BEARERS:
        if text.startswith(kind):
            return kind
    return TokenKind.PERSONAL_ACCESS


def _kind_of(access: Access) -> TokenKind:
    match access:
        case Session():
            return TokenKind.SESSION
        case ServiceAccountToken():
            return TokenKind.SERVICE_ACCOUNT
        case PersonalAccessToken():
            return TokenKind.PERSONAL_ACCESS


def _caller(found: Found, origin: Origin) -> Caller:
    access, holder = found.bearer, found.holder
    return Caller(
        id=holder.id,
        organization_id=holder.organization_id,
        roles=found.roles,
        token_id=access.id,
        read_only=access.read_only,
        token_kind=_kind_of(access),
        signed_in_through=access.signed_in_through,
        organization_suspended=found.suspended,
        origin=origin,
    )
