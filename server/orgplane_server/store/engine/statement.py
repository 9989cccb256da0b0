"""Statements of the requests' hot path, run on the driver's connection itself.

SQLAlchemy's `execute` takes several times as long as the statement that it runs. A `Statement` is Core
like any other, and is compiled by SQLAlchemy, with its types, for each kind of database; but only once, and
then its text and values go straight to the driver, inside the transaction that the connection is in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, SafeUUID

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from . import driver
from .driver import Row

Parameters = Mapping[str, Any]
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
        return only(self.all(connection, parameters))

    def all(self, connection: sa.Connection, parameters: Parameters) -> Sequence[Row]:
        return together(connection, (self, parameters))

    def run(self, connection: sa.Connection, *parameters: Parameters) -> None:
        """Once for each set of parameters."""
        together(connection, *((self, each) for each in parameters))

    def observed(self, connection: sa.Connection, parameters: Parameters) -> Sequence[Row]:
        """`all` by way of SQLAlchemy."""
        result = connection.execute(self._clause, parameters)
        return [tuple(row) for row in result] if result.returns_rows else []

    def compiled(self, connection: sa.Connection) -> _Compiled:
        name = connection.dialect.name
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = _Compiled(self._clause, self._values, connection.dialect)
            self._compiled[name] = compiled
        return compiled


#: A statement to be run with these values.
Call = tuple[Statement, Parameters]


def only(rows: Sequence[Row]) -> Row | None:
    """The row of a statement by a unique key."""
    assert len(rows) <= 1, "a statement by a unique key"
    return rows[0] if rows else None


def together(connection: sa.Connection, *calls: Call, commit: bool = False) -> Sequence[Row]:
    """Runs statements one after the other, where there is a server in one round trip; the rows of the last.

    With `commit` the transaction may be at its end then; SQLAlchemy's has to be ended as ever.
    """
    if _observed(connection):
        rows: Sequence[Row] = ()
        for statement, parameters in calls:
            rows = statement.observed(connection, parameters)
        return rows
    compiled = [statement.compiled(connection) for statement, _ in calls]
    bound = [
        (one.text, one.bound(parameters))
        for one, (_, parameters) in zip(compiled, calls, strict=True)
    ]
    with driver.Errors(connection, bound):
        found = driver.run(connection, bound, commit=commit)
    return compiled[-1].processed(found) if found else found


class _Compiled:
    """A statement as one driver takes it: its text, and how values get there and back."""

    def __init__(self, clause: Any, values: list[str], dialect: sa.Dialect) -> None:
        if clause.is_insert:
            clause = clause.inline()  # asks for no generated key
        dialect = driver.positional(dialect)
        compiled: SQLCompiler = clause.compile(dialect=dialect, column_keys=values or None)
        self.text = str(compiled)
        assert compiled.positiontup is not None
        self._binds: list[tuple[str, _Processor | None]] = [
            (name, _binding(compiled.binds[name].type, dialect)) for name in compiled.positiontup
        ]
        #: Values that the statement brings along, as the OFFSET 0 that SQLite's LIMIT gets.
        self._constants = {
            name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
        }
        selected = clause.selected_columns if clause.is_select else ()
        self._results: list[tuple[int, _Processor]] = [
            (index, processor)
            for index, column in enumerate(selected)
            if (processor := _resulting(column.type, dialect))
        ]

    def bound(self, parameters: Parameters) -> list[Any]:
        if self._constants:
            parameters = {**self._constants, **parameters}
        return [
            parameters[name] if processor is None else processor(parameters[name])
            for name, processor in self._binds
        ]

    def processed(self, rows: Sequence[Row]) -> Sequence[Row]:
        return [self._processed(row) for row in rows] if self._results else rows

    def _processed(self, row: Row) -> Row:
        values = list(row)
        for index, processor in self._results:
            values[index] = processor(values[index])
        return tuple(values)


def _binding(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> _Processor | None:
    if isinstance(kind, sa.Uuid) and not dialect.supports_native_uuid:
        return _hex
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _resulting(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> _Processor | None:
    if isinstance(kind, sa.Uuid) and not dialect.supports_native_uuid:
        return _uuid
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _hex(value: UUID | None) -> str | None:
    return None if value is None else f"{value.int:032x}"


def _uuid(text: str | None) -> UUID | None:
    """What UUID makes of text that the database has, which needs not be looked at: in a third of its time."""
    if text is None:
        return None
    made = _new(UUID)
    _set_int(made, int(text, 16))
    _set_is_safe(made, SafeUUID.unknown)
    return made


_new = object.__new__
_set_int, _set_is_safe = vars(UUID)["int"].__set__, vars(UUID)["is_safe"].__set__


def _observed(connection: sa.Connection) -> bool:
    """Whether somebody wants to see every statement: they do when SQLAlchemy runs it."""
    return bool(connection.engine.dispatch.before_cursor_execute)
