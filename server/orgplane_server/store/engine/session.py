"""A thread's connection to the database, and its transactions one after the other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from . import driver


class Session:
    """Keeps one connection and begins and ends its transactions at the driver.

    To SQLAlchemy it is one transaction that never ends: taking a connection from its pool, and beginning
    and ending a transaction of its own, cost it more than the statements in between.
    """

    def __init__(self, engine: sa.Engine, begin: str | None) -> None:
        """`begin` is what begins a transaction; None if the driver does so with the first statement."""
        self._engine = engine
        self._begin = begin
        self._connection: sa.Connection | None = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction that is committed, if what is inside does not raise.

        A connection that is lost is made anew for the next. Errors are those of SQLAlchemy.
        """
        connection = self._connected()
        try:
            if self._begin is not None:
                driver.execute(connection, self._begin)
            yield connection
            driver.commit(connection)
        except BaseException:
            if not connection.invalidated:
                self._roll_back(connection)
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> sa.Connection:
        if self._connection is not None and self._connection.invalidated:
            self.close()
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _roll_back(self, connection: sa.Connection) -> None:
        try:
            driver.connection_of(connection).rollback()
        except Exception:  # as the error that led here, or worse: nothing that began here may go on
            connection.invalidate()
