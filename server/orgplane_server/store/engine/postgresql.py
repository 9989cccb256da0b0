"""PostgreSQL: a server, and many transactions beside each other."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from .dialect import Condition, Dialect, Ear, Lead
from .driver import TOGETHER
from .pipeline import Pipeline
from .schema import metadata

_CONDITION = sa.text("""
    SELECT current_setting('server_version'), clock_timestamp(), pg_is_in_recovery(),
        has_schema_privilege(current_schema(), 'CREATE'),
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
""")
_CLOSED_TABLES = sa.text("""
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname = ANY(:names)
        AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
            AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))
    ORDER BY relname
""")


class Postgresql(Dialect):
    """A server that any number of processes share."""

    #: What a `voice` notifies. Never within the transaction that is announced: PostgreSQL would let
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
        "42501": "the role has not the rights that it needs",
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
        engine = sa.create_engine(
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

        @sa.event.listens_for(engine, "connect")
        def connected(connection: Any, record: Any) -> None:
            record.info[TOGETHER] = Pipeline(connection).run

        return engine

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

    @contextlib.contextmanager
    def voice(self) -> Iterator[Callable[[], None]]:
        engine = self.engine(writes=True)

        def notify() -> None:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"NOTIFY {self._CHANNEL}")

        try:
            yield notify
        finally:
            engine.dispose()

    def lead(self, what: str) -> Lead:
        return _Lead(self.engine(writes=True), what)

    def condition(self, connection: sa.Connection) -> Condition:
        version, now, standby, creates, left = connection.execute(_CONDITION).one()
        names = {"names": [table.name for table in metadata.sorted_tables]}
        closed = [row.relname for row in connection.execute(_CLOSED_TABLES, names)]
        lacks = ["it is a standby, which is read-only"] if standby else []
        if not creates:
            lacks.append("the role may not create tables in the schema, as migrations do")
        if closed:
            lacks.append(f"the role may not read and write {', '.join(closed)}")
        return Condition(f"PostgreSQL {version}", now, left, tuple(lacks))

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


class _Lead(Lead):
    """An advisory lock of a session of its own, which ends with the process, or with its connection."""

    def __init__(self, engine: sa.Engine, what: str) -> None:
        self._engine = engine
        self._lock = sa.select(
            sa.func.pg_try_advisory_lock(sa.func.hashtextextended(f"orgplane lead {what}", 0))
        )
        self._connection: sa.Connection | None = None
        self._leads = False
        # One thread may still ask when another closes, as nobody waits for it.
        self._turn = threading.RLock()

    def held(self) -> bool:
        with self._turn:
            return self._held()

    def _held(self) -> bool:
        try:
            if self._connection is None:
                connection = self._engine.connect()
                self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            if self._leads:
                self._connection.exec_driver_sql("SELECT 1")
            else:
                self._leads = bool(self._connection.execute(self._lock).scalar_one())
        except sa.exc.DBAPIError:
            self.close()
        return self._leads

    def close(self) -> None:
        with self._turn:
            connection, self._connection, self._leads = self._connection, None, False
            if connection is not None:
                connection.invalidate()
                connection.close()
