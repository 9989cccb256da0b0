"""Reading and writing one table's rows as domain records, always within one organization."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId


class Record(Protocol):
    """A dataclass whose fields are named as the table's columns."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def id(self) -> UUID: ...


R = TypeVar("R", bound=Record)


class Records(Generic[R]):
    """The rows of `table` as `record`s; `tenant` is the column with the organization's id.

    Statements are built once: building one costs more than running it.
    """

    def __init__(self, table: sa.Table, record: type[R], tenant: str = "organization_id") -> None:
        self._record = record
        columns = table.c
        mine = columns[tenant] == sa.bindparam("tenant")
        this = mine & (columns.id == sa.bindparam("this"))
        self._find = sa.select(table).where(this)
        self._lock = self._find.with_for_update()
        self._page = (
            sa.select(table)
            .where(mine & (columns.id > sa.bindparam("after")))
            .order_by(columns.id)
            .limit(sa.bindparam("limit"))
        )
        self._insert = sa.insert(table)
        self._update = sa.update(table).where(this)
        self._delete = sa.delete(table).where(this)

    def find(self, connection: sa.Connection, organization: OrganizationId, id: UUID) -> R | None:
        return self._one(connection, self._find, organization, id)

    def lock(self, connection: sa.Connection, organization: OrganizationId, id: UUID) -> R | None:
        """Like `find`, and nobody else changes the row before this transaction ends."""
        return self._one(connection, self._lock, organization, id)

    def page(
        self, connection: sa.Connection, organization: OrganizationId, after: UUID, limit: int
    ) -> list[R]:
        """Up to `limit` records with an id above `after`, oldest first (ids are in order of time)."""
        rows = connection.execute(
            self._page, {"tenant": organization, "after": after, "limit": limit}
        )
        return [self.of(row) for row in rows]

    def insert(self, connection: sa.Connection, record: R) -> None:
        connection.execute(self._insert, _columns(record))

    def update(self, connection: sa.Connection, organization: OrganizationId, record: R) -> None:
        """Writes every field of a record that this transaction has locked."""
        connection.execute(
            self._update, {**_columns(record), "tenant": organization, "this": record.id}
        )

    def delete(self, connection: sa.Connection, organization: OrganizationId, id: UUID) -> None:
        connection.execute(self._delete, {"tenant": organization, "this": id})

    def of(self, row: sa.Row[Any]) -> R:
        """The record in a row that has all the table's columns."""
        return self._record(**row._mapping)

    def _one(
        self, connection: sa.Connection, statement: sa.Select[Any], organization: UUID, id: UUID
    ) -> R | None:
        row = connection.execute(statement, {"tenant": organization, "this": id}).one_or_none()
        return None if row is None else self.of(row)


def _columns(record: Record) -> dict[str, object]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
