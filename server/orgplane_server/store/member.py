"""Lists of an organization's members, out of the table of users."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.member import (
    MAX_COUNT,
    Count,
    LoginProvider,
    Member,
    MemberFilter,
    MemberOrder,
    MemberSort,
)
from ..domain.role import Role, effective
from ..domain.text import folded
from ..domain.user import User, email_key
from . import group, role, scim_user
from .administration import having
from .engine.schema import Instant, Key
from .user import table, users

#: A place in a list of members: what it is ordered by, and the member's id.
Position = tuple[str | datetime, UUID]

#: Nobody signs in with these.
_NOBODYS = frozenset(LoginProvider) - {LoginProvider.SSO, LoginProvider.NONE}

_columns = table.c
_provisioned = (
    sa.exists().where(scim_user.table.c.id == _columns.id, scim_user.counts).correlate(table)
)


def page(
    connection: sa.Connection,
    organization: OrganizationId,
    narrowed: MemberFilter,
    order: MemberOrder,
    after: Position | None,
    limit: int | None,
) -> list[Member]:
    """Up to `limit` members, if there is one, behind `after`, in the order asked for.

    Behind any place there is no `order.first`, so a member who comes or goes moves nobody else.
    """
    if narrowed.login_provider in _NOBODYS:
        return []
    key: sa.ColumnElement[Any]
    kind: sa.types.TypeEngine[Any]
    match order.by:
        case MemberSort.NAME:
            key, kind = _columns.name_key, Key
        case MemberSort.JOINED:
            key, kind = _columns.created_at, Instant()
    members = sa.select(
        *users.columns,
        _provisioned.label("provisioned"),
        role.granted(_columns.id, _columns.organization_id).label("granted"),
    ).where(*_conditions(organization, narrowed))
    query = members.limit(limit)
    if order.first is not None:
        query = query.where(_columns.id != order.first)
    if _few(narrowed):
        key = sa.func.coalesce(key, key)  # no index has this order, so the filter chooses the index
    if order.descending:
        query = query.order_by(key.desc(), _columns.id.desc())
    else:
        query = query.order_by(key, _columns.id)
    if after is not None:
        position = sa.tuple_(key, _columns.id)
        place = sa.tuple_(sa.literal(after[0], kind), sa.literal(after[1], sa.Uuid))
        query = query.where(position < place if order.descending else position > place)
    found = _members(connection, query)
    if order.first is None or after is not None:
        return found
    return [*_members(connection, members.where(_columns.id == order.first)), *found][:limit]


def of(connection: sa.Connection, user: User) -> Member:
    """A user who is there, as a member."""
    narrowed = MemberFilter(user_ids=frozenset([user.id]))
    order = MemberOrder(MemberSort.JOINED)
    (member,) = page(connection, user.organization_id, narrowed, order, None, None)
    return member


def count(connection: sa.Connection, organization: OrganizationId, narrowed: MemberFilter) -> Count:
    """How many members the filter lets through; it stops counting at `MAX_COUNT`."""
    if narrowed.login_provider in _NOBODYS:
        return Count(0, exact=True)
    query = sa.select(_columns.id).where(*_conditions(organization, narrowed)).limit(MAX_COUNT + 1)
    if not _few(narrowed):  # by the index whose order is that of the rows in the table
        query = query.order_by(_columns.created_at, _columns.id)
    found = query.subquery("found")
    value = int(connection.execute(sa.select(sa.func.count()).select_from(found)).scalar_one())
    return Count(min(value, MAX_COUNT), value <= MAX_COUNT)


def _few(narrowed: MemberFilter) -> bool:
    """Whether few members can meet a condition that has an index of its own."""
    return bool(narrowed.email or narrowed.user_ids or narrowed.roles == {Role.ADMIN})


def _conditions(
    organization: OrganizationId, narrowed: MemberFilter
) -> list[sa.ColumnElement[bool]]:
    conditions = [_columns.organization_id == organization]
    for column, wanted in (
        (_columns.status, narrowed.statuses),
        (_columns.id, narrowed.user_ids),
    ):
        if wanted:
            conditions.append(column.in_(sorted(wanted)))
    if narrowed.roles and narrowed.roles != {Role.ADMIN, Role.MEMBER}:
        administers = having(Role.ADMIN, sa.literal(organization, sa.Uuid))
        conditions.append(administers if narrowed.roles == {Role.ADMIN} else ~administers)
    if narrowed.email:
        conditions.append(_columns.email_key == email_key(narrowed.email))
    if narrowed.search:
        part = folded(narrowed.search)
        conditions.append(
            _columns.name_key.contains(part, autoescape=True)
            | _columns.email_key.contains(part, autoescape=True)
        )
    if narrowed.outside:
        conditions.append(~group.inside(narrowed.outside, _columns.id))
    if narrowed.login_provider is not None:
        by_sso = narrowed.login_provider is LoginProvider.SSO
        conditions.append(_provisioned if by_sso else ~_provisioned)
    return conditions


def _members(connection: sa.Connection, query: sa.Select[Any]) -> list[Member]:
    rows: sa.Result[Any] = connection.execute(query)
    return [_member(row) for row in rows]


def _member(row: sa.Row[Any]) -> Member:
    values = dict(row._mapping)
    provisioned, granted = values.pop("provisioned"), values.pop("granted")
    user = users.make(values)
    return Member(
        user,
        LoginProvider.SSO if provisioned else LoginProvider.NONE,
        effective(user.role, role.roles(granted)),
    )
