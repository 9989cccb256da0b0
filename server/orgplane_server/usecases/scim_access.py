"""The gate of the SCIM door: each request is let in by the database's current truth, or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from ..domain.caller import Origin
from ..domain.errors import OrgplaneError, PermissionDenied, ResourceExhausted, Unauthenticated
from ..domain.identifier import ScimConfigurationId, ScimCredentialId
from ..domain.instant import Clock
from ..domain.last_use import is_stale
from ..domain.provisioner import Provisioner, admitted
from ..domain.quota import Quota
from ..domain.scim_configuration import ScimConfiguration
from ..domain.scim_credential import ScimCredential
from ..domain.scim_token import EndedToken, expired
from ..domain.token import Token, TokenKind
from ..fairness import Party, whose
from ..store import scim_credential, scim_token
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_credential import with_digest
from .address_limit import UNLIMITED, AddressLimit
from .credential_limit import CredentialLimit

T = TypeVar("T")
#: What a token is, whose, and whether their organization is suspended.
Found = tuple[ScimCredential, ScimConfiguration, bool]

#: How long a token that was good is presumed to be, until the database is asked anyway.
_PRESUMED = timedelta(seconds=5)
_MOST_SEEN = 1000


@dataclass(slots=True)
class Visit:
    """One request of an identity provider: what it bears, and whose it turned out to be.

    `asked` is the configuration that the address names, if it does. `configuration` is known once the
    gate has looked, whether it then let the request in or not, and so is the `credential`; `ended` is the token, if it
    was good once.
    """

    token: str = field(repr=False)
    asked: ScimConfigurationId | None = None
    origin: Origin = field(default_factory=Origin)
    configuration: ScimConfiguration | None = None
    credential: ScimCredential | None = None
    ended: EndedToken | None = None
    #: What was left when the request was counted.
    quota: Quota | None = None
    #: Raises if nobody waits for the answer any more; None once the request goes on whoever waits.
    wanted: Callable[[], Awaitable[None]] | None = field(default=None, repr=False)
    #: Waits for the visitor's turn before something long is read; raises Unavailable when that takes too long.
    large: Callable[[], Awaitable[None]] | None = field(default=None, repr=False)
    #: What of the request is not done, by the names it was sent under, and why.
    ignored: dict[str, str] = field(default_factory=dict)
    _remarks: list[str] = field(default_factory=list)
    _digest: bytes | None = field(default=None, repr=False)

    @property
    def digest(self) -> bytes:
        """The token's. Raises Unauthenticated for what is no SCIM token."""
        if self._digest is None:
            if not self.token:
                raise Unauthenticated(
                    "a bearer token is needed: Authorization: Bearer <SCIM token>"
                )
            access = self.token.startswith(TokenKind.SCIM_ACCESS)
            kind = TokenKind.SCIM_ACCESS if access else TokenKind.SCIM
            self._digest = Token.of_kind(kind, self.token).digest
        return self._digest

    def remark(self, text: str) -> None:
        """Has the request log say something of this request, should it succeed.

        For what a provider need not be told of and an administrator may wonder about. A change that runs
        again may say it again.
        """
        if text not in self._remarks:
            self._remarks.append(text)

    def shown(self) -> tuple[ScimCredentialId | None, str]:
        """The id of the credential that was borne, and how people know it; None and empty if nobody does."""
        if self.ended is not None:
            return self.ended.credential_id, self.ended.hint
        if self.credential is not None:
            return self.credential.shown_id, self.credential.hint
        return None, ""

    @property
    def remarks(self) -> list[str]:
        """All that the request log is to say of the request."""
        return [
            *(f"{name} was ignored: {why}" for name, why in self.ignored.items()),
            *self._remarks,
        ]


class ScimGate:
    """Runs work for a visitor in the very transaction that finds them admitted.

    A change holds the configuration: once an update, a deletion or a new token has been answered, no
    change that the old state would have admitted can still commit, on any process. What waits for the
    database when nobody waits for its visitor any more is dropped.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        failed_tokens: AddressLimit = UNLIMITED,
        limit: CredentialLimit | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._failed_tokens = failed_tokens
        #: What was found of tokens that were good, and when; the eldest first.
        self._seen: dict[bytes, tuple[datetime, Found]] = {}
        self._limit = limit
        #: What tokens were when last they let somebody in, which lets nobody in again: whose turn their bearers wait for; the eldest first.
        self._known: dict[bytes, tuple[ScimCredential, ScimConfiguration]] = {}

    async def read(
        self,
        visit: Visit,
        query: Callable[[Connection, Provisioner], T],
        *,
        long: bool = False,
        changes: bool = False,
    ) -> T:
        """Raises Unauthenticated or PermissionDenied, as the domain's `admitted`; ResourceExhausted for one token too many that is bad.

        What is read for `changes` is refused as they are; anything else that takes `long` waits for the visitor's turn.
        """
        digest = self._digest(visit)
        if long and not changes and visit.large is not None:
            if visit.configuration is None:
                await self.check(visit)
            await visit.large()
        result = await self._database.read(
            lambda connection: query(
                connection, self._admit(connection, visit, digest, changes=changes, held=False)
            ),
            long=long,
            wanted=visit.wanted,
        )
        self._let_in(visit)
        return result

    async def write(self, visit: Visit, change: Callable[[UnitOfWork, Provisioner], T]) -> T:
        """Raises as `read`, and PermissionDenied if the configuration may not change anything."""
        digest = self._digest(visit)
        result = await self._database.write(
            lambda unit: change(
                unit, self._admit(unit.connection, visit, digest, changes=True, held=True)
            ),
            wanted=visit.wanted,
        )
        self._let_in(visit)
        return result

    async def count(self, visit: Visit) -> None:
        """Counts a request of whose token it is known what it was. Raises ResourceExhausted as `CredentialLimit.count`, but of a
        token that lets nobody in any more Unauthenticated: to come later does not help there."""
        try:
            found = self._known.get(visit.digest)
        except Unauthenticated:  # as whoever goes on finds out
            return
        if found is None or self._limit is None:
            return
        try:
            visit.quota = self._limit.count(_party(found[0]))
        except ResourceExhausted as error:
            with contextlib.suppress(PermissionDenied):
                await self.check(visit)
            visit.quota = error.quota
            raise

    def quota(self, visit: Visit) -> Quota | None:
        """What is left to the visitor, of which they are told; None for whom nobody knows, or where there is no limit."""
        if visit.quota is None and visit.credential is not None and self._limit is not None:
            with contextlib.suppress(ResourceExhausted):
                visit.quota = self._limit.count(_party(visit.credential))
        return visit.quota

    async def reread(
        self, visit: Visit, query: Callable[[Connection], T], *, long: bool = False
    ) -> T:
        """For an answer to whom a change was admitted from that has been made, and is told of in any case."""
        if long and visit.large is not None:
            with contextlib.suppress(OrgplaneError):
                await visit.large()
        return await self._database.read(query, long=long)

    def presumes(self, visit: Visit, *, changes: bool) -> bool:
        """Whether `check` found nothing to object to some seconds ago: whoever goes on has to `read`, `write` or `check` all the same."""
        now = self._clock()
        try:
            when, found = self._seen[visit.digest]
            if not now - _PRESUMED <= when <= now:
                return False
            admitted(found, visit.asked, visit.origin, now, changes=changes)
        except (KeyError, OrgplaneError):
            return False
        self._know(visit.digest, found[0], found[1])
        return True

    async def check(self, visit: Visit, *, changes: bool = False) -> None:
        """Raises as `read`, or as `write`; before anything of a request is read but its head."""
        digest = self._digest(visit)
        self._seen.pop(digest, None)
        found = await self._database.read(
            lambda connection: with_digest(connection, digest, held=False), same=("scim", digest)
        )
        now = self._clock()
        if found is None or found[0].expired(now):
            await self.read(visit, lambda connection, provisioner: None)  # learns whose it was
            return
        visit.credential, visit.configuration, _ = found
        admitted(found, visit.asked, visit.origin, now, changes=changes)
        self._know(digest, found[0], found[1])
        self._seen[digest] = (now, found)
        if len(self._seen) > _MOST_SEEN:
            del self._seen[next(iter(self._seen))]

    def _admit(
        self, connection: Connection, visit: Visit, digest: bytes, *, changes: bool, held: bool
    ) -> Provisioner:
        found = with_digest(connection, digest, held=held)
        now = self._clock()
        if found is None or found[0].expired(now):
            self._failed_tokens.count(visit.origin.peer)
            if (known := once_good(connection, digest, found, now)) is not None:
                visit.ended, visit.configuration = known
        else:
            visit.credential, visit.configuration, _ = found
        return admitted(found, visit.asked, visit.origin, now, changes=changes)

    def _let_in(self, visit: Visit) -> None:
        """What is noted of them; nobody waits for it."""
        if (credential := visit.credential) is None:
            return
        now = self._clock()
        assert visit.configuration is not None
        self._know(visit.digest, credential, visit.configuration)
        if is_stale(credential.last_used_at, now):
            used = {credential.id, credential.shown_id}
            self._database.write_later(
                lambda unit: scim_credential.touch(unit.connection, used, now)
            )

    def _know(
        self, digest: bytes, credential: ScimCredential, configuration: ScimConfiguration
    ) -> None:
        if digest not in self._known and len(self._known) >= _MOST_SEEN:
            del self._known[next(iter(self._known))]
        self._known[digest] = (credential, configuration)
        whose.set(_party(credential))

    def _digest(self, visit: Visit) -> bytes:
        """From here on the visitor waits for their organization's turn."""
        try:
            digest = visit.digest
        except Unauthenticated:
            self._failed_tokens.count(visit.origin.peer)
            raise
        if (credential := visit.credential) is None and digest in self._known:
            credential, _ = self._known[digest]
        if credential is not None:
            whose.set(_party(credential))
        return digest


def _party(credential: ScimCredential) -> Party:
    return Party(credential.organization_id, credential.shown_id)


def once_good(
    connection: Connection, digest: bytes, found: Found | None, now: datetime
) -> tuple[EndedToken, ScimConfiguration] | None:
    """Whose a credential is that lets nobody in any more, be it `found` still or not: for their administrators, not for its bearer."""
    known = scim_token.known(connection, digest, now)
    return known if known is not None or found is None else (expired(found[0]), found[1])
