"""SQLite: one file, one writer."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import quote

import sqlalchemy as sa
import structlog
from sqlalchemy.pool import NullPool, StaticPool

from . import inotify
from .dialect import Condition, Dialect, Ear, Lead
from .driver import connection_of, execute
from .file_lock import FileLead, lock_file

try:  # a SQLite without the WAL-reset bug, where a wheel of it exists
    from pysqlite3 import dbapi2 as _pysqlite3  # type: ignore[import-untyped]
except ImportError:  # pragma: no cover
    _pysqlite3 = sqlite3

driver: ModuleType = _pysqlite3

log = structlog.get_logger(__name__)


class Sqlite(Dialect):
    """A file, or a database in memory (`path` is None), which is one connection."""

    #: https://sqlite.org/wal.html, "The WAL-Reset Bug": fixed in these and in everything from 3.51.3.
    _WAL_RESET_FIXED = frozenset({(3, 44, 6), (3, 50, 7)})
    #: Primary result codes (https://sqlite.org/rescode.html) of troubles that are not the request's fault.
    _TROUBLE: ClassVar = {
        5: "busy",
        6: "locked",
        8: "read-only",
        10: "input/output error",
        11: "corrupt",
        13: "disk full",
        14: "cannot open",
        26: "not a database",
    }

    def __init__(self, path: str | None) -> None:
        self.path = path
        self.shared = path is not None

    def begin(self, *, writes: bool) -> str:
        """A transaction that writes takes the write lock at once."""
        return "BEGIN IMMEDIATE" if writes else "BEGIN"

    def engine(self, *, writes: bool) -> sa.Engine:
        """A database in memory is its one connection (else WAL, synchronous=FULL)."""
        if writes and self.path is not None:
            _make_private(self.path)
        engine = sa.create_engine(
            "sqlite://",
            module=driver,
            creator=self.connect,
            hide_parameters=True,
            poolclass=StaticPool if self.path is None else NullPool,
        )

        @sa.event.listens_for(engine, "connect")
        def configure(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                # Little at a time, and what it moves is still in the processor's cache.
                "wal_autocheckpoint=256",
                "foreign_keys=ON",
                "cache_size=-4096",  # KiB, of each connection; the system keeps the rest of the file
                f"query_only={int(not writes)}",
            ):
                connection.execute(f"PRAGMA {pragma}")

        @sa.event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            if not connection_of(connection).in_transaction:  # in that of a `Session` it is
                execute(connection, self.begin(writes=writes))

        return engine

    def connect(self, mode: str = "rw") -> Any:
        """The driver's own; with `ro` for reading only. Never makes a file in place of one that is gone."""
        name = ":memory:" if self.path is None else f"file:{quote(self.path)}?mode={mode}"
        return driver.connect(name, uri=True, check_same_thread=False, timeout=10.0)

    @contextlib.contextmanager
    def migrating(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        with engine.connect() as connection:
            # A batch ALTER drops and renames tables. SQLite hears this outside of transactions only, and
            # SQLAlchemy would begin one.
            driver_connection: Any = connection.connection.driver_connection
            driver_connection.execute("PRAGMA foreign_keys=OFF")
            before = driver_connection.total_changes
            try:
                with connection.begin():
                    yield connection
                    if driver_connection.total_changes == before:
                        return  # the check reads the whole file, which takes long at each start
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if broken:
                        raise RuntimeError(f"migration left {len(broken)} dangling references")
            finally:
                driver_connection.execute("PRAGMA foreign_keys=ON")

    @contextlib.contextmanager
    def ear(self) -> Iterator[Ear]:
        if self.path is None:
            yield _Deaf()
            return
        with (
            contextlib.closing(self.connect()) as connection,
            inotify.touches(lock_file(Path(self.path))) as touches,
        ):
            connection.isolation_level = None
            yield _DataVersion(connection, touches)

    @contextlib.contextmanager
    def voice(self) -> Iterator[Callable[[], None]]:
        def touch() -> None:
            if self.path is not None:
                os.utime(lock_file(Path(self.path)))

        yield touch

    def lead(self, what: str) -> Lead:
        return FileLead(None if self.path is None else Path(f"{self.path}.{what}.lock"))

    def condition(self, connection: sa.Connection) -> Condition:
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
        needed = () if self.path is None else (Path(self.path), Path(self.path).absolute().parent)
        lacks = tuple(
            f"{each} cannot be written" for each in needed if not os.access(each, os.W_OK)
        )
        return Condition(f"SQLite {version}", lacks=lacks)

    def trouble(self, error: sa.exc.DBAPIError) -> str | None:
        code = getattr(error.orig, "sqlite_errorcode", None)
        return None if code is None else self._TROUBLE.get(code & 0xFF)

    def warn_of_known_bugs(self) -> None:
        """Logs a warning when the SQLite in use may corrupt a database that two processes write."""
        version = driver.sqlite_version_info
        if version < (3, 51, 3) and not any(
            version[:2] == fixed[:2] and version >= fixed for fixed in self._WAL_RESET_FIXED
        ):
            log.warning(
                "this SQLite has the WAL-reset bug: no other program may write the database file",
                sqlite_version=driver.sqlite_version,
            )


def _make_private(path: str) -> None:
    """SQLite would make a file that others may read; what it makes beside it is like the file.

    One that is there is not touched: closing it would end the locks that this process has on it.
    """
    with contextlib.suppress(OSError):  # opening the database says better what is wrong
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


class _Deaf(Ear):
    """A database in memory has no other process."""

    def heard(self) -> bool:
        return False


class _DataVersion(Ear):
    """SQLite counts, for each connection, the commits by others that it can see: 5 microseconds to ask.

    Processes of ours touch the lock file as well; other programs, and other systems than Linux, are heard by asking.
    """

    interval = 0.05

    def __init__(self, connection: sqlite3.Connection, touches: int | None) -> None:
        self._connection = connection
        self.file = touches
        self._seen = self._version()

    def heard(self) -> bool:
        if self.file is not None:
            inotify.forget(self.file)
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
