"""New SQLite databases for tests: copies of one that was migrated once, which takes half a second of a processor."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from orgplane_server.store.engine.database import Database


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
