from __future__ import annotations

from ..domain.census import SOON, Census
from ..domain.instant import Clock
from ..store import census
from ..store.engine.database import Database


class Censuses:
    """Counts what there is, over all organizations, for the operator alone."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def take(self) -> Census:
        """As it is now, by one query. Raises Unavailable if the database is."""
        now = self._clock()
        return await self._database.read(
            lambda connection: census.taken(connection, now, now + SOON), same=Censuses
        )
