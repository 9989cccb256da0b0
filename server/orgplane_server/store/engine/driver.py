"""The driver's connection below SQLAlchemy's, for what costs too much through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa

#: A statement's text and its values, in the order of their places in it.
Call = tuple[str, Sequence[Any]]
Row = tuple[Any, ...]

#: Where a server's connection keeps its `Together`, among SQLAlchemy's `info` about it.
TOGETHER = "together"


class Together(Protocol):
    """Runs statements in one round trip to the server; the rows of the last."""

    def __call__(self, calls: Sequence[Call], *, commit: bool) -> Sequence[Row]: ...


def connection_of(connection: sa.Connection) -> Any:
    """The driver's own connection, in whose transaction SQLAlchemy's is."""
    return connection.connection.driver_connection


def positional(dialect: sa.Dialect) -> sa.Dialect:
    """What compiles statements to text as `run` takes it: values have places, not names."""
    if dialect.name == "sqlite":
        return dialect
    kind: Any = type(dialect)
    numbered: sa.Dialect = kind(paramstyle="numeric_dollar")
    return numbered


def run(connection: sa.Connection, calls: Sequence[Call], *, commit: bool) -> Sequence[Row]:
    """Runs statements; the rows of the last. Only a server may be told to `commit` along with them."""
    if connection.dialect.name != "sqlite":
        together: Together = connection.info[TOGETHER]
        return together(calls, commit=commit)
    cursor = connection_of(connection).cursor()
    for text, values in calls:
        cursor.execute(text, values)
    rows: Sequence[Row] = cursor.fetchall()
    return rows


class Errors:
    """A context that raises the driver's errors as SQLAlchemy would, without the statements' values."""

    __slots__ = ("_calls", "_connection")

    def __init__(self, connection: sa.Connection, calls: Sequence[Call]) -> None:
        self._connection = connection
        self._calls = calls

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is None:
            return
        dialect: Any = self._connection.dialect
        base = dialect.loaded_dbapi.Error
        if not isinstance(error, base):
            return
        lost = dialect.is_disconnect(error, self._connection.connection, None)
        if lost:
            self._connection.invalidate(error)
        raise sa.exc.DBAPIError.instance(
            "; ".join(text for text, _ in self._calls),
            None,
            error,
            base,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error


def execute(connection: sa.Connection, statement: str) -> None:
    """Runs a statement that takes and returns nothing."""
    with Errors(connection, [(statement, ())]):
        connection_of(connection).execute(statement)


def commit(connection: sa.Connection) -> None:
    """Ends the transaction that is open at the driver, if one is."""
    with Errors(connection, [("COMMIT", ())]):
        connection_of(connection).commit()
