"""Posts events to webhook endpoints, whichever process does so at the time."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from .. import fairness
from ..domain.errors import OrgplaneError
from ..domain.identifier import WebhookDeliveryId, WebhookEndpointId
from ..domain.instant import Clock
from ..domain.webhook_delivery import WebhookDelivery
from ..domain.webhook_endpoint import ToldEndpoint, WebhookProgress
from ..store import webhook_delivery as deliveries
from ..store import webhook_endpoint as store
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from .webhook_attempt import WebhookAttempts
from .webhook_line import WebhookLine

#: What another process has changed of endpoints is looked for so often, and whether one that led is gone.
_EVERY_SECONDS = 1.0
#: What came of deliveries is written this long after it is known, at once for all.
_GATHERED_SECONDS = 0.05
#: Deliveries that may wait for that.
_MOST = 1000

log = structlog.get_logger(__name__)


class Ledger:
    """What came of deliveries, and how far endpoints have come: written together, so that neither says more than the other.

    Until then, whoever takes over delivers once more.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._deliveries: dict[WebhookDeliveryId, WebhookDelivery] = {}
        self._lines: dict[WebhookEndpointId, Callable[[], WebhookProgress]] = {}
        self._writing = asyncio.Lock()
        self._noted = asyncio.Event()

    @property
    def behind(self) -> bool:
        """Whether so much waits to be written that no more should come."""
        return len(self._deliveries) > _MOST

    def note(
        self,
        endpoint: WebhookEndpointId,
        progress: Callable[[], WebhookProgress],
        *changed: WebhookDelivery,
    ) -> None:
        """`progress` is asked when it is written."""
        self._lines[endpoint] = progress
        for each in changed:
            self._deliveries[each.id] = each
        self._noted.set()

    async def write(self) -> None:
        """All that was noted before. Raises Unavailable: then it is written another time."""
        async with self._writing:
            self._noted.clear()
            lines, self._lines = self._lines, {}
            noted, self._deliveries = self._deliveries, {}
            reached = {id: progress() for id, progress in lines.items()}

            def change(unit: UnitOfWork) -> None:
                ids = {*reached, *(each.endpoint_id for each in noted.values())}
                there = store.held(unit.connection, ids)
                kept = [each for each in noted.values() if each.endpoint_id in there]
                unit.write(
                    *deliveries.putting(kept),
                    *store.moving({id: reached[id] for id in there & reached.keys()}),
                )

            try:
                if reached:
                    await self._database.write(change)
            except BaseException:
                self._lines = {**lines, **self._lines}
                self._deliveries = {**noted, **self._deliveries}
                self._noted.set()
                raise

    async def run(self) -> None:
        """Writes for ever."""
        while True:
            await self._noted.wait()
            await asyncio.sleep(_GATHERED_SECONDS)
            try:
                await self.write()
            except OrgplaneError:  # which is logged where it arises
                await asyncio.sleep(_EVERY_SECONDS)


class WebhookSender:
    """One process posts to all endpoints; when it is gone another goes on where it was.

    While there is no endpoint nothing is done but to look for one now and then.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        attempts: WebhookAttempts,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._clock = clock
        self._attempts = attempts
        self._chance = chance
        self._ledger = Ledger(database)
        self._lead = database.lead("webhooks")
        self._lines: dict[WebhookEndpointId, tuple[WebhookLine, asyncio.Task[None]]] = {}
        self._writing: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def leads(self) -> bool:
        """Whether this process is the one that posts."""
        return self._writing is not None

    def wake(self) -> None:
        """Endpoints have changed. For any thread, and once too often does no harm."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._woken.set)

    async def deliver(self) -> None:
        """Posts all that is due by the clock, as if no other process did.

        All there is to it: `run` does the same without an end. So a test moves its clock and calls this; what came of it is on
        record when it returns.
        """
        found = await self._database.read(store.active)
        lines = [self._line(each) for each in found]
        await asyncio.gather(*(line.run(for_ever=False) for line in lines))
        await self._ledger.write()

    async def run(self) -> None:
        """Posts for ever, while this process is the one that does."""
        fairness.whose.set(fairness.Party())
        self._loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            try:
                await self._follow()
            except OrgplaneError:
                pass  # the database was unavailable, which was logged; another time
            except Exception as error:
                log.error("cannot post to webhook endpoints", exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _EVERY_SECONDS)

    async def aclose(self) -> None:
        """Writes what is known, and leaves the rest to other processes, or to another time."""
        await self._rest()
        await self._attempts.aclose()

    async def _follow(self) -> None:
        """Posts to the endpoints that there are now, if this process leads, and no longer to others."""
        found = await self._database.read(store.active)
        if not found or not await asyncio.to_thread(self._lead.held):
            await self._rest(keeps_asking=bool(found))
            return
        if self._writing is None:
            log.info("posting to webhook endpoints", endpoints=len(found))
            self._writing = asyncio.create_task(self._ledger.run())
        active = {each.endpoint.id: each for each in found}
        # One that was changed begins anew: disabled and enabled meanwhile, it is to be tried at once.
        over = [
            id
            for id, (line, task) in self._lines.items()
            if id not in active or task.done() or line.endpoint != active[id].endpoint
        ]
        if over:
            await self._stop(*over)
            await self._ledger.write()
            # Those that are to begin anew do so where they are by that.
            active = {each.endpoint.id: each for each in await self._database.read(store.active)}
        for id, told in active.items():
            if id not in self._lines:
                line = self._line(told)
                self._lines[id] = line, asyncio.create_task(self._kept(line.run()))

    def _line(self, told: ToldEndpoint) -> WebhookLine:
        return WebhookLine(
            *(self._database, self._clock, self._attempts, self._ledger, told, self._chance)
        )

    async def _kept(self, running: Coroutine[Any, Any, None]) -> None:
        """What goes wrong with one endpoint is tried again from its place, with the next look at all of them."""
        try:
            await running
        except OrgplaneError:
            pass  # logged where it arose
        except Exception as error:
            log.error("cannot post to a webhook endpoint", exc_info=error)

    async def _stop(self, *ids: WebhookEndpointId) -> None:
        tasks = [self._lines.pop(id)[1] for id in ids]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _rest(self, *, keeps_asking: bool = False) -> None:
        await self._stop(*self._lines)
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
            with contextlib.suppress(OrgplaneError):
                await self._ledger.write()
        if not keeps_asking:
            await asyncio.to_thread(self._lead.close)
