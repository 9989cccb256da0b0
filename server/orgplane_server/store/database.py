"""When and in which transaction queries and changes run.

The event loop never touches a cursor: a query or a change is a plain function that runs whole on one of
the database's threads, in one transaction, while the loop awaits it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
import structlog

from ..domain.errors import Reason, Unavailable
from . import dialect, migrate
from .unit_of_work import UnitOfWork

T = TypeVar("T")
Query = Callable[[sa.Connection], T]
Change = Callable[[UnitOfWork], T]

#: Work beyond this many waiting changes, or queries, is refused.
MAX_WAITING = 4096
_READERS = 2
_FILE_LOCK_TIMEOUT = 10.0

log = structlog.get_logger(__name__)


class DatabaseURLError(ValueError):
    """The database URL names nothing that we can open."""


class Database:
    """SQLite: one writer, so changes never conflict; readers see the last commit.

    Several processes may have one file open. They take turns at writing through a lock on the file
    `<path>.lock`, because SQLite's own waiting lets one starve the other. Awaiting a change that was
    cancelled before its turn undoes it; after that, it stands or falls as a whole.
    """

    def __init__(self, path: str | None) -> None:
        if path is not None:
            _make_private(path)
        self._write_engine = dialect.sqlite_engine(path, writes=True)
        self._writer = _Worker("store-write", 1)
        if path is None:  # one connection is the whole database
            self._read_engine, self._reader = self._write_engine, self._writer
        else:
            self._read_engine = dialect.sqlite_engine(path, writes=False, connections=_READERS)
            self._reader = _Worker("store-read", _READERS)
        self._turn = contextlib.nullcontext if path is None else FileLock(Path(f"{path}.lock")).held

    @classmethod
    def open(cls, url: str) -> Database:
        """The database at `sqlite:///file.db` or, in memory, `sqlite://`; its schema is brought up to date.

        Raises DatabaseURLError for any other URL, migrate.SchemaTooNew when a newer program was here
        before, and Unavailable when the file cannot be opened or written.
        """
        database = cls(sqlite_path(url))
        try:
            database.migrate()
        except BaseException:
            database._dispose()
            raise
        return database

    def migrate(self) -> str:
        """Applies what is missing of the schema's history; the revision that it is at then."""
        with _translated(), self._turn():
            return migrate.upgrade(self._write_engine)

    async def read(self, query: Query[T]) -> T:
        """The answer to a query, over one snapshot. Raises Unavailable if the database is."""
        return await self._reader.run(self._read, query)

    async def write(self, change: Change[T]) -> T:
        """Runs a change in a transaction of its own and answers when it is durable.

        Any exception rolls it back and is raised. Raises Unavailable if the database is.
        """
        return await self._writer.run(self._write, change)

    def write_later(self, change: Change[None]) -> None:
        """Runs a change that nobody waits for and that may be lost; its failure is only logged."""
        self._writer.submit(self._write, change).add_done_callback(_log_failure)

    async def close(self) -> None:
        """Finishes the changes that wait, then closes. Closing twice is fine."""
        await asyncio.to_thread(self._dispose)

    def _dispose(self) -> None:
        self._writer.close()
        self._reader.close()
        self._read_engine.dispose()
        self._write_engine.dispose()

    def _read(self, query: Query[T]) -> T:
        with _translated(), self._read_engine.begin() as connection:
            return query(connection)

    def _write(self, change: Change[T]) -> T:
        with _translated(), self._turn(), self._write_engine.begin() as connection:
            unit = UnitOfWork(connection)
            value = change(unit)
            unit.flush()
            return value


def sqlite_path(url: str) -> str | None:
    """The file that a `sqlite:` URL names; None for a database in memory."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseURLError(
            "not a database URL; expected for example sqlite:///file.db"
        ) from None
    if parsed.get_backend_name() != "sqlite":
        raise DatabaseURLError(
            f"{parsed.get_backend_name()}: databases are not supported; expected sqlite:///file.db"
        )
    return None if parsed.database in (None, "", ":memory:") else parsed.database


class FileLock:
    """Turns between processes. Within one process, only one thread may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Raises Unavailable if others keep the lock for 10 seconds."""
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                log.error(
                    "database unavailable", cause="cannot open the lock file", error=str(error)
                )
                raise Unavailable("the database is unavailable, try again later") from error
        self._acquire(self._descriptor)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _acquire(self, descriptor: int) -> None:
        deadline = time.monotonic() + _FILE_LOCK_TIMEOUT
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    log.error("database unavailable", cause="another process keeps the file locked")
                    raise Unavailable("the database is busy, try again later") from None
                time.sleep(0.001)


class _Worker:
    """Threads with a bounded queue in front of them."""

    def __init__(self, name: str, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, name)
        self._waiting = 0

    def submit(
        self, function: Callable[[Callable[..., T]], T], work: Callable[..., T]
    ) -> Future[T]:
        if self._waiting >= MAX_WAITING:
            log.error("database overloaded", waiting=self._waiting)
            raise Unavailable("the server is overloaded, try again later", reason=Reason.OVERLOADED)
        self._waiting += 1
        future = self._executor.submit(function, work)
        future.add_done_callback(self._done)
        return future

    def run(
        self, function: Callable[[Callable[..., T]], T], work: Callable[..., T]
    ) -> Awaitable[T]:
        return asyncio.wrap_future(self.submit(function, work))

    def close(self) -> None:
        self._executor.shutdown()

    def _done(self, _future: Future[T]) -> None:
        self._waiting -= 1


def _make_private(path: str) -> None:
    """SQLite would make a file that others may read; what it makes beside it is like the file."""
    with contextlib.suppress(OSError):  # opening the database says better what is wrong
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        if (unavailable := dialect.unavailable(error)) is not None:
            raise unavailable from error
        raise


def _log_failure(future: Future[None]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.warning("a change that nobody waited for failed", exc_info=error)
