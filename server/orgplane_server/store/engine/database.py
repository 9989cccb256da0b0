"""When and in which transaction queries and changes run.

The event loop never touches a cursor: a query or a change is a plain function that runs whole on one of
the database's threads, in one transaction, while the loop awaits it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
import structlog

from ... import interpreter
from ...domain.errors import Reason, Unavailable
from ...fairness import Party
from . import DEFAULT_CONNECTIONS, database_url, migrate
from .commits import Commits
from .database_file import DatabaseFile
from .dialect import Condition, Dialect, Lead
from .file_lock import FileLock, lock_file
from .group_commit import GroupCommit
from .job import Change, Job, Wanted
from .premise import Premise, premise
from .sqlite import Sqlite
from .trail import Trail
from .transactions import Snapshots, Transactions
from .wakeups import Follower, Wakeups
from .workers import Workers

__all__ = [
    "Change",
    "Connection",
    "Database",
    "Follower",
    "Lead",
    "Query",
]

Connection = sa.Connection

T = TypeVar("T")
Query = Callable[[sa.Connection], T]

#: Work beyond this many waiting changes, or queries, is refused.
MAX_WAITING = 4096
_SQLITE_READERS = 2
#: Queries that share a snapshot at most: the first waits for the last.
_SHARING = 16

log = structlog.get_logger(__name__)


class Database:
    """Queries see the last commit; changes happen whole, and are durable before they are answered.

    SQLite has one writer, whose transaction all waiting changes share. Several processes may have one
    file open: they take turns at writing through a lock on the file `<path>.lock`, because SQLite's own
    waiting lets one starve the other. On PostgreSQL each change is a transaction of its own, and some
    connections are kept for queries, so that these never wait for changes that wait for each other.
    """

    def __init__(self, dialect: Dialect, connections: int = DEFAULT_CONNECTIONS) -> None:
        self._dialect = dialect
        #: How many queries and changes were refused as too many waited.
        self.refused = 0
        self._wakeups = Wakeups(dialect, self.read)
        #: Queries that may be joined.
        self._asked: dict[Hashable, Job[Any]] = {}
        self._writer: GroupCommit | Transactions
        self._reader: Workers
        self._long_reader: Workers
        self._file: DatabaseFile | None = None
        self._lock: FileLock | None = None
        match dialect:
            case Sqlite(path=path):
                self._open_sqlite(dialect, path)
            case _:
                readers = max(1, connections // 3)
                writers = max(1, connections - readers)
                self._turn: Callable[[], contextlib.AbstractContextManager[None]] = (
                    contextlib.nullcontext
                )
                self._write_engine = dialect.engine(writes=True)
                self._read_engine = dialect.engine(writes=False)
                self._writer = Transactions(
                    "store-write", self._write_engine, dialect, writers, self._wakeups.announce
                )
                apart = readers > 1  # fewer do everything
                self._reader = self._long_reader = Snapshots(
                    "store-read", self._read_engine, dialect, readers - apart, most=_SHARING
                )
                if apart:
                    self._long_reader = Snapshots("store-long", self._read_engine, dialect, 1)

    def _open_sqlite(self, dialect: Sqlite, path: str | None) -> None:
        self._lock = None if path is None else FileLock(lock_file(Path(path)))
        self._turn = contextlib.nullcontext if self._lock is None else self._lock.held
        self._write_engine = dialect.engine(writes=True)
        if path is None:  # one connection is the whole database
            self._writer = GroupCommit(
                self._write_engine, dialect, self._turn, self._wakeups.announce
            )
            self._read_engine = self._write_engine
            self._reader = self._long_reader = self._writer
            return
        self._file = file = DatabaseFile(path, self._wakeups.wake_all_soon)
        self._writer = GroupCommit(
            self._write_engine, dialect, self._turn, self._wakeups.announce, file.look
        )
        self._read_engine = dialect.engine(writes=False)
        self._reader = Snapshots(
            "store-read",
            self._read_engine,
            dialect,
            _SQLITE_READERS,
            most=_SHARING,
            confirm=file.recall,
        )
        self._long_reader = Snapshots(
            "store-long", self._read_engine, dialect, 1, confirm=file.recall
        )

    @classmethod
    def open(
        cls, url: str, connections: int = DEFAULT_CONNECTIONS, *, migrated: bool = True
    ) -> Database:
        """The database that a URL names; its schema is brought up to date, unless `migrated` is False.

        `sqlite:///file.db`, in memory `sqlite://`, or `postgresql://user:password@host/name`, to which at
        most `connections` are made. Raises DatabaseURLError for any other URL, migrate.SchemaTooNew when
        a newer program was here before, and Unavailable when it cannot be reached, opened or written. A
        file that is open is watched: when it is lost, all calls raise Unavailable until it is opened anew.
        """
        database = cls(database_url.of_url(url), connections)
        try:
            if migrated:
                database.migrate()
                database._hold()
        except BaseException:
            database.close()
            raise
        return database

    def migrate(self) -> str:
        """Applies what is missing of the schema's history; the revision that it is at then."""
        with self._dialect.translating(), self._turn():
            return migrate.upgrade(self._write_engine, self._dialect)

    def _hold(self) -> None:
        if self._file is not None:
            with self._dialect.translating():
                self._file.hold(self._read_engine)

    def pending(self) -> str | None:
        """What `migrate` would do, in a sentence; None if the schema is up to date."""
        with self._dialect.translating():
            return migrate.pending(self._read_engine)

    def revision(self) -> str | None:
        """Of the schema; None for an empty database. Raises Unavailable."""
        with self._dialect.translating(), self._read_engine.begin() as connection:
            return migrate.current(connection)

    def condition(self) -> tuple[Condition, float]:
        """And how many seconds one small question took, over a connection that was there. Raises Unavailable."""
        with self._dialect.translating(), self._read_engine.begin() as connection:
            found = self._dialect.condition(connection)
            begun = time.perf_counter()
            connection.exec_driver_sql("SELECT 1")
            return found, time.perf_counter() - begun

    def warn_of_known_bugs(self) -> None:
        """Logs what is known to be wrong with the database software in use."""
        self._dialect.warn_of_known_bugs()

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._write_engine.dialect.name

    @property
    def commits(self) -> Commits:
        """Counts of what was committed by this process."""
        return self._writer.commits

    @property
    def waiting(self) -> int:
        """How many changes wait for their transaction."""
        return self._writer.waiting

    @property
    def queries_waiting(self) -> int:
        """How many queries wait for a thread with a connection, apart from changes."""
        readers = {self._reader, self._long_reader} - {self._writer}
        return sum(reader.waiting for reader in readers)

    def wal_bytes(self) -> int | None:
        """The size of SQLite's write-ahead log; None for another database, and for one in memory."""
        path = self._dialect.path if isinstance(self._dialect, Sqlite) else None
        if path is None:
            return None
        try:
            return Path(f"{path}-wal").stat().st_size
        except OSError:
            return 0

    async def read(
        self,
        query: Query[T],
        *,
        same: Hashable = None,
        long: bool = False,
        wanted: Wanted | None = None,
    ) -> T:
        """The answer to a query, over one snapshot. Raises Unavailable if the database is.

        Queries that wait for their turn and are called the `same` become one. Those that may take `long` run one
        after the other, on a thread of their own, so that others do not wait for them.

        One that waits is dropped with what `wanted` raises, which is asked now and then.
        """
        change: Change[T] = lambda unit: query(unit.connection)  # noqa: E731
        if same is None and (unconfirmed := self._unconfirmed()) is not None:
            change = unconfirmed.before(change)
        if long:
            with interpreter.long_work():
                return await self._outcome(self._long_reader, Job(change), wanted)
        if same is None:
            return await self._outcome(self._reader, Job(change), wanted)
        asked = self._asked.get(same)
        if asked is not None and (joined := asked.joined()) is not None:
            found: T = await joined
            return found
        job = self._asked[same] = Job(change, joinable=True)
        try:
            return await self._submit(self._reader, job)
        finally:
            if self._asked.get(same) is job:
                del self._asked[same]

    async def write(self, change: Change[T], *, wanted: Wanted | None = None) -> T:
        """Runs a change in a transaction and answers when it is durable.

        Any exception rolls it back and is raised. Cancelled before its turn, it does not run; after
        that, it stands or falls as a whole. Raises Unavailable if the database is. `wanted` is as of `read`.
        """
        if (unconfirmed := self._unconfirmed()) is not None:
            if isinstance(self._writer, GroupCommit):
                change = unconfirmed.before(change)
            else:  # another round trip for each change costs more than a query that many share
                found = await self.read(unconfirmed.query, same=unconfirmed.key)
                unconfirmed.confirm(found)
        return await self._outcome(self._writer, Job(change), wanted)

    def _unconfirmed(self) -> Premise | None:
        """The premise of the call being served, if no transaction has confirmed it yet."""
        current = premise.get()
        return None if current is None or current.confirmed else current

    def write_later(self, change: Change[None]) -> None:
        """Runs a change that nobody waits for and that may be lost; its failure is only logged."""
        self._submit(self._writer, Job(change)).add_done_callback(_log_failure)

    def following(
        self, trail: Trail, owner: UUID | None, *others: tuple[Trail, UUID]
    ) -> contextlib.AbstractAsyncContextManager[Follower]:
        """Who is woken when rows of an owner (None: of anybody) in a trail, or in others, by any process, can be read."""
        return self._wakeups.following(trail, owner, *others)

    def lead(self, what: str) -> Lead:
        """Of the processes that serve this database, the one that does something which one alone may do."""
        return self._dialect.lead(what)

    def wake_followers(self) -> None:
        """Wakes all of them, for another reason."""
        self._wakeups.wake_all()

    async def aclose(self) -> None:
        """Finishes the changes that wait, then closes. Closing twice is fine."""
        await self._wakeups.aclose()
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """`aclose`, where no event loop runs."""
        self._writer.close()
        self._reader.close()
        self._long_reader.close()
        self._wakeups.close()
        if self._file is not None:
            self._file.close()
        self._read_engine.dispose()
        self._write_engine.dispose()
        if self._lock is not None:
            self._lock.close()

    def others_wait(self, party: Party) -> bool:
        """Whether another organization waits for its turn, now and in this process."""
        workers = (self._writer, self._reader, self._long_reader)
        return any(worker.others_wait(party) for worker in workers)

    def _outcome(self, worker: Workers, job: Job[T], wanted: Wanted | None) -> Awaitable[T]:
        future = self._submit(worker, job)
        return future if wanted is None else job.while_wanted(wanted)

    def _submit(self, worker: Workers, job: Job[T]) -> asyncio.Future[T]:
        if worker.waiting >= MAX_WAITING:
            self.refused += 1
            log.error("database overloaded", waiting=worker.waiting)
            raise Unavailable("the server is overloaded, try again later", reason=Reason.OVERLOADED)
        worker.submit(job)
        return job.future


def _log_failure(future: asyncio.Future[None]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.warning("a change that nobody waited for failed", exc_info=error)
