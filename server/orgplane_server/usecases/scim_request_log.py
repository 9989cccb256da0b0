"""Keeps the requests of identity providers, off their path: written soon after they were answered."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from ..domain.errors import OrgplaneError
from ..domain.identifier import ScimConfigurationId
from ..domain.instant import Clock
from ..domain.scim_request import DEFAULT_MAXIMUM, DEFAULT_RETENTION, ScimRequest
from ..domain.scim_token import EndedToken
from ..fairness import Party, whose
from ..store import scim_request as store
from ..store import scim_token
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork

#: Requests that one transaction writes, or deletes.
_BATCH = 500
#: After how many requests of a configuration it is looked for what is too many.
_PURGE_EVERY = 200
#: Requests that wait for a database that is unavailable; later ones are lost.
_MAX_WAITING = 20_000
_RETRY_SECONDS = 1.0
#: What a request waits for company, so that not each takes a transaction: providers send one at a time.
_GATHER_SECONDS = 0.05
#: What a reader waits at most for the requests that were answered before.
_SETTLE_SECONDS = 2.0

log = structlog.get_logger(__name__)

#: A request, and the token it bore if that has ended.
_Noted = tuple[ScimRequest, EndedToken | None]


class ScimRequestLog:
    """The requests of the last `retention`, and at most about `maximum` of each configuration.

    What is older is deleted by `Retention`, what is too many here, as only new requests make it so.

    A request that is `note`d is written with all others that wait, soon, or as soon as somebody wants
    to read. While the database is unavailable they wait.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        retention: timedelta = DEFAULT_RETENTION,
        maximum: int = DEFAULT_MAXIMUM,
    ) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention
        self._maximum = maximum
        self._waiting: list[_Noted] = []
        self._writing: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._closing = asyncio.Event()
        self._since_purge: dict[ScimConfigurationId, int] = {}

    @property
    def oldest(self) -> datetime:
        """What came before this is not kept, whether it has been deleted yet or not."""
        return self._clock() - self._retention

    def note(self, request: ScimRequest, ended: EndedToken | None = None) -> None:
        """To be called from the event loop; returns at once.

        A request that bore an `ended` token is kept only if none was in the minute before, anywhere.
        """
        if ended is not None:
            if not ended.worth_a_line(request.received_at):
                return
            ended = replace(ended, refused_at=request.received_at)
        if len(self._waiting) >= _MAX_WAITING:
            log.error(
                "a SCIM request is missing from the log",
                organization=str(request.organization_id),
                request_id=request.request_id,
            )
            return
        self._waiting.append((request, ended))
        if self._writing is None or self._writing.done():
            self._wanted.clear()
            self._writing = asyncio.create_task(self._write())

    async def settle(self) -> None:
        """Waits until what was noted before is written, but not for long."""
        if self._writing is not None:
            self._wanted.set()
            await asyncio.wait({self._writing}, timeout=_SETTLE_SECONDS)

    async def aclose(self) -> None:
        """Writes what waits, if the database can; to be called before that is closed."""
        self._closing.set()
        self._wanted.set()
        if self._writing is not None:
            await self._writing
        if self._waiting:
            log.error("SCIM requests are missing from the log", requests=len(self._waiting))

    async def _write(self) -> None:
        whose.set(Party())  # and not who asked first
        while self._waiting:
            if len(self._waiting) < _BATCH and not self._closing.is_set():
                await _at_most(_GATHER_SECONDS, self._wanted)
            batch = self._waiting[:_BATCH]
            try:
                await self._insert(batch)
            except OrgplaneError:  # unavailable, as the store has logged
                if self._closing.is_set():
                    return
                await _at_most(_RETRY_SECONDS, self._closing)
                continue
            except Exception as error:
                log.error("SCIM requests cannot be kept", requests=len(batch), exc_info=error)
            del self._waiting[: len(batch)]
            for request, _ in batch:
                configuration = request.scim_configuration_id
                # One that is new to this process is looked at after its first request.
                count = self._since_purge.get(configuration, _PURGE_EVERY)
                self._since_purge[configuration] = count + 1
            if not self._waiting:
                with contextlib.suppress(OrgplaneError):  # another time then
                    await self._purge_if_due()

    async def _insert(self, batch: list[_Noted]) -> None:
        refused = [ended for _, ended in batch if ended is not None]

        def change(unit: UnitOfWork) -> None:
            # By identity: two requests may be of one moment.
            kept = set(map(id, scim_token.refuse(unit, refused)))
            store.insert(
                unit, (request for request, ended in batch if ended is None or id(ended) in kept)
            )

        await self._database.write(change)

    async def _purge_if_due(self) -> None:
        for configuration, count in list(self._since_purge.items()):
            if count >= _PURGE_EVERY:
                await self._purge_surplus(configuration)

    async def _purge_surplus(self, configuration: ScimConfigurationId) -> None:
        self._since_purge[configuration] = 0
        while (
            await self._database.write(
                lambda unit: store.purge_surplus(
                    unit.connection, configuration, self._maximum, _BATCH
                )
            )
            == _BATCH
        ):
            pass


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    """Waits for an event, but not longer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
