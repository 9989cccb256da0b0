"""How a database would run the statements that were seen, and whether it would read whole tables for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork

#: What a transaction is made of, and what has no plan.
NO_QUERY = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET|SHOW|EXPLAIN|LISTEN|NOTIFY)\b", re.I
)
#: Tables of one row, and what is not a table.
SMALL = (
    *("audit_retention", "secret_key", "alembic_version", "CONSTANT ROW", "SCAN found", "anon_"),
    *("_sequence_seq", "sqlite_sequence"),
)

Statement = tuple[str, Any]


@contextmanager
def statements() -> Iterator[dict[str, Any]]:
    """Every different statement that runs meanwhile, on any engine, and parameters that it ran with."""
    seen: dict[str, Any] = {}

    def note(_1: object, _2: object, text: str, parameters: Any, _3: object, many: bool) -> None:
        if not NO_QUERY.match(text):
            seen.setdefault(text, parameters[0] if many else parameters)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


@contextmanager
def every_statement() -> Iterator[list[str]]:
    """The text of every statement that runs meanwhile, on any engine, as often as it does."""
    seen: list[str] = []

    def note(_1: object, _2: object, text: str, *_3: object) -> None:
        if not NO_QUERY.match(text):
            seen.append(text)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


class Plan(Exception):
    pass


async def plan(database: Database, sqlite: bool, statement: Statement) -> str:
    """How the database would run a statement; PostgreSQL is asked to go by an index's order if it can."""

    def explain(unit: UnitOfWork) -> None:
        text, parameters = statement
        connection = unit.connection
        if sqlite:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters)
            raise Plan("\n".join(str(row[3]) for row in rows))
        for wasteful in ("seqscan", "bitmapscan", "sort"):
            connection.exec_driver_sql(f"SET LOCAL enable_{wasteful} = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {text}", parameters)
        raise Plan("\n".join(str(row[0]) for row in rows))

    with pytest.raises(Plan) as found:
        await database.write(explain)
    return str(found.value)


async def wasteful(
    database: Database, sqlite: bool, seen: Mapping[str, Any], but: str | None = None
) -> dict[str, str]:
    """The plans by which whole tables would be read, each of its statement; those with `but` in them are left out."""
    plans = {
        text: await plan(database, sqlite, (text, parameters))
        for text, parameters in seen.items()
        if but is None or but not in text
    }
    return {text: steps for text, steps in plans.items() if whole_tables(steps)}


def whole_tables(plan: str) -> list[str]:
    """The lines of a plan that read all of a table, or all of an index of it."""
    return [
        line
        for line in plan.splitlines()
        if re.match(r"\s*SCAN ", line) or "Seq Scan" in line
        if not any(small in line for small in SMALL)
    ]
