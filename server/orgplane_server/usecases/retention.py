from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from ..domain.errors import OrgplaneError
from ..domain.instant import Clock
from ..store import audit
from ..store.database import Database

#: Events that one transaction deletes, and the rest that follows it, in seconds.
_BATCH = 500
_REST = 0.05
#: How often what has grown old is looked for, at least; and at most.
_LONGEST_WAIT = 3600.0
_SHORTEST_WAIT = 1.0

log = structlog.get_logger(__name__)


class Retention:
    """Forgets events of the audit trail that are older than `keep`: those of every organization."""

    def __init__(self, database: Database, clock: Clock, keep: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._keep = keep

    async def purge(self) -> int:
        """Forgets what is too old by now, a little at a time; how many events."""
        total = 0
        before = self._clock() - self._keep
        while True:
            purged = await self._database.write(
                lambda unit: audit.purge(unit.connection, before, _BATCH)
            )
            total += purged
            if purged < _BATCH:
                return total
            await asyncio.sleep(_REST)

    async def run(self) -> None:
        """Purges again and again, for ever."""
        wait = min(_LONGEST_WAIT, max(_SHORTEST_WAIT, self._keep.total_seconds() / 24))
        while True:
            try:
                if purged := await self.purge():
                    log.info("old audit events purged", events=purged)
            except OrgplaneError:
                pass  # the database was unavailable, which was logged; another time
            except Exception as error:
                log.error("cannot purge old audit events", exc_info=error)
            await asyncio.sleep(wait)
