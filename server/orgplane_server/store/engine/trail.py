from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from .schema import Instant
from .sequence import settled

#: A place among rows in the order of their time: a row's time, and its sequence.
Position = tuple[datetime, int]


class Trail:
    """A table of what happened: rows that never change, in the order of their `sequence`, each of one owner.

    `owner` is the column that says whose, `time` the one that says when, `lane` what
    `sequence.order_by_commit` was given.
    """

    def __init__(self, table: sa.Table, *, owner: str, time: str, lane: int = 0) -> None:
        self.name = table.name
        self._lane = lane
        self._table = table
        self._whose = whose = table.c[owner]
        self._time = table.c[time]
        sequence = table.c.sequence
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
        return settled(connection, self.name, "sequence", self._lane)

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

    def page(
        self,
        connection: sa.Connection,
        owner: UUID,
        after: Position | None,
        limit: int,
        *conditions: sa.ColumnElement[bool],
        newest_first: bool,
        since: datetime | None,
        until: datetime | None,
    ) -> Sequence[sa.Row[Any]]:
        """Up to `limit` rows behind `after` that meet all conditions, in the order of their time.

        Only those `since` a moment, and before `until` another.
        """
        order = (self._time, self._table.c.sequence)
        query = sa.select(self._table).where(self._whose == owner, *conditions).limit(limit)
        query = query.order_by(*(column.desc() if newest_first else column for column in order))
        if after is not None:
            position = sa.tuple_(*order)
            place = sa.tuple_(sa.literal(after[0], Instant), sa.literal(after[1], sa.BigInteger))
            query = query.where(position < place if newest_first else position > place)
        if since is not None:
            query = query.where(self._time >= since)
        if until is not None:
            query = query.where(self._time < until)
        return connection.execute(query).all()
