"""Lists of SCIM resources: filtered, in a total order, by index or after a position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, Protocol, TypeGuard, TypeVar
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import ScimConfigurationId
from ..domain.scim_filter import Compare, Filter, Operator
from ..domain.scim_query import Sort
from . import scim_count
from .engine.records import Record, Records
from .engine.statement import Statement
from .scim_filter import Comparable, Elements, condition

R = TypeVar("R", bound=Record)
SortValue = str | bool | datetime | None


class Resources(Protocol[R]):
    """One kind of resource: its table, and where it keeps what filters and sorting look into."""

    def __hash__(self) -> int: ...

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
    rows: Sequence[Sequence[Any]]
    if sort is None and after is None and (filter is None or _names(filter, resources)):
        parameters: dict[str, Any] = {"configuration": configuration, "limit": limit}
        if offset:
            parameters["offset"] = offset
        if filter is None:
            rows = _frequent(resources, None, offset > 0).all(connection, parameters)
        else:
            parameters["name"] = filter.value
            rows = _frequent(resources, filter.attribute, offset > 0).all(connection, parameters)
    else:
        order = _Order(resources, sort)
        which = [_mine(resources)]
        if filter is not None:
            which.append(condition(filter, resources))
        if after is not None:
            which.append(order.behind(after))
        query = _query(resources, order, which, limit, offset or None)
        rows = connection.execute(query, {"configuration": configuration}).all()
    return [_placed(resources, row) for row in rows]


def _names(filter: Filter, resources: Resources[Any]) -> TypeGuard[Compare]:
    """Whether resources are looked for by what they are called, as providers do before every change."""
    if not isinstance(filter, Compare) or filter.operator is not Operator.EQUAL:
        return False
    own = resources.column(filter.attribute)
    return (
        isinstance(filter.value, str) and own is not None and isinstance(own.column.type, sa.Text)
    )


@cache
def _frequent(resources: Resources[Any], attribute: str | None, offset: bool) -> Statement:
    """All resources by id, or those whose `attribute` is `name`: no filter is built for these."""
    which = [_mine(resources)]
    if attribute is not None:
        own = resources.column(attribute)
        assert own is not None
        which.append(own.column == sa.bindparam("name", type_=own.column.type))
    limit: sa.BindParameter[Any] = sa.bindparam("limit")
    behind: sa.BindParameter[Any] | None = sa.bindparam("offset") if offset else None
    return Statement(_query(resources, _Order(resources, None), which, limit, behind))


def _query(
    resources: Resources[Any],
    order: _Order,
    which: Sequence[sa.ColumnElement[bool]],
    limit: int | sa.BindParameter[Any],
    offset: int | sa.BindParameter[Any] | None,
) -> sa.Select[Any]:
    """The columns of the records, and what they are sorted by."""
    query = sa.select(*resources.records.columns, order.value.label("sort_value"))
    if offset is None:
        return query.where(*which).order_by(*order.by).limit(limit)
    # Passing over index entries costs little, passing over whole rows does not.
    ids = (
        sa.select(resources.id)
        .where(*which)
        .order_by(*order.by)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    these = resources.id.in_(sa.select(ids.c.id))
    return query.where(_mine(resources), these).order_by(*order.by)


def _mine(resources: Resources[Any]) -> sa.ColumnElement[bool]:
    return resources.table.c.configuration_id == _configuration


def _placed(resources: Resources[R], row: Sequence[Any]) -> Placed[R]:
    record = resources.records.of(row[:-1])
    return Placed(record, Position(row[-1], record.id))


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
