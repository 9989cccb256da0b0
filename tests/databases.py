"""New SQLite databases for tests, copies of one that was made once, which takes a fifth of a second of a processor; and broken ones."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import sqlalchemy as sa
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork


def new_sqlite(folder: Path) -> str:
    """The URL of a database that has today's schema and nothing in it."""
    (folder / "orgplane.db").write_bytes(_migrated())
    return f"sqlite:///{folder}/orgplane.db"


@functools.cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "orgplane.db")
        Database.open(f"sqlite:///{file}").close()
        return file.read_bytes()


@contextlib.asynccontextmanager
async def without_table(database: Database, name: str) -> AsyncIterator[None]:
    """The database lacks it for a while."""

    async def rename(old: str, new: str) -> None:
        def change(unit: UnitOfWork) -> None:
            unit.connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

        await database.write(change)

    await rename(name, "elsewhere")
    try:
        yield
    finally:
        await rename("elsewhere", name)
