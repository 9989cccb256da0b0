"""Whoever has much to do keeps nobody else waiting for a database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial

import postgres
import pytest
from orgplane_server.fairness import Party, whose
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite

MANY = 100
PATIENCE = 20

#: Asks the database for a function, and does not wait.
Ask = Callable[[Callable[[], None]], "asyncio.Task[None]"]


@pytest.fixture
async def database(database_url: str, postgresql_server: str) -> AsyncIterator[Database]:
    """With one thread that writes, and one for long queries."""
    if not is_sqlite(database_url):
        database_url = postgres.new_database(postgresql_server)
    database = Database.open(database_url, connections=2)
    yield database
    await database.aclose()


@pytest.fixture(params=["changes", "long queries"])
def ask(request: pytest.FixtureRequest, database: Database) -> Ask:
    async def asked(work: Callable[[], None]) -> None:
        if request.param == "changes":
            await database.write(lambda unit: work())
        else:
            await database.read(lambda _: work(), long=True)

    return lambda work: asyncio.create_task(asked(work))


async def served(ask: Ask, asked: list[Party]) -> list[tuple[Party, int]]:
    """What was asked for while the thread was busy, by its number, in the order in which it was done then."""
    order: list[tuple[Party, int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    tasks = [ask(hold)]
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    for number, party in enumerate(asked):
        before = whose.set(party)
        tasks.append(ask(partial(order.append, (party, number))))
        whose.reset(before)
    await asyncio.sleep(0)  # all have asked
    await asyncio.sleep(0)  # and it has been handed over
    go_on.set()
    await asyncio.gather(*tasks)
    return order


async def test_what_another_organization_asked_for_is_among_the_next(ask: Ask) -> None:
    """And what one credential asked for is done in its order."""
    sync, other = Party("acme", "a provider"), Party("globex", "an administrator")
    order = await served(ask, [*[sync] * MANY, other, other])
    assert [party for party, _ in order[:4]] == [sync, other, sync, other]
    assert [number for party, number in order if party == sync] == list(range(MANY))


async def test_whose_change_comes_meanwhile_is_answered_before_the_rest_is_done(
    database: Database,
) -> None:
    begun, go_on, answered = (threading.Event() for _ in range(3))

    def hold() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    def rest() -> None:
        assert answered.wait(PATIENCE)

    def ask(work: Callable[[], None]) -> asyncio.Task[None]:
        return asyncio.create_task(database.write(lambda unit: work()))

    before = whose.set(Party("acme", "a provider"))
    sync = [ask(work) for work in (hold, lambda: None, rest, rest)]
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    whose.set(Party("globex", "an administrator"))
    other = ask(lambda: None)
    whose.reset(before)
    await asyncio.sleep(0)  # it has asked
    await asyncio.sleep(0)  # and it has been handed over
    go_on.set()
    await other
    answered.set()
    await asyncio.gather(*sync)
