"""Events in one order, without a gap: read from any place, or told as they come."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass

from ..domain import audit
from ..domain.audit import AuditEvent, AuditFilter
from ..domain.caller import Caller, Permission
from ..domain.identifier import OrganizationId
from ..store import audit as store
from ..store.engine.database import Database
from .cursors import Cursors
from .watch import Watcher, Watches

#: Events that are looked at for one filtered list, however few of them pass.
_WINDOW = 1000
EVERYTHING = AuditFilter()


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

    def __init__(self, database: Database, cursors: Cursors, watches: Watches) -> None:
        self._database = database
        self._cursors = cursors
        self._watches = watches

    def cursor(self, event: AuditEvent) -> str:
        """The cursor of the place behind an event."""
        return self._feed(event.organization_id).cursor(event)

    async def list(
        self,
        caller: Caller,
        cursor: str,
        limit: int,
        narrowed: AuditFilter = EVERYTHING,
        *,
        newest_first: bool = False,
    ) -> Stretch:
        """As `Feed.list`."""
        caller.require(Permission.READ_AUDIT_LOG)
        feed = self._feed(caller.organization_id)
        return await feed.list(cursor, limit, narrowed, newest_first=newest_first)

    async def watch(
        self, caller: Caller, cursor: str, any_of: Sequence[AuditFilter] = ()
    ) -> AsyncIterator[AuditEvent | Heartbeat]:
        """As `Feed.watch`, and raises PermissionDenied."""
        watcher = self._watches.member(caller, Permission.READ_AUDIT_LOG)
        feed = self._feed(caller.organization_id)
        async with contextlib.aclosing(feed.watch(self._watches, watcher, cursor, any_of)) as told:
            async for each in told:
                yield each

    def _feed(self, organization: OrganizationId) -> Feed:
        return Feed(self._database, self._cursors, f"events/{organization}", organization)


@dataclass(frozen=True, slots=True)
class Feed:
    """The events of an `organization`, or of all without one; `watched` is what their cursors are good for."""

    database: Database
    cursors: Cursors
    watched: str
    organization: OrganizationId | None

    def cursor(self, event: AuditEvent) -> str:
        """The cursor of the place behind an event."""
        return self.cursors.of(self.watched, event.sequence)

    async def list(
        self, cursor: str, limit: int, narrowed: AuditFilter, *, newest_first: bool
    ) -> Stretch:
        """Up to `limit` events behind a place, perhaps fewer although there is more.

        Without a cursor from the oldest on. With `newest_first` those before the place, or from the newest
        back. Raises OutOfRange when events behind the place were purged.
        """
        place = self.cursors.place(self.watched, cursor)
        settled = await self.database.read(store.TRAIL.settled)
        window = limit + 1 if narrowed == EVERYTHING else _WINDOW
        if newest_first:
            place = settled if place is None else place
            found = await self._preceding(place, window)
            end = 0
        else:
            found = await self._following(place, settled, window)
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
                return Stretch(events, self.cursors.of(self.watched, end), more=False)
        return Stretch(events, self.cursors.of(self.watched, place or 0), more=True)

    async def watch(
        self, watches: Watches, watcher: Watcher, cursor: str, any_of: Sequence[AuditFilter]
    ) -> AsyncGenerator[AuditEvent | Heartbeat, None]:
        """The events behind a place (without a cursor: from now on) that pass one filter, for ever.

        A heartbeat first, and then when nothing else was told for a while. Raises what `Watches.tell_watcher`
        does, and OutOfRange when events behind the place that the reader has reached were purged.
        """
        told = watches.tell_watcher(
            watcher,
            store.TRAIL,
            self.organization,
            self.cursors.place(self.watched, cursor),
            self._following,
            lambda event: not any_of or any(narrowed.passes(event) for narrowed in any_of),
        )
        async with contextlib.aclosing(told):
            async for place, event in told:
                yield event or Heartbeat(self.cursors.of(self.watched, place))

    async def _following(self, place: int | None, until: int, limit: int) -> Sequence[AuditEvent]:
        """Events behind a place, or from the oldest on. Raises OutOfRange when some were purged."""
        purged, found = await self.database.read(
            lambda connection: (
                store.purged(connection),
                store.following(connection, self.organization, place or 0, until, limit),
            )
        )
        if place is not None and place < purged:
            raise audit.purged()
        return found

    async def _preceding(self, place: int, limit: int) -> Sequence[AuditEvent]:
        return await self.database.read(
            lambda connection: store.preceding(connection, self.organization, place, limit)
        )
