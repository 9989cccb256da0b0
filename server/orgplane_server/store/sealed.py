"""Columns of sealed values, of any table: all of one read, and each replaced."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from .engine.statement import Call, Statement


class SealedColumn:
    """A column of a table whose rows have an `id`, which is part of what its values are sealed for."""

    def __init__(self, column: sa.Column[Any]) -> None:
        table = column.table
        self.column = column
        self._all = Statement(
            sa.select(table.c.id, column)
            .where(column.is_not(None))
            .order_by(table.c.id)
            .with_for_update()
        )
        self._replace = Statement(
            sa.update(table)
            .where(table.c.id == sa.bindparam("this", type_=sa.Uuid))
            .values({column: sa.bindparam("value", type_=column.type)})
        )

    def lock(self, connection: sa.Connection) -> list[tuple[UUID, bytes]]:
        """All values, which nobody else changes before this transaction ends."""
        return [(id, bytes(sealed)) for id, sealed in self._all.all(connection, {})]

    def replacing(self, id: UUID, sealed: bytes) -> Call:
        """What writes another value."""
        return self._replace, {"this": id, "value": sealed}
