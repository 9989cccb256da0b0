"""What PostgreSQL may do to a transaction: lose it, let it wait, set it against another one."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator
from urllib.parse import quote

import postgres
import pytest
import sqlalchemy as sa
from orgplane_server.domain.errors import Reason, Unavailable
from orgplane_server.store.engine import database as databases
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.driver import connection_of
from orgplane_server.store.engine.premise import Disproved, Premise, premise
from orgplane_server.store.engine.statement import Statement
from orgplane_server.store.engine.unit_of_work import UnitOfWork

CONNECTIONS = 6
PATIENCE = 60


@pytest.fixture(scope="module")
def url(postgresql_server: str) -> str:
    return postgres.new_database(postgresql_server)


def impatient(url: str, **settings: str) -> str:
    """The URL, with settings for each of its sessions."""
    options = quote(" ".join(f"-c {name}={value}" for name, value in settings.items()))
    return f"{url}{'&' if '?' in url else '?'}options={options}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """Has a table of two numbers, 1 and 2, which are 0."""
    database = Database.open(impatient(url, deadlock_timeout="50ms"), CONNECTIONS)
    await database.write(lambda unit: run(unit, "CREATE TABLE number (id int, value int)"))
    await database.write(lambda unit: run(unit, "INSERT INTO number VALUES (1, 0), (2, 0)"))
    yield database
    await database.write(lambda unit: run(unit, "DROP TABLE number"))
    await database.aclose()


def run(unit: UnitOfWork, statement: str) -> None:
    unit.connection.exec_driver_sql(statement)


def add(unit: UnitOfWork, id: int) -> None:
    run(unit, f"UPDATE number SET value = value + 1 WHERE id = {id}")


async def numbers(database: Database) -> list[int]:
    values = await database.read(
        lambda c: c.exec_driver_sql("SELECT value FROM number ORDER BY id").scalars().all()
    )
    return list(values)


async def backends(database: Database) -> int:
    """How many sessions the database has, this one's excepted."""
    return await database.read(
        lambda c: c.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).scalar_one()
    )


async def test_a_deadlock_is_repeated_until_both_are_through(database: Database) -> None:
    meeting = threading.Barrier(2)
    attempts: list[int] = []

    def change(first: int, second: int) -> databases.Change[None]:
        def both(unit: UnitOfWork) -> None:
            attempts.append(first)
            add(unit, first)
            if attempts.count(first) == 1:
                meeting.wait(PATIENCE)
            add(unit, second)

        return both

    await asyncio.gather(database.write(change(1, 2)), database.write(change(2, 1)))
    assert await numbers(database) == [2, 2]
    assert len(attempts) == 3


async def test_a_serialization_failure_is_repeated(database: Database) -> None:
    meeting = threading.Barrier(2)
    attempts: list[str] = []

    def change(name: str) -> databases.Change[None]:
        def strict(unit: UnitOfWork) -> None:
            attempts.append(name)
            run(unit, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            run(unit, "SELECT value FROM number")
            if attempts.count(name) == 1:
                meeting.wait(PATIENCE)
            add(unit, 1)

        return strict

    await asyncio.gather(database.write(change("a")), database.write(change("b")))
    assert await numbers(database) == [2, 0]
    assert len(attempts) == 3


async def test_a_premise_is_looked_at_again_when_a_query_is_repeated(database: Database) -> None:
    found = iter([True, False])
    held = Premise("key", lambda connection: next(found), bool)

    def lose(connection: sa.Connection) -> None:
        connection.exec_driver_sql(
            "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$"
        )

    before = premise.set(held)
    try:
        with pytest.raises(Disproved):
            await database.read(lose)
    finally:
        premise.reset(before)
    assert not held.confirmed


async def test_whoever_always_loses_is_unavailable_in_the_end(database: Database) -> None:
    attempts: list[None] = []

    def lose(unit: UnitOfWork) -> None:
        attempts.append(None)
        add(unit, 1)
        run(unit, "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")

    with pytest.raises(Unavailable):
        await database.write(lose)
    assert len(attempts) == 5
    assert await numbers(database) == [0, 0]


async def test_a_lock_that_does_not_get_free_is_unavailable(database: Database, url: str) -> None:
    locked, go_on = threading.Event(), threading.Event()

    def hold(unit: UnitOfWork) -> None:
        add(unit, 1)
        locked.set()
        go_on.wait(PATIENCE)

    holding = asyncio.ensure_future(database.write(hold))
    assert await asyncio.to_thread(locked.wait, PATIENCE)
    other = Database.open(impatient(url, lock_timeout="50ms"), 2)
    with pytest.raises(Unavailable):
        await other.write(lambda unit: add(unit, 1))
    go_on.set()
    await holding
    await other.write(lambda unit: add(unit, 1))
    await other.aclose()
    assert await numbers(database) == [2, 0]


async def test_a_statement_that_takes_too_long_is_unavailable(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    database = Database.open(impatient(url, statement_timeout="50ms"), 2)
    with pytest.raises(Unavailable):
        await database.read(lambda c: c.exec_driver_sql("SELECT pg_sleep(600)"))
    assert "a statement took too long" in capfd.readouterr().err
    await database.read(lambda c: c.exec_driver_sql("SELECT 1"))
    await database.aclose()


@pytest.mark.parametrize("settings", [{}, {"deadlock_timeout": "50ms"}])
async def test_every_session_is_bounded_whatever_the_url_adds(
    url: str, settings: dict[str, str]
) -> None:
    database = Database.open(impatient(url, **settings), 2)

    def bounds(connection: sa.Connection) -> list[str]:
        return [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "TimeZone",
            )
        ]

    assert await database.read(bounds) == ["10s", "5s", "30s", "UTC"]
    await database.aclose()


async def test_connections_that_died_at_rest_are_not_noticed(database: Database, url: str) -> None:
    await asyncio.gather(*(database.write(lambda unit: add(unit, 1)) for _ in range(8)))
    other = Database.open(url, 2)
    await other.write(kill_others)
    await other.aclose()
    await asyncio.gather(*(database.write(lambda unit: add(unit, 1)) for _ in range(8)))
    assert await numbers(database) == [16, 0]


def kill_others(unit: UnitOfWork) -> None:
    run(
        unit,
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


async def test_a_connection_lost_before_the_commit_is_repeated_once_done(
    database: Database,
) -> None:
    attempts: list[None] = []

    def change(unit: UnitOfWork) -> None:
        attempts.append(None)
        add(unit, 1)
        if len(attempts) == 1:
            run(unit, "SELECT pg_terminate_backend(pg_backend_pid())")

    await database.write(change)
    assert len(attempts) == 2
    assert await numbers(database) == [1, 0]


async def test_a_connection_lost_in_the_commit_is_not_repeated(database: Database) -> None:
    """It may have been written: whether to try again is for the caller to say."""
    await database.write(
        lambda unit: run(
            unit,
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON number
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()
            """,
        )
    )
    attempts: list[None] = []

    def change(unit: UnitOfWork) -> None:
        attempts.append(None)
        add(unit, 1)

    with pytest.raises(Unavailable):
        await database.write(change)
    assert len(attempts) == 1
    await database.write(lambda unit: run(unit, "DROP FUNCTION die() CASCADE"))


@pytest.mark.parametrize("prepared", [False, True])
async def test_a_connection_cut_under_the_last_statements_is_the_databases_trouble(
    database: Database, *, prepared: bool
) -> None:
    """Whether it is lost to what prepares them, or to what runs and commits them."""
    number = sa.table("number", sa.column("id", sa.Integer), sa.column("value", sa.Integer))
    setting = Statement(sa.update(number).where(number.c.id == sa.bindparam("this")), ["value"])
    attempts: list[None] = []

    def change(unit: UnitOfWork) -> None:
        attempts.append(None)
        if prepared:
            unit.run((setting, {"this": 2, "value": 0}))
        descriptor = connection_of(unit.connection).fileno()
        unit.write((setting, {"this": 1, "value": 7}))
        with socket.socket(fileno=os.dup(descriptor)) as line:
            line.shutdown(socket.SHUT_RD)

    with pytest.raises(Unavailable):
        await database.write(change)
    assert len(attempts) == 1
    await database.write(lambda unit: run(unit, "UPDATE number SET value = 0"))
    assert await numbers(database) == [0, 0]


async def test_connections_are_never_more_than_allowed(database: Database) -> None:
    seen: list[int] = []

    def change(unit: UnitOfWork) -> None:
        run(unit, "SELECT pg_sleep(0.02)")
        counting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        seen.append(unit.connection.exec_driver_sql(counting).scalar_one())

    queries = (backends(database) for _ in range(20))
    await asyncio.gather(*(database.write(change) for _ in range(60)), *queries)
    assert len(seen) == 60
    assert 1 < max(seen) <= CONNECTIONS


async def test_work_without_end_is_refused_not_collected(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "MAX_WAITING", 20)
    go_on = threading.Event()

    def wait(unit: UnitOfWork) -> None:
        go_on.wait(PATIENCE)

    waiting = [asyncio.ensure_future(database.write(wait)) for _ in range(20)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as caught:
        await database.write(lambda unit: add(unit, 1))
    assert caught.value.reason is Reason.OVERLOADED
    assert await numbers(database) == [0, 0]  # queries go on
    go_on.set()
    await asyncio.gather(*waiting)
    await database.write(lambda unit: add(unit, 1))
    assert await numbers(database) == [1, 0]
