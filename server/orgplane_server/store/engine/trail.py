from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from . import turns
from .schema import Instant
from .sequence import order_by_commit, settled

#: A place among rows in the order of their time: a row's time, and its sequence.
Position = tuple[datetime, int]


class Trail:
    """A table of what happened: rows that never change, in the order of their `sequence`, each of one owner.

    `owner` is the column that says whose, `time` the one that says when, `lane` and `many` what
    `sequence.order_by_commit` is given for it.
    """

    def __init__(
        self, table: sa.Table, *, owner: str, time: str, lane: int = 0, many: bool = False
    ) -> None:
        self.name = table.name
        self._lane = lane
        self._table = table
        self._whose = whose = table.c[owner]
        self._time = table.c[time]
        sequence = table.c.sequence

        @sa.event.listens_for(table, "after_create")
        def order(made: sa.Table, connection: sa.Connection, **_: object) -> None:
            order_by_commit(connection, made.name, sequence.name, lane, many=many)

        stretch = (sequence > sa.bindparam("after"), sequence <= sa.bindparam("until"))
        following = sa.select(table).where(*stretch).order_by(sequence).limit(sa.bindparam("limit"))
        self._following = following.where(whose == sa.bindparam("owner"))
        self._following_all = following
        self._grown = sa.select(whose).distinct().where(*stretch)
        mine = whose == sa.bindparam("owner")
        self._latest = sa.select(sequence).where(mine).order_by(sequence.desc())
        self._surplus = (
            sa.select(sequence)
            .where(mine, sequence <= sa.bindparam("through"))
            .order_by(sequence)
            .limit(sa.bindparam("limit"))
        )
        self._oldest = (
            sa.select(sequence, self._time.label("time"))
            .order_by(sequence)
            .limit(sa.bindparam("limit"))
        )
        self._delete = sa.delete(table).where(
            sequence.in_(sa.bindparam("sequences", expanding=True))
        )

    def settled(self, connection: sa.Connection) -> int:
        """The sequence up to which rows can be followed without missing one, by queries begun later."""
        return settled(connection, self.name, "sequence", self._lane)

    def following(
        self, connection: sa.Connection, owner: UUID | None, after: int, until: int, limit: int
    ) -> Sequence[sa.Row[Any]]:
        """Up to `limit` rows, of an owner or of all, after a sequence and not after another, which is `settled`; oldest first."""
        given = {"after": after, "until": until, "limit": limit}
        if owner is None:
            return connection.execute(self._following_all, given).all()
        return connection.execute(self._following, {**given, "owner": owner}).all()

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

    def before_latest(self, connection: sa.Connection, owner: UUID, recent: int) -> int:
        """The sequence that only `recent` rows of an owner come after; 0 if there are no more."""
        return self._nth(connection, owner, recent) or 0

    def purge(self, connection: sa.Connection, before: datetime, limit: int) -> int:
        """Deletes the oldest rows, if they are of a time before `before`: at most `limit`; how many.

        None are, while another process does the same.
        """
        if not turns.alone(connection, self.name):
            return 0
        oldest = connection.execute(self._oldest, {"limit": limit}).all()
        return self._forget(connection, [row.sequence for row in oldest if row.time < before])

    def purge_surplus(
        self,
        connection: sa.Connection,
        owner: UUID,
        keep: int,
        limit: int,
        staying: Callable[[], Collection[int]] = tuple,
        *conditions: sa.ColumnElement[bool],
    ) -> int:
        """Deletes what is older than the latest `keep` rows of an owner, but those `staying`: at most `limit`; how many.

        Only rows that meet all conditions count, and go.
        """
        through = self._nth(connection, owner, keep, *conditions)
        if through is None:
            return 0
        stay = staying()
        given = {"owner": owner, "through": through, "limit": limit + len(stay)}
        surplus = connection.execute(self._surplus.where(*conditions), given).scalars()
        return self._forget(connection, [each for each in surplus if each not in stay][:limit])

    def _nth(
        self,
        connection: sa.Connection,
        owner: UUID,
        after: int,
        *conditions: sa.ColumnElement[bool],
    ) -> int | None:
        """The sequence of the latest row but `after`, of those that meet all conditions."""
        query = self._latest.where(*conditions).offset(after).limit(1)
        found: int | None = connection.execute(query, {"owner": owner}).scalar()
        return found

    def _forget(self, connection: sa.Connection, sequences: list[int]) -> int:
        if sequences:
            connection.execute(self._delete, {"sequences": sequences})
        return len(sequences)
