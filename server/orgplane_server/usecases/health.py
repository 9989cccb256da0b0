"""Whether this process should be sent work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from ..domain.errors import OrgplaneError
from ..store.database import Database
from ..store.organization import exists_any


class Health:
    """Ready while the database answers, until the server begins to stop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._draining = asyncio.Event()

    def drain(self) -> None:
        """The server stops: from now on it is not ready, and watchers are told."""
        self._draining.set()

    async def ready(self) -> bool:
        if self._draining.is_set():
            return False
        try:
            await self._database.read(exists_any)
        except OrgplaneError:
            return False
        return True

    async def watch(self, heartbeat: float) -> AsyncIterator[bool]:
        """`ready` now and then at least every `heartbeat` seconds; ends after the False of a drain."""
        while not self._draining.is_set():
            yield await self.ready()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(heartbeat):
                    await self._draining.wait()
        yield False
