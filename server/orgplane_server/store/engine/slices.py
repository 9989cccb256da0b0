"""Deleting very many rows a few at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from .statement import Statement, only


class Slices:
    """Rows with one `owner`, of which a few at a time are deleted, by the index that the owner and `key` begin."""

    def __init__(
        self, table: sa.Table, owner: sa.ColumnElement[Any], *key: sa.ColumnElement[Any]
    ) -> None:
        mine = owner == sa.bindparam("owner", type_=owner.type)
        self._border = Statement(
            sa.select(*key).where(mine).order_by(*key).limit(1).offset(sa.bindparam("passed"))
        )
        self._names = [f"border_{column.name}" for column in key]
        border = [
            sa.bindparam(name, type_=column.type)
            for name, column in zip(self._names, key, strict=True)
        ]
        within = key[0] <= border[0] if len(key) == 1 else sa.tuple_(*key) <= sa.tuple_(*border)
        self._some = Statement(sa.delete(table).where(mine, within))
        self._all = Statement(sa.delete(table).where(mine))

    def delete(self, connection: sa.Connection, owner: UUID, most: int) -> bool:
        """Deletes the first `most`, or all; whether any are left."""
        rows = self._border.all(connection, {"owner": owner, "passed": most - 1})
        border = only(rows)
        if border is None:
            self._all.run(connection, {"owner": owner})
            return False
        values = dict(zip(self._names, border, strict=True))
        self._some.run(connection, {"owner": owner, **values})
        return True
