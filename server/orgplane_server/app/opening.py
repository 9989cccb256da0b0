"""Opening the database that the settings name, or making it; never in place of one that has gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..settings import Settings
from ..store.engine import DEFAULT_CONNECTIONS
from ..store.engine.database import Database
from ..store.engine.database_url import sqlite_path
from ..store.engine.file_lock import lock_file
from . import secret_key


class DatabaseMissing(Exception):
    """There is no database and none is made; the text names it, says why and what to do."""


def open_database(
    settings: Settings,
    *,
    connections: int = DEFAULT_CONNECTIONS,
    migrated: bool = True,
    opening: Callable[..., Database] = Database.open,
) -> Database:
    """As `Database.open`, or what takes its place. Raises DatabaseMissing, and secret_key.SecretKeyError for a key that is none."""
    refuse_missing(settings)
    return opening(settings.database_url, connections, migrated=migrated)


def refuse_missing(settings: Settings) -> None:
    """Raises DatabaseMissing if the file is not there and something of it is, or its folder is not."""
    name = sqlite_path(settings.database_url)
    if name is None:
        return
    file = Path(name).absolute()
    if _holds_something(file):
        return
    if not file.parent.is_dir():
        raise DatabaseMissing(f"cannot make the database {file}: there is no folder {file.parent}")
    left = [each for each in (lock_file(file), Path(f"{file}-wal")) if each.exists()]
    if file.exists():  # one that is being made
        left.clear()
    key = secret_key.path(settings)
    if key is not None and secret_key.is_of_a_database(key):
        left.append(key.absolute())
    # Last: another server that starts at this moment makes the database before all of these.
    if left and not _holds_something(file):
        there = " and ".join(map(str, left))
        are, them = ("are", "them") if len(left) > 1 else ("is", "it")
        raise DatabaseMissing(
            f"the database {file} is {'empty' if file.exists() else 'missing'}, but {there} of an earlier one "
            f"{are} there: put the database back or restore a backup (orgplane-server restore FILE); to begin with an empty database, move "
            f"{them} away"
        )


def _holds_something(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:  # opening it says better what is wrong
        return False
