"""Reading and writing one table's rows as domain records, always within one tenant."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa


class Record(Protocol):
    """A dataclass whose fields are named as the table's columns."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def id(self) -> UUID: ...


R = TypeVar("R", bound=Record)


#: How many ids one statement carries: databases limit parameters.
_BATCH = 500
T = TypeVar("T")


def batched(items: Iterable[T]) -> Iterator[list[T]]:
    """All items, in lists short enough for the parameters of one statement."""
    left = iter(items)
    while batch := list(islice(left, _BATCH)):
        yield batch


class Records(Generic[R]):
    """The rows of `table` as `record`s; `tenant` is the column whose value every query is held to.

    `derived` columns are computed from the record, for queries. Statements are built once: building
    one costs more than running it.
    """

    def __init__(
        self,
        table: sa.Table,
        record: type[R],
        tenant: str = "organization_id",
        derived: Mapping[str, Callable[[R], object]] | None = None,
    ) -> None:
        self._record = record
        self._derived = derived or {}
        #: The columns that `of` needs.
        self.columns = [table.c[field.name] for field in dataclasses.fields(record)]
        columns = table.c
        mine = columns[tenant] == sa.bindparam("tenant")
        this = mine & (columns.id == sa.bindparam("this"))
        self._find = sa.select(*self.columns).where(this)
        self._lock = self._find.with_for_update()
        self._page = (
            sa.select(*self.columns)
            .where(mine & (columns.id > sa.bindparam("after")))
            .order_by(columns.id)
            .limit(sa.bindparam("limit"))
        )
        self._insert = sa.insert(table)
        self._update = sa.update(table).where(this)
        self._delete = sa.delete(table).where(this)

    def find(self, connection: sa.Connection, tenant: UUID, id: UUID) -> R | None:
        return self._one(connection, self._find, tenant, id)

    def lock(self, connection: sa.Connection, tenant: UUID, id: UUID) -> R | None:
        """Like `find`, and nobody else changes the row before this transaction ends."""
        return self._one(connection, self._lock, tenant, id)

    def page(self, connection: sa.Connection, tenant: UUID, after: UUID, limit: int) -> list[R]:
        """Up to `limit` records with an id above `after`, oldest first (ids are in order of time)."""
        rows = connection.execute(self._page, {"tenant": tenant, "after": after, "limit": limit})
        return [self.of(row) for row in rows]

    def insert(self, connection: sa.Connection, record: R) -> None:
        connection.execute(self._insert, self._values(record))

    def update(self, connection: sa.Connection, tenant: UUID, record: R) -> None:
        """Writes every field, but the id, of a record that this transaction has locked."""
        values = self._values(record)
        del values["id"]  # setting it would have the database look for rows that refer to it
        connection.execute(self._update, {**values, "tenant": tenant, "this": record.id})

    def delete(self, connection: sa.Connection, tenant: UUID, id: UUID) -> None:
        connection.execute(self._delete, {"tenant": tenant, "this": id})

    def of(self, row: sa.Row[Any]) -> R:
        """The record in a row that has all of `columns`, and no other."""
        return self._record(**row._mapping)

    def make(self, fields: Mapping[str, Any]) -> R:
        """The record out of what its columns hold."""
        return self._record(**fields)

    def _values(self, record: R) -> dict[str, object]:
        values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
        return values | {name: derive(record) for name, derive in self._derived.items()}

    def _one(
        self, connection: sa.Connection, statement: sa.Select[Any], tenant: UUID, id: UUID
    ) -> R | None:
        row = connection.execute(statement, {"tenant": tenant, "this": id}).one_or_none()
        return None if row is None else self.of(row)
