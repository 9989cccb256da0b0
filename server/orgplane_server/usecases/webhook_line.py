"""What is posted to one endpoint: each resource's events in order, those of different resources beside each other."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from ..domain import webhook_delivery, webhook_endpoint
from ..domain.audit import AuditEvent, Subject
from ..domain.errors import OrgplaneError
from ..domain.identifier import AuditEventId, WebhookDeliveryId, WebhookEndpointId
from ..domain.instant import Clock
from ..domain.operator import Operator
from ..domain.webhook_delivery import RETRIED, Attempt, State, WebhookDelivery
from ..domain.webhook_endpoint import ToldEndpoint, WebhookProgress
from ..store import audit
from ..store import webhook_delivery as deliveries
from ..store.engine.database import Connection, Database, Follower
from ..store.engine.unit_of_work import UnitOfWork
from ..store.webhook_endpoint import webhook_endpoints
from . import saving
from .minting import new_id
from .webhook_attempt import WebhookAttempts

#: Requests to an endpoint at a time, while it takes what it gets; one that does not is asked by one alone.
AT_ONCE = 16
#: Events that are read at a time, and how many are known at most: beyond that, what comes waits in the trail.
_PAGE = 100
MOST_KNOWN = 1000
#: How long a line sleeps at most.
_LONGEST_SECONDS = 3600.0
#: And one that cannot be worked on.
_REST_SECONDS = 1.0
#: And while much waits to be written.
_BEHIND_SECONDS = 0.1
#: What is on its way gets so long to end when the line does.
_GRACE_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Notes(Protocol):
    """`Ledger`."""

    @property
    def behind(self) -> bool: ...

    def note(
        self,
        endpoint: WebhookEndpointId,
        progress: Callable[[], WebhookProgress],
        *changed: WebhookDelivery,
    ) -> None: ...


@dataclass(slots=True)
class _Item:
    """`event` is None if it is to be read anew; `noted` says whether the delivery is on record, as it waits."""

    delivery: WebhookDelivery
    event: AuditEvent | None
    noted: bool = False


@dataclass(slots=True)
class _Chain:
    """What there is to deliver of one resource, in order. While the first waits for another attempt, all `waits`."""

    items: deque[_Item] = field(default_factory=deque)
    waits: bool = False


class WebhookLine:
    """All for one endpoint, as it is at one time.

    What cannot be delivered is noted, with all that is behind it, so that the line's place among the events goes on past it.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        attempts: WebhookAttempts,
        notes: Notes,
        told: ToldEndpoint,
        chance: Callable[[], float],
    ) -> None:
        self.endpoint = told.endpoint
        self._database = database
        self._clock = clock
        self._attempts = attempts
        self._notes = notes
        self._chance = chance
        self._place = told.progress.sequence
        self._succeeded_at = told.progress.succeeded_at
        self._failing_since = told.progress.failing_since
        self._chains: dict[UUID, _Chain] = {}
        self._known = 0
        #: Events noted before, by whichever process, that may come up once more, as its place was before them.
        self._noted: set[AuditEventId] = set()
        #: Sequences of events that are neither delivered nor noted, in order.
        self._open: dict[int, None] = {}
        self._ready: deque[_Chain] = deque()
        self._due: list[tuple[datetime, int, _Chain]] = []
        self._count = itertools.count()
        self._running: set[asyncio.Task[None]] = set()
        self._follower: Follower | None = None
        self._behind = True
        self._disabled = False

    async def run(self, *, for_ever: bool = True) -> None:
        """Posts until it is cancelled or the endpoint disabled; else until nothing is due.

        Raises Unavailable if the database is.
        """
        organization = self.endpoint.organization_id
        try:
            async with self._database.following(audit.TRAIL, organization) as follower:
                self._follower = follower
                await self._load()
                while not self._disabled:
                    more = await self._read(follower)
                    self._wake_due()
                    self._start()
                    if more and not self._full:
                        continue
                    if not for_ever and not self._running and not self._ready:
                        return
                    await follower.wait(self._seconds_left())
        finally:
            if self._running:  # which would come once more
                await asyncio.wait(self._running, timeout=_GRACE_SECONDS)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def progress(self) -> WebhookProgress:
        place = next(iter(self._open)) - 1 if self._open else self._place
        return WebhookProgress(place, self._succeeded_at, self._failing_since)

    @property
    def _full(self) -> bool:
        return self._known >= MOST_KNOWN or self._notes.behind

    async def _load(self) -> None:
        """What was noted before, by whichever process."""
        id = self.endpoint.id
        for each in await self._database.read(lambda c: deliveries.pending(c, id)):
            chain = self._chain(each.subject_id)
            chain.items.append(_Item(each, None, noted=True))
            self._known += 1
            if each.sequence > self._place:
                self._noted.add(each.event_id)
        for chain in self._chains.values():
            self._wait(chain, chain.items[0].delivery.next_attempt_at or self._clock())

    async def _read(self, follower: Follower) -> bool:
        """Takes up events that have come; whether there may be more."""
        if self._full:
            return False
        settled = follower.settled
        if not self._behind and follower.grown <= self._place:
            self._place = max(self._place, settled)
            return False
        organization, place = self.endpoint.organization_id, self._place

        def query(connection: Connection) -> list[AuditEvent]:
            return audit.following(connection, organization, place, settled, _PAGE)

        # Several endpoints of an organization read on from one place, mostly.
        same = ("webhooks", organization, place, settled)
        found = await self._database.read(query, same=same)
        for event in found:
            self._place = event.sequence
            if event.id not in self._noted and self.endpoint.wants(event):
                self._take_up(event)
        self._behind = len(found) == _PAGE
        if not self._behind:
            self._place = max(self._place, settled)
        if found:
            self._note()
        return self._behind

    def _take_up(self, event: AuditEvent) -> None:
        id = WebhookDeliveryId(new_id())
        item = _Item(webhook_delivery.new(id, self.endpoint.id, event, self._clock()), event)
        chain = self._chain(event.subject_id)
        chain.items.append(item)
        self._known += 1
        if chain.waits:
            self._put_behind(item)
        else:
            self._open[event.sequence] = None
            if len(chain.items) == 1:
                self._ready.append(chain)

    def _chain(self, subject: UUID) -> _Chain:
        return self._chains.setdefault(subject, _Chain())

    def _wait(self, chain: _Chain, until: datetime) -> None:
        chain.waits = True
        heapq.heappush(self._due, (until, next(self._count), chain))

    def _put_behind(self, item: _Item) -> None:
        """Notes what waits for an earlier one."""
        item.noted, item.event = True, None
        self._open.pop(item.delivery.sequence, None)
        self._note(item.delivery)

    def _wake_due(self) -> None:
        now = self._clock()
        while self._due and self._due[0][0] <= now:
            _, _, chain = heapq.heappop(self._due)
            chain.waits = False
            self._ready.append(chain)

    def _seconds_left(self) -> float:
        if self._notes.behind:
            return _BEHIND_SECONDS
        if not self._due:
            return _LONGEST_SECONDS
        left = (self._due[0][0] - self._clock()).total_seconds()
        return min(max(left, 0.0), _LONGEST_SECONDS)

    def _start(self) -> None:
        most = AT_ONCE if self._failing_since is None else 1
        while self._ready and len(self._running) < most:
            task = asyncio.create_task(self._deliver(self._ready.popleft()))
            self._running.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._follower is not None:
            self._follower.wake()

    async def _deliver(self, chain: _Chain) -> None:
        """The first of a chain, once."""
        item = chain.items[0]
        try:
            event = item.event or await self._event(item.delivery)
            if event is None:
                now = self._clock()
                self._over(chain, webhook_delivery.failed(item.delivery, _NOT_KEPT, now))
                return
            attempt = await self._attempts.post(self.endpoint, event)
            await self._settle(chain, item, attempt)
        except Exception as error:
            # Nothing is known of it, so it is tried again, as if it had not been.
            if not isinstance(error, OrgplaneError):  # which is logged where it arises
                log.error(
                    "cannot post an event", event_id=str(item.delivery.event_id), exc_info=error
                )
            await asyncio.sleep(_REST_SECONDS)
            self._ready.append(chain)

    async def _event(self, delivery: WebhookDelivery) -> AuditEvent | None:
        return await self._database.read(
            lambda c: audit.find(c, delivery.organization_id, delivery.event_id)
        )

    async def _settle(self, chain: _Chain, item: _Item, attempt: Attempt) -> None:
        now = self._clock()
        after = webhook_delivery.tried(item.delivery, attempt, now, self._chance())
        if attempt.delivered:
            self._succeeded_at, self._failing_since = now, None
            self._over(chain, after)
            return
        self._failing_since = self._failing_since or now
        if attempt.gone:
            await self._disable("it answers 410 Gone", now)
        elif after.state is State.FAILED:
            assert after.tried_since is not None, "it was tried"
            if self._succeeded_at is not None and self._succeeded_at >= after.tried_since:
                # The endpoint is well, and this one event is not to its taste.
                self._over(chain, after)
                return
            await self._disable(f"it has taken nothing for {RETRIED.days} days", now)
        if self._disabled or after.state is State.FAILED:
            after = webhook_delivery.put_off(after, now)
        item.delivery, item.event, item.noted = after, None, True
        self._open.pop(after.sequence, None)
        self._note(after)
        for other in itertools.islice(chain.items, 1, None):
            if not other.noted:
                self._put_behind(other)
        assert after.next_attempt_at is not None, "it is pending"
        self._wait(chain, after.next_attempt_at)

    def _over(self, chain: _Chain, ended: WebhookDelivery) -> None:
        """The first of a chain is delivered, or has failed; the next may be."""
        chain.items.popleft()
        self._known -= 1
        self._open.pop(ended.sequence, None)
        self._note(ended)
        if chain.items:
            self._ready.append(chain)
        else:
            del self._chains[ended.subject_id]

    def _note(self, *changed: WebhookDelivery) -> None:
        self._notes.note(self.endpoint.id, self.progress, *changed)

    async def _disable(self, because: str, now: datetime) -> None:
        """Raises Unavailable if the database is."""
        id, organization = self.endpoint.id, self.endpoint.organization_id

        def change(unit: UnitOfWork) -> None:
            before = webhook_endpoints.lock(unit.connection, organization, id)
            if before is not None and before.enabled:
                after = webhook_endpoint.disabled(before, because, now)
                operator, subject = Operator(organization), Subject.WEBHOOK_ENDPOINT
                saving.update(unit, operator, webhook_endpoints, subject, before, after)

        await self._database.write(change)
        self._disabled = True
        log.warning(
            "a webhook endpoint is disabled",
            organization=str(organization),
            endpoint=str(id),
            because=because,
        )


_NOT_KEPT = "the event is no longer kept"
