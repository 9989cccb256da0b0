"""Events of an organization in one order, without a gap: read from any place, or told as they come.

Nothing is kept for whoever watches: a watch is a place in the audit trail, and reads on from there when
it was woken and its reader has taken what it was given. However slow the reader, it holds one page.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from ..domain import audit
from ..domain.audit import AuditEvent, AuditFilter
from ..domain.caller import Caller, Permission
from ..domain.errors import Reason, ResourceExhausted, Unavailable
from ..domain.identifier import OrganizationId, UserId
from ..store import audit as store
from ..store.database import Database
from .authentication import Authentication
from .cursors import Cursors

#: Seconds after which a watch that has nothing to tell says so.
DEFAULT_HEARTBEAT = 30.0
#: Watches at once, of one process and of one user in it.
MAX_WATCHERS = 1000
MAX_WATCHERS_OF_USER = 50

_PAGE = 100
#: Events that are looked at for one filtered list, however few of them pass.
_WINDOW = 1000
_EVERYTHING = AuditFilter()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some events in order, the cursor of the place behind them, and whether there is more behind it."""

    events: Sequence[AuditEvent]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The watch lives; the cursor is of the place it has reached."""

    cursor: str


class Events:
    """Events of the caller's organization; administrators only."""

    def __init__(
        self,
        database: Database,
        authentication: Authentication,
        cursors: Cursors,
        *,
        heartbeat: float = DEFAULT_HEARTBEAT,
        max_watchers: int = MAX_WATCHERS,
        max_watchers_of_user: int = MAX_WATCHERS_OF_USER,
    ) -> None:
        self._database = database
        self._authentication = authentication
        self._cursors = cursors
        self._heartbeat = heartbeat
        self._max_watchers = max_watchers
        self._max_watchers_of_user = max_watchers_of_user
        self._watchers: Counter[UserId] = Counter()
        self._stopping = False

    @property
    def watchers(self) -> int:
        """How many watches there are in this process."""
        return self._watchers.total()

    def drain(self) -> None:
        """The server stops: watches end, and no new one begins."""
        self._stopping = True
        self._database.wake_followers()

    def cursor(self, event: AuditEvent) -> str:
        """The cursor of the place behind an event."""
        return self._cursors.of(event.organization_id, event.sequence)

    async def list(
        self,
        caller: Caller,
        cursor: str,
        limit: int,
        narrowed: AuditFilter = _EVERYTHING,
        *,
        newest_first: bool = False,
    ) -> Stretch:
        """Up to `limit` events behind a place, perhaps fewer although there is more.

        Without a cursor from the oldest on. With `newest_first` those before the place, or from the newest
        back. Raises OutOfRange when events behind the place were purged.
        """
        caller.require(Permission.READ_AUDIT_LOG)
        organization = caller.organization_id
        place = self._cursors.place(organization, cursor)
        settled = await self._database.read(store.settled)
        window = limit + 1 if narrowed == _EVERYTHING else _WINDOW
        if newest_first:
            place = settled if place is None else place
            found = await self._preceding(organization, place, window)
            end = 0
        else:
            found = await self._following(organization, place, settled, window)
            end = max(place or 0, settled)
        events: list[AuditEvent] = []
        for event in found:
            if len(events) == limit:
                break
            place = event.sequence - newest_first
            if narrowed.passes(event):
                events.append(event)
        else:
            if len(found) < window:
                return Stretch(events, self._cursors.of(organization, end), more=False)
        return Stretch(events, self._cursors.of(organization, place or 0), more=True)

    async def watch(
        self, caller: Caller, cursor: str, any_of: Sequence[AuditFilter] = ()
    ) -> AsyncIterator[AuditEvent | Heartbeat]:
        """The events behind a place (without a cursor: from now on) that pass one filter, for ever.

        A heartbeat first, and then when nothing else was told for a while. Raises OutOfRange when events
        behind the place that the reader has reached were purged, ResourceExhausted when there are too many
        watches, Unavailable when the server stops, and what `Authentication` raises, or PermissionDenied,
        as soon as the caller may no longer watch.
        """
        caller.require(Permission.READ_AUDIT_LOG)
        organization = caller.organization_id
        begin = self._cursors.place(organization, cursor)
        with self._counted(caller.user_id):
            async with self._database.following(organization) as follower:
                place = follower.settled if begin is None else begin
                behind = begin is not None
                due = 0.0
                while True:
                    if self._stopping:
                        raise Unavailable(
                            "the server is stopping; watch again", reason=Reason.SERVER_STOPPING
                        )
                    caller = await self._authentication.renew(caller)
                    caller.require(Permission.READ_AUDIT_LOG)
                    settled = follower.settled
                    events: Sequence[AuditEvent] = ()
                    if behind or follower.grown > place:
                        events = await self._following(organization, place, settled, _PAGE)
                    if not events:
                        place = max(place, settled)
                    if _now() >= due:
                        yield Heartbeat(self._cursors.of(organization, place))
                        due = _now() + self._heartbeat
                    for event in events:
                        if not any_of or any(narrowed.passes(event) for narrowed in any_of):
                            yield event
                            due = _now() + self._heartbeat
                    behind = len(events) == _PAGE
                    if events:
                        place = events[-1].sequence if behind else max(place, settled)
                    if not behind:
                        await follower.wait(due - _now())

    async def _following(
        self, organization: OrganizationId, place: int | None, until: int, limit: int
    ) -> Sequence[AuditEvent]:
        """Events behind a place, or from the oldest on. Raises OutOfRange when some were purged."""
        purged, found = await self._database.read(
            lambda connection: (
                store.purged(connection),
                store.following(connection, organization, place or 0, until, limit),
            )
        )
        if place is not None and place < purged:
            raise audit.purged()
        return found

    async def _preceding(
        self, organization: OrganizationId, place: int, limit: int
    ) -> Sequence[AuditEvent]:
        return await self._database.read(
            lambda connection: store.preceding(connection, organization, place, limit)
        )

    @contextlib.contextmanager
    def _counted(self, user: UserId) -> Iterator[None]:
        if self.watchers >= self._max_watchers:
            raise ResourceExhausted(
                "the server has too many watches", reason=Reason.TOO_MANY_WATCHERS
            )
        if self._watchers[user] >= self._max_watchers_of_user:
            raise ResourceExhausted(
                "the user has too many watches already", reason=Reason.TOO_MANY_WATCHERS
            )
        self._watchers[user] += 1
        try:
            yield
        finally:
            self._watchers[user] -= 1
            if not self._watchers[user]:
                del self._watchers[user]


def _now() -> float:
    return asyncio.get_running_loop().time()
