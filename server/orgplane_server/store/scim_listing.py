"""Lists of SCIM resources: filtered, in a total order, by index or after a position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import ScimConfigurationId
from ..domain.scim_filter import Filter
from ..domain.scim_query import Sort
from . import scim_count
from .records import Record, Records
from .scim_filter import Comparable, Elements, condition

R = TypeVar("R", bound=Record)
SortValue = str | bool | datetime | None


class Resources(Protocol[R]):
    """One kind of resource: its table, and where it keeps what filters and sorting look into."""

    @property
    def table(self) -> sa.Table: ...

    @property
    def records(self) -> Records[R]: ...

    @property
    def id(self) -> sa.ColumnElement[Any]: ...

    @property
    def counted(self) -> str: ...

    def column(self, attribute: str) -> Comparable | None: ...

    def elements(self, attribute: str) -> Elements: ...

    def part(self, attribute: str) -> tuple[Elements, Comparable]: ...

    def sort_value(self, attribute: str) -> sa.ColumnElement[Any]: ...


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an order: what the resource there is sorted by, and its id."""

    value: SortValue
    id: UUID


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    record: R
    position: Position


_configuration: sa.BindParameter[Any] = sa.bindparam("configuration")


def total(
    connection: sa.Connection,
    resources: Resources[Any],
    configuration: ScimConfigurationId,
    filter: Filter | None,
) -> int:
    """How many resources of the configuration the filter lets through."""
    if filter is None:
        return scim_count.of(connection, configuration, resources.counted)
    counted = sa.select(sa.func.count()).select_from(resources.table)
    counted = counted.where(_mine(resources), condition(filter, resources))
    return int(connection.execute(counted, {"configuration": configuration}).scalar_one())


def page(
    connection: sa.Connection,
    resources: Resources[R],
    configuration: ScimConfigurationId,
    filter: Filter | None,
    sort: Sort | None,
    limit: int,
    *,
    offset: int = 0,
    after: Position | None = None,
) -> list[Placed[R]]:
    """Up to `limit` resources behind `offset` others, or behind a position; by id if not sorted."""
    order = _Order(resources, sort)
    which = [_mine(resources)]
    if filter is not None:
        which.append(condition(filter, resources))
    if after is not None:
        which.append(order.behind(after))
    query = sa.select(*resources.records.columns, order.value.label("sort_value"))
    if offset:
        # Passing over index entries costs little, passing over whole rows does not.
        ids = (
            sa.select(resources.id)
            .where(*which)
            .order_by(*order.by)
            .limit(limit)
            .offset(offset)
            .subquery()
        )
        query = query.where(_mine(resources), resources.id.in_(sa.select(ids.c.id)))
    else:
        query = query.where(*which).limit(limit)
    rows = connection.execute(query.order_by(*order.by), {"configuration": configuration})
    return [_placed(resources, row._mapping) for row in rows]


def _mine(resources: Resources[Any]) -> sa.ColumnElement[bool]:
    return resources.table.c.configuration_id == _configuration


def _placed(resources: Resources[R], row: sa.RowMapping) -> Placed[R]:
    fields: Mapping[str, Any] = {c.name: row[c] for c in resources.records.columns}
    return Placed(resources.records.make(fields), Position(row["sort_value"], fields["id"]))


class _Order:
    def __init__(self, resources: Resources[Any], sort: Sort | None) -> None:
        self._id = resources.id
        self._descending = sort is not None and sort.descending
        if sort is None:
            self.value: sa.ColumnElement[Any] = sa.null()
            self._always = False
            self.by: list[sa.ColumnElement[Any]] = [self._id]
            self._sorted = False
            return
        self._sorted = True
        self.value = resources.sort_value(sort.attribute)
        self._always = isinstance(self.value, sa.Column) and not self.value.nullable
        missing = self.value.is_(None)
        if self._descending:
            self.by = [missing.desc(), self.value.desc(), self._id]
        else:
            self.by = [missing, self.value, self._id]
        if self._always:
            self.by = self.by[1:]

    def behind(self, position: Position) -> sa.ColumnElement[bool]:
        """What comes after the position in this order."""
        later = self._id > position.id
        if not self._sorted:
            return later
        value, missing = self.value, self.value.is_(None)
        if position.value is None:
            same = sa.and_(missing, later)
            return sa.or_(same, sa.not_(missing)) if self._descending else same
        beyond = value < position.value if self._descending else value > position.value
        found = sa.or_(beyond, sa.and_(value == position.value, later))
        return found if self._descending or self._always else sa.or_(found, missing)
