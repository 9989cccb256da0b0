"""Statements about some ids, of which there is usually one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa

from .driver import Row
from .statement import Call, Parameters, Statement

#: How many values one statement carries: databases limit parameters.
_MOST = 512


class Among:
    """A statement, narrowed to the rows whose `column` has one of the values that it is run with.

    It is compiled for one value, for two, four, and so on; what lacks is filled up with the last.
    """

    def __init__(self, clause: Any, column: sa.ColumnElement[Any]) -> None:
        self._clause = clause
        self._column = column
        self._statements: dict[int, tuple[Statement, list[str]]] = {}

    def all(
        self, connection: sa.Connection, values: Iterable[Any], parameters: Parameters
    ) -> list[Row]:
        """The rows of all values, in order only among those of the same statement: at most 512."""
        return [
            row
            for statement, bound in self._bound(values)
            for row in statement.all(connection, {**parameters, **bound})
        ]

    def calls(self, values: Iterable[Any], parameters: Parameters) -> list[Call]:
        """What changes the rows of all values."""
        return [(statement, {**parameters, **bound}) for statement, bound in self._bound(values)]

    def _bound(self, values: Iterable[Any]) -> Iterator[tuple[Statement, dict[str, Any]]]:
        left = iter(values)
        while chunk := list(islice(left, _MOST)):
            statement, names = self._for(1 << (len(chunk) - 1).bit_length())
            chunk += chunk[-1:] * (len(names) - len(chunk))
            yield statement, dict(zip(names, chunk, strict=True))

    def _for(self, number: int) -> tuple[Statement, list[str]]:
        found = self._statements.get(number)
        if found is None:
            names = [f"among_{index}" for index in range(number)]
            these = [sa.bindparam(name, type_=self._column.type) for name in names]
            which = self._column == these[0] if number == 1 else self._column.in_(these)
            found = Statement(self._clause.where(which)), names
            self._statements[number] = found
        return found
