"""Every difference between the databases we run on."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import quote

import sqlalchemy as sa
import structlog
from sqlalchemy.pool import NullPool, StaticPool

from ...domain.errors import Unavailable
from .driver import connection_of, execute

try:  # a SQLite without the WAL-reset bug, where a wheel of it exists
    from pysqlite3 import dbapi2 as _pysqlite3  # type: ignore[import-untyped]
except ImportError:  # pragma: no cover
    _pysqlite3 = sqlite3

driver: ModuleType = _pysqlite3

log = structlog.get_logger(__name__)


class DatabaseURLError(ValueError):
    """The database URL names nothing that we can open."""


class Dialect(ABC):
    """One kind of database: how to connect to it, to migrate it, and what its errors mean."""

    @abstractmethod
    def engine(self, *, writes: bool) -> sa.Engine:
        """Makes connections, none of them twice; without `writes`, ones that refuse to write.

        When a commit returns, it is durable.
        """

    def begin(self, *, writes: bool) -> str | None:
        """The statement that begins a transaction; None if the driver does so with the first one."""
        return None

    @abstractmethod
    def migrating(self, engine: sa.Engine) -> contextlib.AbstractContextManager[sa.Connection]:
        """A transaction that may change the schema, while nobody else does."""

    @abstractmethod
    def trouble(self, error: sa.exc.DBAPIError) -> str | None:
        """What ails the database, if that is what the error says; None if it is the statement."""

    def conflict(self, error: sa.exc.DBAPIError) -> bool:
        """Whether the transaction lost against another one, and may win when it is repeated."""
        return False

    @abstractmethod
    def ear(self) -> contextlib.AbstractContextManager[Ear]:
        """Hears of commits by other processes. Raises what the driver does, on use too."""

    def announce(self, engine: sa.Engine) -> None:  # noqa: B027  (not all need to)
        """Tells all ears of a commit, in a transaction of its own."""

    def warn_of_known_bugs(self) -> None:  # noqa: B027  (most have none)
        """Logs what is known to be wrong with the database software in use."""

    def translated(self, error: Exception) -> Exception:
        """What the caller is told: Unavailable when the database is the trouble, else `error` itself."""
        if isinstance(error, sa.exc.DBAPIError) and (cause := self.trouble(error)) is not None:
            log.error("database unavailable", cause=cause, error=str(error.orig).strip())
            unavailable = Unavailable("the database is unavailable, try again later")
            unavailable.__cause__ = error
            return unavailable
        return error

    @contextlib.contextmanager
    def translating(self) -> Iterator[None]:
        """Raises errors as `translated` has them."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise self.translated(error)  # noqa: B904  (it has its cause)


class Ear(ABC):
    """What hears of others' commits, used by one thread.

    To be asked at least every `interval` seconds (None: never, there are no others), and whenever the
    file, if there is one, is readable.
    """

    interval: float | None = None
    file: int | None = None

    @abstractmethod
    def heard(self) -> bool:
        """Whether there may have been a commit since the last time."""


def of_url(url: str) -> Sqlite | Postgresql:
    """Raises DatabaseURLError for a URL that is neither `sqlite:` nor `postgresql:`."""
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseURLError(
            "not a database URL; expected for example sqlite:///file.db"
        ) from None
    match parsed.drivername:
        case "sqlite":
            return Sqlite(None if parsed.database in (None, "", ":memory:") else parsed.database)
        case "postgresql" | "postgres":
            return Postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise DatabaseURLError(
        f"{parsed.drivername}: databases are not supported; "
        "expected sqlite:///file.db or postgresql://user@host/name"
    )


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
                "cache_size=-65536",
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
            try:
                with connection.begin():
                    yield connection
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
        with contextlib.closing(self.connect()) as connection:
            connection.isolation_level = None
            yield _DataVersion(connection)

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
    """SQLite counts, for each connection, the commits by others that it can see: 5 microseconds to ask."""

    interval = 0.05

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._seen = self._version()

    def heard(self) -> bool:
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])


class Postgresql(Dialect):
    """A server that any number of processes share."""

    #: What `announce` notifies. Never within the transaction that is announced: PostgreSQL would let
    #: those commit one at a time only.
    _CHANNEL = "orgplane_commits"
    #: Who migrates the schema holds this advisory lock.
    _MIGRATION_LOCK = 0x6F7267706C616E65  # "orgplane"
    _CONFLICTS = frozenset({"40001", "40P01"})  # serialization failure, deadlock
    #: SQLSTATEs and their classes (PostgreSQL, appendix A) that are not the statement's fault.
    _TROUBLE: ClassVar = {
        "08": "connection lost",
        "25006": "the server is read-only, a standby perhaps",
        "40": "too many conflicts",
        "53": "out of resources",
        "55P03": "a lock was not free in time",
        "57": "shut down, or a statement took too long",
        "58": "input/output error",
        "XX": "corrupt",
    }
    #: For every session. A session that lost its client, or whose client hangs, frees its locks.
    _SESSION: ClassVar = {
        "timezone": "UTC",
        "statement_timeout": "10s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
    }
    #: What a plain BEGIN begins.
    _WRITES: ClassVar = {"default_transaction_isolation": r"read\ committed"}
    _READS: ClassVar = {
        "default_transaction_isolation": r"repeatable\ read",
        "default_transaction_read_only": "on",
    }

    def __init__(self, url: sa.URL) -> None:
        self._url = url

    def engine(self, *, writes: bool) -> sa.Engine:
        # What the URL says comes later, and wins.
        query = {"options": "", **self._url.query}
        session = {**self._SESSION, **(self._WRITES if writes else self._READS)}
        options = " ".join(f"-c {name}={value}" for name, value in session.items())
        return sa.create_engine(
            self._url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "application_name": "orgplane-server",
                "connect_timeout": 5,
                "tcp_user_timeout": 15_000,  # milliseconds
                "keepalives_idle": 15,
                # What matters is prepared by `Pipeline`, and psycopg would forget all when it forgets its own.
                "prepare_threshold": None,
                **query,
                "options": f"{options} {query['options']}",
            },
        )

    @contextlib.contextmanager
    def migrating(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(self._MIGRATION_LOCK)))
            yield connection

    @contextlib.contextmanager
    def ear(self) -> Iterator[Ear]:
        engine = self.engine(writes=True)
        try:
            with engine.connect() as connection:
                listening = connection.execution_options(isolation_level="AUTOCOMMIT")
                listening.exec_driver_sql(f"LISTEN {self._CHANNEL}")
                yield _Notifications(listening.connection.driver_connection)
        finally:
            engine.dispose()

    def announce(self, engine: sa.Engine) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"NOTIFY {self._CHANNEL}")

    def trouble(self, error: sa.exc.DBAPIError) -> str | None:
        state = self._state(error)
        if state is None:  # never reached the server, or lost it
            operational = isinstance(error, sa.exc.OperationalError)
            return "no connection" if operational or error.connection_invalidated else None
        return self._TROUBLE.get(state) or self._TROUBLE.get(state[:2])

    def conflict(self, error: sa.exc.DBAPIError) -> bool:
        return self._state(error) in self._CONFLICTS

    def _state(self, error: sa.exc.DBAPIError) -> str | None:
        state: str | None = getattr(error.orig, "sqlstate", None)
        return state


class _Notifications(Ear):
    """Asked every second anyway, for what a pooler in between kept back or a lost server never said."""

    interval = 1.0

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.file = connection.fileno()

    def heard(self) -> bool:
        for _ in self._connection.notifies(timeout=0):
            pass
        return True


def alone(connection: sa.Connection, table: str) -> bool:
    """Whether nobody else is in the midst of a transaction that asked the same about `table`.

    SQLite has one writer, who always is alone.
    """
    if connection.dialect.name == "sqlite":
        return True
    key = sa.func.hashtextextended(f"orgplane {table}", 0)
    return bool(connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(key))).scalar_one())


def hold(connection: sa.Connection, table: str) -> None:
    """Waits for all who are changing a table; nobody else does before this transaction ends.

    SQLite has one writer.
    """
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


#: The first key of the advisory locks that follow; one with two keys is never one with a single key.
_TURNS = 0x5343494D  # "SCIM"
_ADDRESSES = 0x4D41494C  # "MAIL"


def takes_turns(connection: sa.Connection) -> bool:
    """Whether transactions that write run beside each other, so that `shared_turn` must be taken."""
    return connection.dialect.name != "sqlite"


def shared_turn(id: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Selected, keeps every `own_turn` of the same id waiting until the transaction ends.

    A lock FOR SHARE on the row would do so as well, but those who ask for it later are let in before
    who waits to change the row, for many seconds if they are many. Here everybody queues.
    """
    return sa.func.pg_advisory_xact_lock_shared(_TURNS, sa.func.hashtext(sa.cast(id, sa.Text)))


def own_turn(id: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Selected, waits for all before, and keeps all later ones waiting until the transaction ends."""
    return sa.func.pg_advisory_xact_lock(_TURNS, sa.func.hashtext(sa.cast(id, sa.Text)))


def address_turn(address: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Like `own_turn`, of an e-mail address."""
    return sa.func.pg_advisory_xact_lock(_ADDRESSES, sa.func.hashtext(address))


#: The high bits of the advisory locks below; 8 bits of a lane follow, the low 40 hold a sequence.
_SEQUENCE_LOCKS = 0x4F50 << 48


def order_sequence_by_commit(
    connection: sa.Connection, table: str, column: str, lane: int = 0
) -> None:
    """Prepares a table for `settled`: for a migration.

    On PostgreSQL a number is drawn before its row is committed, so rows appear out of order. Each
    transaction therefore holds a lock named after a number below all those that it draws, in a `lane`
    of the table's own. SQLite has one writer, and nothing to prepare.
    """
    if connection.dialect.name == "sqlite":
        return
    numbers = f"{table}_{column}_seq"
    connection.exec_driver_sql(
        f"""
        CREATE FUNCTION next_{numbers}() RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE given bigint;
        BEGIN
            SELECT last_value - (NOT is_called)::int INTO given FROM {numbers};
            PERFORM pg_advisory_xact_lock_shared({_locks(lane)} + given);
            RETURN nextval('{numbers}');
        END $$
        """  # noqa: S608  (names of ours)
    )
    connection.exec_driver_sql(
        f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT next_{numbers}()"
    )


def settled(connection: sa.Connection, table: str, column: str, lane: int = 0) -> int:
    """The number up to which every row that will ever be there can be seen, by transactions begun later.

    Without this, whoever follows a table by its sequence misses the rows of a transaction that drew its
    numbers early and commits late. What had been given out is read first, then who still holds a lock.
    """
    if connection.dialect.name == "sqlite":
        last = connection.exec_driver_sql(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)
        )
        return int(last.scalar_one_or_none() or 0)
    given = connection.exec_driver_sql(
        f"SELECT last_value - (NOT is_called)::int FROM {table}_{column}_seq"  # noqa: S608  (ours)
    ).scalar_one()
    running = connection.exec_driver_sql(
        "SELECT min((classid::bigint << 32 | objid::bigint) - %(base)s) FROM pg_locks"
        " WHERE locktype = 'advisory' AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND classid::bigint >> 8 = %(tag)s",
        {"base": _locks(lane), "tag": _locks(lane) >> 40},
    ).scalar_one()
    return int(given if running is None else min(given, running))


def _locks(lane: int) -> int:
    return _SEQUENCE_LOCKS + (lane << 40)
