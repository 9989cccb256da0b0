"""What happens when an organization begins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from clock import SettableClock
from orgplane_server.domain.errors import FailedPrecondition
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Foundation, Founded


@pytest.fixture
async def another(database: Database, database_url: str) -> AsyncIterator[Database]:
    """The same database, opened as another process would."""
    opened = Database.open(database_url, connections=3)
    yield opened
    await opened.aclose()


async def test_of_many_that_want_to_be_the_first_at_once_one_is(
    database: Database, another: Database, clock: SettableClock
) -> None:
    async def found(where: Database) -> Founded | None:
        foundation = Foundation(where, clock)
        try:
            return await foundation.create("Demo", "ada@demo.example", demo=True)
        except FailedPrecondition:
            return None

    founded = await asyncio.gather(*(found(where) for where in (database, another) * 4))
    assert len([each for each in founded if each is not None]) == 1
