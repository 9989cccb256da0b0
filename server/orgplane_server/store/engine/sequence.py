"""Numbers of rows, in an order in which they can be followed."""

from __future__ import annotations

import sqlalchemy as sa

#: The high bits of the advisory locks below; 8 bits of a lane follow, the low 40 hold a sequence.
_SEQUENCE_LOCKS = 0x4F50 << 48


def order_by_commit(
    connection: sa.Connection, table: str, column: str, lane: int = 0, *, many: bool = False
) -> None:
    """Prepares a new table for `settled`. With `many` for statements that insert thousands of rows.

    On PostgreSQL a number is drawn before its row is committed, so rows appear out of order. Each
    transaction therefore holds a lock named after a number below all those that it draws, in a `lane`
    of the table's own. That is a lock a row, of which the server has some thousands for all; of `many` rows a statement holds one.
    SQLite has one writer, and nothing to prepare.
    """
    if connection.dialect.name == "sqlite":
        return
    numbers = f"{table}_{column}_seq"
    if many:
        _order_statements(connection, table, numbers, lane)
        return
    connection.exec_driver_sql(
        f"""
        CREATE FUNCTION next_{numbers}() RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE given bigint;
        BEGIN
            SELECT last_value - (NOT is_called)::int INTO given FROM {numbers};
            PERFORM pg_advisory_xact_lock_shared({_locks(lane)} + given);
            RETURN nextval('{numbers}');
        END $$
        """  # noqa: S608  (names of ours)
    )
    connection.exec_driver_sql(
        f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT next_{numbers}()"
    )


def _order_statements(connection: sa.Connection, table: str, numbers: str, lane: int) -> None:
    connection.exec_driver_sql(
        f"""
        CREATE FUNCTION hold_{numbers}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE given bigint;
        BEGIN
            SELECT last_value - (NOT is_called)::int INTO given FROM {numbers};
            PERFORM pg_advisory_xact_lock_shared({_locks(lane)} + given);
            RETURN NULL;
        END $$
        """  # noqa: S608  (names of ours)
    )
    connection.exec_driver_sql(
        f"CREATE TRIGGER hold_{numbers} BEFORE INSERT ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION hold_{numbers}()"
    )


def settled(connection: sa.Connection, table: str, column: str, lane: int = 0) -> int:
    """The number up to which every row that will ever be there can be seen, by transactions begun later.

    Without this, whoever follows a table by its sequence misses the rows of a transaction that drew its
    numbers early and commits late. What had been given out is read first, then who still holds a lock.
    """
    if connection.dialect.name == "sqlite":
        last = connection.exec_driver_sql(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)
        )
        return int(last.scalar_one_or_none() or 0)
    given = connection.exec_driver_sql(
        f"SELECT last_value - (NOT is_called)::int FROM {table}_{column}_seq"  # noqa: S608  (ours)
    ).scalar_one()
    running = connection.exec_driver_sql(
        "SELECT min((classid::bigint << 32 | objid::bigint) - %(base)s) FROM pg_locks"
        " WHERE locktype = 'advisory' AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND classid::bigint >> 8 = %(tag)s",
        {"base": _locks(lane), "tag": _locks(lane) >> 40},
    ).scalar_one()
    return int(given if running is None else min(given, running))


def _locks(lane: int) -> int:
    return _SEQUENCE_LOCKS + (lane << 40)
