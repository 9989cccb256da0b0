"""Whether the server should be sent work, also while its database hangs."""

from __future__ import annotations

import asyncio
import threading

import pytest
import sqlalchemy as sa
from databases import without_table
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.health import Health
from processes import PATIENCE


class Hanging:
    """Keeps every thread that queries, until it is over; counts the queries of the health check."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
        self.over = threading.Event()
        self.asked = 0
        read = database.read

        def hangs(connection: sa.Connection) -> None:
            self.over.wait(PATIENCE)

        def counted(*arguments: object) -> object:
            self.asked += 1
            return read(*arguments)  # type: ignore[arg-type]

        self.queries = [asyncio.ensure_future(read(hangs)) for _ in range(4)]
        monkeypatch.setattr(database, "read", counted)


async def test_a_database_that_hangs_is_asked_once_and_not_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health(database, patience=0.05)
    hanging = Hanging(monkeypatch, database)
    for _ in range(2):
        assert await asyncio.gather(*(health.ready() for _ in range(20))) == [False] * 20
    assert hanging.asked == 1
    hanging.over.set()
    await asyncio.gather(*hanging.queries)


async def test_2_seconds_are_what_a_database_gets(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = Hanging(monkeypatch, database)
    loop = asyncio.get_running_loop()
    health = Health(database)
    asking = asyncio.ensure_future(health.ready())
    begun = loop.time()
    await asyncio.sleep(0)
    with monkeypatch.context() as later:
        later.setattr(loop, "time", lambda: begun + 2.01)
        assert not await asking
    hanging.over.set()
    await asyncio.gather(*hanging.queries)
    assert await health.ready()


async def test_a_database_that_lacks_a_table_is_not_ready(database: Database) -> None:
    health = Health(database)
    async with without_table(database, "organization"):
        assert not await health.ready()
    assert await health.ready()
