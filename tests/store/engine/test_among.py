"""A statement about some ids finds the same whatever their number, with few different statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.organization import Organization
from orgplane_server.store.engine.among import Among
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.organization import organizations, table
from orgplane_server.usecases.minting import new_id
from query_plans import statements

NAMED = sa.select(table.c.id).where(table.c.name == sa.bindparam("name")).order_by(table.c.id)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def organization(name: str) -> Organization:
    return Organization(OrganizationId(new_id()), name, (), NOW, NOW)


async def made(database: Database, number: int, name: str = "Acme") -> list[OrganizationId]:
    new = [organization(name) for _ in range(number)]
    await database.write(lambda unit: unit.write(*map(organizations.inserting, new)))
    return [each.id for each in new]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 8, 9, 700])
async def test_the_rows_of_these_ids_and_no_others(database: Database, number: int) -> None:
    among = Among(NAMED, table.c.id)
    ids = await made(database, number)
    await made(database, 1)
    strangers = await made(database, 1, "Globex")
    for asked in (ids, [*ids, *strangers, OrganizationId(new_id())]):
        found = await database.read(
            lambda c, asked=asked: among.all(c, asked, {"name": "Acme"})  # type: ignore[misc]
        )
        assert found == [(id,) for id in sorted(ids)]


async def test_statements_are_few(database: Database) -> None:
    among = Among(NAMED, table.c.id)
    ids = await made(database, 70)
    with statements() as seen:
        for number in range(1, 71):
            await database.read(lambda c, n=number: among.all(c, ids[:n], {"name": "Acme"}))  # type: ignore[misc]
    assert len(seen) == 8  # for 1, 2, 4, ... and 128 ids


async def test_rows_are_deleted_too(database: Database) -> None:
    among = Among(sa.delete(table).where(table.c.name == sa.bindparam("name")), table.c.id)
    ids = await made(database, 5)
    kept = await made(database, 1, "Globex")
    calls = among.calls([*ids, *kept], {"name": "Acme"})
    await database.write(lambda unit: unit.run(*calls))
    left = await database.read(lambda c: c.execute(sa.select(table.c.id)).scalars().all())
    assert left == kept


async def test_an_update_names_what_differs_alone(database: Database) -> None:
    (id,) = await made(database, 1)

    def change(unit: UnitOfWork) -> None:
        before = organizations.lock(unit.connection, id, id)
        assert before is not None
        after = replace(before, name="New", updated_at=NOW + timedelta(seconds=1))
        organizations.update(unit.connection, id, before, after)
        organizations.update(unit.connection, id, after, after)

    with statements() as seen:
        await database.write(change)
    (update,) = (text for text in seen if text.startswith("UPDATE"))
    assert "name" in update
    assert "updated_at" in update
    assert "invite_domains" not in update
    assert "created_at" not in update
    found = await database.read(lambda c: organizations.find(c, id, id))
    assert found is not None
    assert (found.name, found.updated_at) == ("New", NOW + timedelta(seconds=1))
