from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from . import dialect


class Trail:
    """A table that is followed: rows that never change, in the order of their `sequence`, each of one owner.

    `owner` is the column that says whose, `lane` the one that `dialect.order_sequence_by_commit` was given.
    """

    def __init__(self, table: sa.Table, owner: str, lane: int = 0) -> None:
        self.name = table.name
        self._lane = lane
        sequence, whose = table.c.sequence, table.c[owner]
        stretch = (sequence > sa.bindparam("after"), sequence <= sa.bindparam("until"))
        self._following = (
            sa.select(table)
            .where(whose == sa.bindparam("owner"), *stretch)
            .order_by(sequence)
            .limit(sa.bindparam("limit"))
        )
        self._grown = sa.select(whose).distinct().where(*stretch)

    def settled(self, connection: sa.Connection) -> int:
        """The sequence up to which rows can be followed without missing one, by queries begun later."""
        return dialect.settled(connection, self.name, "sequence", self._lane)

    def following(
        self, connection: sa.Connection, owner: UUID, after: int, until: int, limit: int
    ) -> Sequence[sa.Row[Any]]:
        """Up to `limit` rows after a sequence and not after another, which is `settled`; oldest first."""
        given = {"owner": owner, "after": after, "until": until, "limit": limit}
        return connection.execute(self._following, given).all()

    def grown(self, connection: sa.Connection, after: int, until: int) -> set[UUID]:
        """Whose there is a row after a sequence and not after another."""
        rows = connection.execute(self._grown, {"after": after, "until": until})
        return set(rows.scalars())
