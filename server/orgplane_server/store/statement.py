"""Statements of the requests' hot path, run on the driver's connection itself.

SQLAlchemy's `execute` takes several times as long as the statement that it runs. A `Statement` is Core
like any other, and is compiled by SQLAlchemy, with its types, for each kind of database; but only once, and
then its text and values go straight to the driver, inside the transaction that the connection is in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from . import driver

Parameters = Mapping[str, Any]
Row = tuple[Any, ...]
_Processor = Callable[[Any], Any]


class Statement:
    """A Core statement with `bindparam`s, or an INSERT or UPDATE of the columns in `values`.

    Rows are tuples of the selected columns. Errors are those of SQLAlchemy.
    """

    def __init__(self, clause: sa.Executable, values: Iterable[str] = ()) -> None:
        self._clause = clause
        self._values = list(values)
        self._compiled: dict[str, _Compiled] = {}

    def one_or_none(self, connection: sa.Connection, parameters: Parameters) -> Row | None:
        rows = self.all(connection, parameters)
        assert len(rows) <= 1, "a statement by a unique key"
        return rows[0] if rows else None

    def all(self, connection: sa.Connection, parameters: Parameters) -> Sequence[Row]:
        if _observed(connection):
            return [tuple(row) for row in connection.execute(self._clause, parameters)]
        return self._for(connection).rows(connection, parameters)

    def run(self, connection: sa.Connection, *parameters: Parameters) -> None:
        """Once for each set of parameters."""
        if _observed(connection):
            connection.execute(self._clause, parameters)
        else:
            self._for(connection).run(connection, parameters)

    def _for(self, connection: sa.Connection) -> _Compiled:
        name = connection.dialect.name
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = _Compiled(self._clause, self._values, connection.dialect)
            self._compiled[name] = compiled
        return compiled


class _Compiled:
    """A statement as one driver takes it: its text, and how values get there and back."""

    def __init__(self, clause: Any, values: list[str], dialect: sa.Dialect) -> None:
        if clause.is_insert:
            clause = clause.inline()  # asks for no generated key
        compiled: SQLCompiler = clause.compile(dialect=dialect, column_keys=values or None)
        self._text = str(compiled)
        self._positional = compiled.positional
        names = compiled.positiontup if compiled.positional else compiled.binds
        assert names is not None
        self._binds: list[tuple[str, _Processor | None]] = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in names
        ]
        #: Values that the statement brings along, as the OFFSET 0 that SQLite's LIMIT gets.
        self._constants = {
            name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
        }
        selected = clause.selected_columns if clause.is_select else ()
        self._results: list[tuple[int, _Processor]] = [
            (index, processor)
            for index, column in enumerate(selected)
            if (processor := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def rows(self, connection: sa.Connection, parameters: Parameters) -> list[Row]:
        with driver.Errors(connection, self._text):
            cursor = driver.connection_of(connection).execute(self._text, self._bound(parameters))
            found = cursor.fetchall()
        return [self._processed(row) for row in found] if self._results else found

    def run(self, connection: sa.Connection, parameters: Sequence[Parameters]) -> None:
        with driver.Errors(connection, self._text):
            if len(parameters) == 1:
                driver.connection_of(connection).execute(self._text, self._bound(parameters[0]))
            else:
                bound = [self._bound(each) for each in parameters]
                driver.connection_of(connection).cursor().executemany(self._text, bound)

    def _bound(self, parameters: Parameters) -> Any:
        if self._constants:
            parameters = {**self._constants, **parameters}
        values = [
            parameters[name] if processor is None else processor(parameters[name])
            for name, processor in self._binds
        ]
        if self._positional:
            return values
        return {name: value for (name, _), value in zip(self._binds, values, strict=True)}

    def _processed(self, row: Sequence[Any]) -> Row:
        values = list(row)
        for index, processor in self._results:
            values[index] = processor(values[index])
        return tuple(values)


def _observed(connection: sa.Connection) -> bool:
    """Whether somebody wants to see every statement: they do when SQLAlchemy runs it."""
    return bool(connection.engine.dispatch.before_cursor_execute)
