"""The driver's connection below SQLAlchemy's, for what costs too much through SQLAlchemy."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def connection_of(connection: sa.Connection) -> Any:
    """The driver's own connection, in whose transaction SQLAlchemy's is."""
    return connection.connection.driver_connection


class Errors:
    """A context that raises the driver's errors as SQLAlchemy would, without the statement's values."""

    __slots__ = ("_connection", "_statement")

    def __init__(self, connection: sa.Connection, statement: str) -> None:
        self._connection = connection
        self._statement = statement

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
            self._statement,
            None,
            error,
            base,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error


def execute(connection: sa.Connection, statement: str) -> None:
    """Runs a statement that takes and returns nothing."""
    with Errors(connection, statement):
        connection_of(connection).execute(statement)
