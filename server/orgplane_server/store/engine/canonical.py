"""Ids as text, made by the database: of very many it takes Python longer to make them than to read their rows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

#: Where the hyphens of a UUID are: its parts by their first digit, counted from 1, and their length.
_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


class Canonical(sa.sql.functions.FunctionElement[str]):
    """The canonical text of a UUID (RFC 9562, section 4)."""

    type = sa.Text()
    inherit_cache = True


@compiles(Canonical, "sqlite")
def _of_digits(element: Canonical, compiler: SQLCompiler, **options: Any) -> str:
    digits = compiler.process(element.clauses, **options)
    return " || '-' || ".join(f"substr({digits}, {start}, {length})" for start, length in _PARTS)


@compiles(Canonical, "postgresql")
def _of_uuid(element: Canonical, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TEXT)"
