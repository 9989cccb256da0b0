"""Reading and writing one table's rows as domain records, always within one tenant."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa

from . import turns
from .driver import Row
from .statement import Call, Statement, only, together


class Record(Protocol):
    """A dataclass whose fields are named as the table's columns."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def id(self) -> UUID: ...


R = TypeVar("R", bound=Record)


class Records(Generic[R]):
    """The rows of `table` as `record`s; `tenant` is the column whose value every query is held to.

    `derived` columns are computed from the record, for queries. Rows that are not `there` are not found. Statements are built once: building
    one costs more than running it.
    """

    def __init__(
        self,
        table: sa.Table,
        record: type[R],
        tenant: str = "organization_id",
        derived: Mapping[str, Callable[[R], object]] | None = None,
        there: sa.ColumnElement[bool] | None = None,
    ) -> None:
        self._record = record
        self._derived = derived or {}
        #: The columns that `of` needs.
        self.columns = [table.c[field.name] for field in dataclasses.fields(record)]
        columns = table.c
        mine = columns[tenant] == sa.bindparam("tenant")
        this = mine & (columns.id == sa.bindparam("this"))
        written = [*(field.name for field in dataclasses.fields(record)), *self._derived]
        #: Whether a row is `there` may be in other tables, of which more is known after the wait for it.
        self._read_again = there is not None
        there = sa.true() if there is None else there
        find = sa.select(*self.columns).where(this, there)
        self._find = Statement(find)
        self._lock = Statement(find.with_for_update())
        self._shared = Statement(find.with_for_update(read=True))
        self._page = Statement(
            sa.select(*self.columns)
            .where(mine & (columns.id > sa.bindparam("after")), there)
            .order_by(columns.id)
            .limit(sa.bindparam("limit"))
        )
        self._insert = Statement(sa.insert(table), written)
        self._change = sa.update(table).where(this)
        self._updates: dict[tuple[str, ...], Statement] = {}
        self._delete = Statement(sa.delete(table).where(this))

    def find(self, connection: sa.Connection, tenant: UUID, id: UUID) -> R | None:
        return self.only(self._find.all(connection, {"tenant": tenant, "this": id}))

    def lock(self, connection: sa.Connection, tenant: UUID, id: UUID) -> R | None:
        """Like `find`, and nobody else changes the row before this transaction ends."""
        return self._held(connection, self.locking(tenant, id))

    def hold(self, connection: sa.Connection, tenant: UUID, id: UUID) -> R | None:
        """Like `lock`, beside others who do the same."""
        return self._held(connection, (self._shared, {"tenant": tenant, "this": id}))

    def _held(self, connection: sa.Connection, wait: Call) -> R | None:
        again = self._read_again and turns.taken(connection)
        read = [(self._find, wait[1])] if again else []
        return self.only(together(connection, wait, *read))

    def locking(self, tenant: UUID, id: UUID) -> Call:
        """What `lock` runs."""
        return self._lock, {"tenant": tenant, "this": id}

    def page(self, connection: sa.Connection, tenant: UUID, after: UUID, limit: int) -> list[R]:
        """Up to `limit` records with an id above `after`, oldest first (ids are in order of time)."""
        rows = self._page.all(connection, {"tenant": tenant, "after": after, "limit": limit})
        return [self._record(*row) for row in rows]

    def inserting(self, record: R) -> Call:
        """What writes a new record."""
        return self._insert, self._values(record)

    def update(self, connection: sa.Connection, tenant: UUID, before: R, after: R) -> None:
        """Writes the fields in which a record that this transaction has locked differs from `before`."""
        if after != before:
            together(connection, self.updating(tenant, before, after))

    def updating(self, tenant: UUID, before: R, after: R) -> Call:
        """What `update` runs if the records differ.

        Only the columns that do: a database goes to the index of every column that an UPDATE names.
        """
        old, new = self._values(before), self._values(after)
        values = {name: value for name, value in new.items() if old[name] != value}
        assert values, "records that differ"
        names = tuple(values)
        statement = self._updates.get(names)
        if statement is None:
            statement = self._updates[names] = Statement(self._change, names)
        return statement, {**values, "tenant": tenant, "this": after.id}

    def delete(self, connection: sa.Connection, tenant: UUID, id: UUID) -> None:
        self._delete.run(connection, {"tenant": tenant, "this": id})

    def of(self, row: Iterable[Any]) -> R:
        """The record in a row that has all of `columns`, in their order, and no other."""
        return self._record(*row)

    def make(self, fields: Mapping[str, Any]) -> R:
        """The record out of what its columns hold."""
        return self._record(**fields)

    def _values(self, record: R) -> dict[str, object]:
        values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
        return values | {name: derive(record) for name, derive in self._derived.items()}

    def only(self, rows: Sequence[Row]) -> R | None:
        """The record of a statement's only row, which has all of `columns` in their order."""
        row = only(rows)
        return None if row is None else self._record(*row)
