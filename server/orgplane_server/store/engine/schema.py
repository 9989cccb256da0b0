"""The column types that SQLite and PostgreSQL share, and the metadata all tables belong to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Instant(sa.TypeDecorator[datetime]):
    """An aware datetime: TIMESTAMPTZ on PostgreSQL, microseconds since 1970 on SQLite."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[datetime]:
        kind = sa.BigInteger() if dialect.name == "sqlite" else postgresql.TIMESTAMP(timezone=True)
        return dialect.type_descriptor(kind)  # type: ignore[arg-type]

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> object:
        if value is None or dialect.name != "sqlite":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: object, dialect: sa.Dialect) -> datetime | None:
        if isinstance(value, int):
            return _EPOCH + value * _MICROSECOND
        assert value is None or isinstance(value, datetime)
        return value


class Span(sa.TypeDecorator[timedelta]):
    """A duration in microseconds."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else value // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> timedelta | None:
        return None if value is None else value * _MICROSECOND


class Later(FunctionElement[datetime]):
    """An `Instant`, a `Span` after another: `Later(instant, span)`."""

    name = "later"
    type = Instant()
    inherit_cache = True


@compiles(Later, "sqlite")
def _numbers(element: Later, compiler: Any, **options: Any) -> str:
    instant, span = (compiler.process(each, **options) for each in element.clauses)
    return f"({instant} + {span})"


@compiles(Later, "postgresql")
def _intervals(element: Later, compiler: Any, **options: Any) -> str:
    instant, span = (compiler.process(each, **options) for each in element.clauses)
    return f"({instant} + {span} * INTERVAL '1 microsecond')"


class Enumerated(FunctionElement[str]):
    """All values of an expression, with commas between; null if there are none."""

    name = "enumerated"
    type = sa.Text()
    inherit_cache = True


@compiles(Enumerated, "sqlite")
def _concatenated(element: Enumerated, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)}, ',')"


@compiles(Enumerated, "postgresql")
def _aggregated(element: Enumerated, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, ',')"


class Texts(sa.TypeDecorator[tuple[str, ...]]):
    """A list of texts that no query looks into."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(
        self, value: tuple[str, ...] | None, dialect: sa.Dialect
    ) -> list[str] | None:
        return None if value is None else list(value)

    def process_result_value(
        self, value: list[str] | None, dialect: sa.Dialect
    ) -> tuple[str, ...] | None:
        return None if value is None else tuple(value)


def choice(values: type[StrEnum]) -> sa.Enum:
    """One of an enumeration's values, kept as its text."""
    return sa.Enum(
        values,
        native_enum=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


#: Text whose order is that of its code points, on every database.
Key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: A JSON document that no query looks into.
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
#: A number that the database counts up.
Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
