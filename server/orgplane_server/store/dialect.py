"""Every difference between the databases we run on."""

from __future__ import annotations

import sqlite3
from types import ModuleType
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.pool import QueuePool, StaticPool

from ..domain.errors import Unavailable

try:  # a SQLite without the WAL-reset bug, where a wheel of it exists
    from pysqlite3 import dbapi2 as _pysqlite3  # type: ignore[import-untyped]
except ImportError:  # pragma: no cover
    _pysqlite3 = sqlite3

driver: ModuleType = _pysqlite3

log = structlog.get_logger(__name__)

#: https://sqlite.org/wal.html, "The WAL-Reset Bug": fixed in these and in everything from 3.51.3.
_WAL_RESET_FIXED = {(3, 44, 6), (3, 50, 7)}

#: Primary result codes (https://sqlite.org/rescode.html) of troubles that are not the request's fault.
_TROUBLE = {
    5: "busy",
    6: "locked",
    8: "read-only",
    10: "input/output error",
    11: "corrupt",
    13: "disk full",
    14: "cannot open",
    26: "not a database",
}


def sqlite_engine(path: str | None, *, writes: bool, connections: int = 1) -> sa.Engine:
    """An engine on the file at `path`, or on a new database in memory.

    A writing engine takes the write lock when its transaction begins; a reading one refuses to write.
    A commit is on the disk when it returns (WAL, synchronous=FULL).
    """
    pool: dict[str, Any] = (
        {"poolclass": StaticPool}
        if path is None
        else {"poolclass": QueuePool, "pool_size": connections, "max_overflow": 0}
    )
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=path or ":memory:"),
        module=driver,
        connect_args={"check_same_thread": False, "timeout": 10.0},
        hide_parameters=True,
        **pool,
    )

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-65536",
            f"query_only={int(not writes)}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def warn_of_known_bugs() -> None:
    """Logs a warning when the SQLite in use may corrupt a database that two processes write."""
    version = driver.sqlite_version_info
    if version < (3, 51, 3) and not any(
        version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_RESET_FIXED
    ):
        log.warning(
            "this SQLite has the WAL-reset bug: no other program may write the database file",
            sqlite_version=driver.sqlite_version,
        )


def unavailable(error: sa.exc.DBAPIError) -> Unavailable | None:
    """What the caller is told when the database, not the request, is the trouble; else None."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in _TROUBLE:
        return None
    log.error(
        "database unavailable",
        cause=_TROUBLE[code & 0xFF],
        error=str(error.orig),
        code=getattr(error.orig, "sqlite_errorname", code),
    )
    return Unavailable("the database is unavailable, try again later")
