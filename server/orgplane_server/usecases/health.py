"""Whether this process should be sent work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import structlog

from ..domain.errors import OrgplaneError
from ..store.engine.database import Database
from ..store.organization import exists_any

log = structlog.get_logger(__name__)

#: How long the database may take to answer, in seconds: less than probes usually wait.
_PATIENCE = 2.0


class Health:
    """Ready while the database answers in time and the server is `fit`, until it begins to stop."""

    def __init__(
        self,
        database: Database,
        patience: float = _PATIENCE,
        fit: Callable[[], bool] = lambda: True,
    ) -> None:
        self._fit = fit
        self._database = database
        self._patience = patience
        self._draining = asyncio.Event()
        self._asked: asyncio.Task[bool] | None = None
        self._asked_at = 0.0

    def drain(self) -> None:
        """The server stops: from now on it is not ready, and watchers are told."""
        self._draining.set()

    async def ready(self) -> bool:
        """Whoever asks while the database is being asked gets that answer: it hangs for one only."""
        if self._draining.is_set() or not self._fit():
            return False
        now = asyncio.get_running_loop().time()
        if self._asked is None or self._asked.done():
            self._asked, self._asked_at = asyncio.create_task(self._answers()), now
        asked = self._asked
        left = self._asked_at + self._patience - now
        answered, _ = await asyncio.wait({asked}, timeout=max(left, 0))
        return bool(answered) and asked.result()

    async def watch(self, heartbeat: float) -> AsyncIterator[bool]:
        """`ready` now and then at least every `heartbeat` seconds; ends after the False of a drain."""
        while not self._draining.is_set():
            yield await self.ready()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(heartbeat):
                    await self._draining.wait()
        yield False

    async def _answers(self) -> bool:
        try:
            await self._database.read(exists_any)
        except OrgplaneError:
            return False
        except Exception as error:  # a table is gone, for one
            log.error("the database cannot be asked", cause=str(error).partition("\n")[0])
            return False
        return True
