"""Forgetting what has grown old, a little at a time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from . import turns


class Purging:
    """Of a `table`, the rows of whom `by`, a column with an index, tells that they are old."""

    def __init__(self, table: sa.Table, by: sa.Column[datetime]) -> None:
        self._table = table
        columns = table.primary_key.columns
        #: What somebody is changing is left for another time, so that no two wait for each other.
        self._oldest = (
            sa.select(*columns)
            .where(by < sa.bindparam("before"))
            .order_by(by)
            .limit(sa.bindparam("limit"))
            .with_for_update(skip_locked=True)
        )
        self._key = columns[0] if len(columns) == 1 else sa.tuple_(*columns)

    def __call__(self, connection: sa.Connection, before: datetime, limit: int) -> int:
        """Forgets the oldest that are older than `before`: at most `limit`; how many.

        None are, while another process does the same.
        """
        if not turns.alone(connection, self._table.name):
            return 0
        rows = connection.execute(self._oldest, {"before": before, "limit": limit}).all()
        if rows:
            keys = [row[0] if len(row) == 1 else tuple(row) for row in rows]
            connection.execute(sa.delete(self._table).where(self._key.in_(keys)))
        return len(rows)
