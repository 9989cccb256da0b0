"""Statements on the driver do what SQLAlchemy would, with its types and its errors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.organization import Organization
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.statement import Statement
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.organization import organizations, table
from orgplane_server.usecases.minting import new_id

ALL = Statement(
    sa.select(*organizations.columns)
    .where(table.c.name == sa.bindparam("name"))
    .order_by(table.c.id)
)


def organization(name: str) -> Organization:
    now = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)
    id = OrganizationId(new_id())
    return Organization(
        id, name, ("ünï.example", "b.example"), now, now + timedelta(microseconds=1)
    )


@contextmanager
def observed() -> Iterator[list[str]]:
    """Somebody watches every statement, as tracing does; their texts."""
    seen: list[str] = []

    def note(_1: object, _2: object, text: str, _3: object, _4: object, _5: object) -> None:
        seen.append(text)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def test_rows_are_the_same_whether_somebody_watches_or_not(database: Database) -> None:
    new = organization("Acme 100% %(name)s ?")
    await database.write(lambda unit: unit.run(organizations.inserting(new)))
    parameters = {"name": new.name}
    direct = await database.read(lambda connection: ALL.all(connection, parameters))
    with observed() as seen:
        watched = await database.read(lambda connection: ALL.all(connection, parameters))
    assert any("FROM organization" in text for text in seen)
    assert direct == watched == [tuple(getattr(new, each.name) for each in fields(new))]


async def test_a_statement_runs_for_each_set_of_values(database: Database) -> None:
    names = [each.name for each in fields(Organization)]
    insert = Statement(sa.insert(table), names)
    several = [organization("Many") for _ in range(3)]

    def change(unit: UnitOfWork) -> None:
        insert.run(
            unit.connection,
            *({name: getattr(one, name) for name in names} for one in several),
        )

    await database.write(change)
    found = await database.read(lambda connection: ALL.all(connection, {"name": "Many"}))
    assert [row[0] for row in found] == sorted(one.id for one in several)


@pytest.mark.parametrize("watched", [False, True])
async def test_a_broken_constraint_is_sqlalchemys_error_without_the_values(
    database: Database, watched: bool
) -> None:
    new = organization("Secret name")
    await database.write(lambda unit: unit.run(organizations.inserting(new)))
    with observed() if watched else nullcontext(), pytest.raises(sa.exc.IntegrityError) as caught:
        await database.write(lambda unit: unit.run(organizations.inserting(new)))
    assert "INSERT INTO organization" in str(caught.value)
    assert "ünï" not in str(caught.value)


async def test_an_undone_change_undoes_direct_statements_too(
    database: Database, clock: SettableClock
) -> None:
    def change(unit: UnitOfWork) -> None:
        unit.run(organizations.inserting(organization("Gone")))
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(change)
    assert await database.read(lambda connection: ALL.all(connection, {"name": "Gone"})) == []


async def test_changes_that_wait_share_one_commit(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/orgplane.db")
    started, go_on, commits = threading.Event(), threading.Event(), 0

    def watch(connection: Any, _record: object) -> None:
        connection.set_trace_callback(count)

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    def block(unit: UnitOfWork) -> None:
        started.set()
        go_on.wait(60)

    sa.event.listen(database._write_engine, "connect", watch)
    first = asyncio.ensure_future(database.write(block))
    assert await asyncio.to_thread(started.wait, 60)
    waiting = [
        asyncio.ensure_future(
            database.write(lambda unit: unit.run(organizations.inserting(organization("One"))))
        )
        for _ in range(50)
    ]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, *waiting)
    assert commits == 2
    await database.aclose()
