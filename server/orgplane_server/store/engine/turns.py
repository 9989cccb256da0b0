"""Waiting for each other, where transactions that write run beside each other; SQLite has one writer."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def taken(connection: sa.Connection) -> bool:
    """Whether there are any turns to take."""
    return connection.dialect.name != "sqlite"


class Turns:
    """Turns at things of one kind, told apart by a text; to be selected only where they are `taken`."""

    def __init__(self, kind: str) -> None:
        """`kind` are four letters of ASCII."""
        #: The first key of an advisory lock; one with two keys is never one with a single key.
        self._kind = int.from_bytes(kind.encode("ascii"), "big")

    def shared(self, thing: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
        """Selected, keeps every turn of one's `own` at the same thing waiting until the transaction ends.

        A lock FOR SHARE on the row would do so as well, but those who ask for it later are let in before
        who waits to change the row, for many seconds if they are many. Here everybody queues.
        """
        return sa.func.pg_advisory_xact_lock_shared(self._kind, sa.func.hashtext(thing))

    def own(self, thing: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
        """Selected, waits for all before, and keeps all later ones waiting until the transaction ends."""
        return sa.func.pg_advisory_xact_lock(self._kind, sa.func.hashtext(thing))


def alone(connection: sa.Connection, table: str) -> bool:
    """Whether nobody else is in the midst of a transaction that asked the same about `table`."""
    if not taken(connection):
        return True
    key = sa.func.hashtextextended(f"orgplane {table}", 0)
    return bool(connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(key))).scalar_one())


def hold(connection: sa.Connection, table: str) -> None:
    """Waits for all who are changing a table; nobody else does before this transaction ends."""
    if taken(connection):
        connection.exec_driver_sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
