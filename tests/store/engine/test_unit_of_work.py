"""What a change writes is there for what follows in it, whenever it travels."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.organization import Organization
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.engine.statement import Statement, together
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.organization import organizations
from orgplane_server.usecases.minting import new_id

ANSWER = Statement(sa.select(sa.cast(sa.bindparam("value"), sa.Integer)))
DIVISION = Statement(sa.select(sa.literal(1).op("/")(sa.bindparam("value", type_=sa.Integer))))


def organization(name: str) -> Organization:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    return Organization(OrganizationId(new_id()), name, (), now, now)


def renamed(one: Organization, name: str) -> Organization:
    return dataclasses.replace(one, name=name)


async def test_what_is_written_is_seen_by_what_follows(database: Database) -> None:
    one = organization("One")

    def change(unit: UnitOfWork) -> Organization | None:
        unit.run(organizations.inserting(one))
        unit.write(organizations.updating(one.id, one, renamed(one, "Two")))
        return organizations.find(unit.connection, one.id, one.id)

    found = await database.write(change)
    assert found is not None
    assert found.name == "Two"


async def test_what_is_written_last_is_kept(database: Database) -> None:
    one = organization("One")

    def change(unit: UnitOfWork) -> None:
        unit.run(organizations.inserting(one))
        unit.write(organizations.updating(one.id, one, renamed(one, "Two")))

    await database.write(change)
    found = await database.read(lambda c: organizations.find(c, one.id, one.id))
    assert found is not None
    assert found.name == "Two"


async def test_what_is_written_before_an_error_is_undone(database: Database) -> None:
    one = organization("One")
    await database.write(lambda unit: unit.run(organizations.inserting(one)))

    def change(unit: UnitOfWork) -> None:
        unit.write(organizations.updating(one.id, one, renamed(one, "Two")))
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(change)
    assert await database.read(lambda c: organizations.find(c, one.id, one.id)) == one


async def test_a_statement_that_fails_at_the_end_undoes_the_change(database: Database) -> None:
    """Its error may come with the commit; then nothing is committed."""
    one, two = organization("One"), organization("Two")
    await database.write(lambda unit: unit.run(organizations.inserting(one)))

    def change(unit: UnitOfWork) -> None:
        unit.run(organizations.inserting(two))
        unit.write((organizations._insert, organizations._values(one)))

    with pytest.raises(sa.exc.IntegrityError):
        await database.write(change)
    assert await database.read(lambda c: organizations.find(c, two.id, two.id)) is None
    await database.write(lambda unit: unit.run(organizations.inserting(two)))


async def test_statements_together_give_the_rows_of_the_last(database: Database) -> None:
    rows = await database.read(
        lambda c: together(c, *((ANSWER, {"value": number}) for number in range(3)))
    )
    assert [tuple(row) for row in rows] == [(2,)]


async def test_thousands_of_statements_travel_together(database: Database) -> None:
    """More than fits into the buffers of either side."""
    many = [organization("x" * 2_000) for _ in range(3_000)]
    await database.write(
        lambda unit: together(
            unit.connection,
            *((organizations._insert, organizations._values(one)) for one in many),
        )
    )
    last = many[-1]
    assert await database.read(lambda c: organizations.find(c, last.id, last.id)) == last


async def test_a_failure_among_statements_leaves_the_connection_usable(
    database: Database, database_url: str
) -> None:
    if is_sqlite(database_url):
        pytest.skip("SQLite divides by zero")

    def change(unit: UnitOfWork) -> None:
        together(
            unit.connection, *((DIVISION, {"value": value}) for value in (1, 0, 1)), commit=True
        )

    for _ in range(5):  # on each of the few connections
        with pytest.raises(sa.exc.DataError, match="division by zero"):
            await database.write(change)
    one = organization("One")
    await database.write(lambda unit: unit.run(organizations.inserting(one)))
    assert await database.read(lambda c: organizations.find(c, one.id, one.id)) == one


async def test_text_that_the_database_cannot_hold_leaves_the_connection_usable(
    database: Database, database_url: str
) -> None:
    if is_sqlite(database_url):
        pytest.skip("SQLite holds any text")
    for _ in range(5):
        with pytest.raises(sa.exc.DataError):
            await database.write(
                lambda unit: unit.run(organizations.inserting(organization("a\0b")))
            )
    one = organization("One")
    await database.write(lambda unit: unit.run(organizations.inserting(one)))


async def test_queries_that_share_a_snapshot_fail_each_for_itself(database: Database) -> None:
    one = organization("One")
    await database.write(lambda unit: unit.run(organizations.inserting(one)))

    def broken(connection: sa.Connection) -> None:
        connection.execute(sa.text("SELECT nothing FROM nowhere"))

    def angry(connection: sa.Connection) -> None:
        raise KeyError("mine")

    answers = await asyncio.gather(
        *(
            database.read(query)
            for query in [
                lambda c: organizations.find(c, one.id, one.id),
                broken,
                angry,
            ]
            * 20
        ),
        return_exceptions=True,
    )
    for good, bad, worse in zip(answers[::3], answers[1::3], answers[2::3], strict=True):
        assert good == one
        assert isinstance(bad, sa.exc.DBAPIError)
        assert isinstance(worse, KeyError)


async def test_queries_called_the_same_are_one_while_they_wait(
    database: Database, database_url: str
) -> None:
    readers = 2 if database_url.startswith("sqlite:///") else 1
    started, go_on, asked = threading.Semaphore(0), threading.Event(), 0

    def block(connection: sa.Connection) -> None:
        started.release()
        go_on.wait(60)

    def query(connection: sa.Connection) -> int:
        nonlocal asked
        asked += 1
        return asked

    def another(connection: sa.Connection) -> str:
        return "another"

    blocked = [asyncio.ensure_future(database.read(block)) for _ in range(readers)]
    for _ in blocked:
        assert await asyncio.to_thread(started.acquire, timeout=60)
    alike = [asyncio.ensure_future(database.read(query, same="token")) for _ in range(20)]
    other = asyncio.ensure_future(database.read(another, same="another"))
    await asyncio.sleep(0)
    alike[0].cancel()
    alike[7].cancel()
    go_on.set()
    answers = await asyncio.gather(*alike, return_exceptions=True)
    assert [answer for answer in answers if not isinstance(answer, BaseException)] == [1] * 18
    assert await other == "another"
    await asyncio.gather(*blocked)
    assert await database.read(query, same="token") == 2  # what has begun is not joined


async def test_a_query_that_several_wait_for_fails_for_each(database: Database) -> None:
    def broken(connection: sa.Connection) -> None:
        raise KeyError("mine")

    answers = await asyncio.gather(
        *(database.read(broken, same="x") for _ in range(10)), return_exceptions=True
    )
    assert all(isinstance(answer, KeyError) for answer in answers)
