"""Local groups and who is in them; and both kinds of groups read alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..domain.group import (
    Group,
    GroupFilter,
    GroupMembership,
    LocalGroup,
    LocalMembership,
    name_key,
    of_local,
    of_scim,
    provided_membership_id,
    taken,
)
from ..domain.identifier import (
    GroupId,
    GroupMembershipId,
    OrganizationId,
    ScimGroupId,
    UserId,
)
from ..domain.text import folded
from . import deletion, role, scim_configuration, scim_group, scim_membership, scim_naming, user
from .engine.among import Among
from .engine.records import Records
from .engine.schema import Instant, Key, metadata
from .engine.slices import Slices
from .engine.statement import Call, Statement
from .engine.unit_of_work import UnitOfWork

table = sa.Table(
    "local_group",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", Key, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("description_key", Key, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.UniqueConstraint("organization_id", "name_key"),
    sa.Index(None, "organization_id", "id"),
)
# No foreign key to groups, which are gone before the many who were in them.
members = sa.Table(
    "local_group_member",
    metadata,
    sa.Column("group_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("member.id"), primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index(None, "user_id", "group_id"),
    sa.Index(None, "organization_id", "group_id", "user_id"),
)

local_groups = Records(
    table,
    LocalGroup,
    derived={
        "name_key": lambda group: name_key(group.name),
        "description_key": lambda group: folded(group.description),
    },
)
local_memberships = Records(members, LocalMembership)
#: Who was in a group that is deleted.
MEMBER_SLICES = Slices(members, members.c.group_id, members.c.user_id)

_UNIQUE = {"name_key": "name"}
_SEARCHED: Mapping[sa.Table, Sequence[sa.ColumnElement[str]]] = {
    table: (table.c.name_key, table.c.description_key),
    scim_group.table: (scim_group.table.c.display_name_key,),
}
_NO_LIMIT = 2**31
_local, _provided = table.c, scim_group.table.c
_in_local, _in_provided, _user = members.c, scim_membership.table.c, user.table.c
_organization: sa.BindParameter[Any] = sa.bindparam("organization")
_group: sa.BindParameter[Any] = sa.bindparam("group", type_=sa.Uuid)
_whom: sa.BindParameter[Any] = sa.bindparam("user", type_=sa.Uuid)
_there = deletion.live(_provided.configuration_id)
_provided_group = sa.select(*scim_group.scim_groups.columns).where(_there)
_NAMED = Statement(
    sa.select(*local_groups.columns).where(
        _local.organization_id == _organization, _local.name_key == sa.bindparam("key")
    )
)
# By the index of each configuration's names.
_configurations = scim_configuration.table.c
_PROVIDED_NAMED = Statement(
    _provided_group.where(
        _provided.configuration_id.in_(
            sa.select(_configurations.id).where(_configurations.organization_id == _organization)
        ),
        _provided.display_name_key == sa.bindparam("key"),
    ).limit(2)
)
_LOCAL_SIZES = Among(
    sa.select(_in_local.group_id, sa.func.count()).group_by(_in_local.group_id), _in_local.group_id
)
_PROVIDED_SIZES = Among(
    sa.select(_in_provided.roster_id, sa.func.count()).group_by(_in_provided.roster_id),
    _in_provided.roster_id,
)
#: Members that are counted before others would have to wait for it.
_FEW = 5000


def _up_to_few(members: sa.Table, roster: sa.ColumnElement[Any]) -> Callable[[list[UUID]], Any]:
    def counting(rosters: list[UUID]) -> sa.Select[Any]:
        found = sa.select(roster).where(roster.in_(rosters)).limit(_FEW + 1).subquery("found")
        return sa.select(sa.func.count()).select_from(found)

    return counting


_SOME_LOCAL = _up_to_few(members, _in_local.group_id)
_SOME_PROVIDED = _up_to_few(scim_membership.table, _in_provided.roster_id)
_local_members = sa.select(_in_local.id, _in_local.user_id, _user.name, _user.avatar_url).join_from(
    members, user.table, _user.id == _in_local.user_id
)
_provided_members = sa.select(
    sa.null(), _in_provided.user_id, _user.name, _user.avatar_url
).join_from(scim_membership.table, user.table, _user.id == _in_provided.user_id)
_LOCAL_MEMBER = Statement(
    _local_members.where(_in_local.group_id == _group, _in_local.user_id == _whom)
)
_PROVIDED_MEMBER = Statement(
    _provided_members.where(_in_provided.roster_id == _group, _in_provided.user_id == _whom)
)
_MEMBER_IDS = Statement(
    sa.select(_in_local.user_id)
    .where(_in_local.group_id == _group)
    .order_by(_in_local.user_id)
    .limit(sa.bindparam("limit"))
)
_REMOVE = Statement(
    sa.delete(members).where(_in_local.group_id == _group, _in_local.user_id == _whom)
)
_LEAVE = Statement(sa.delete(members).where(_in_local.user_id == _whom))
_after: sa.BindParameter[Any] = sa.bindparam("after", type_=sa.Uuid)
_LOCAL_OF = Statement(
    sa.select(*local_groups.columns)
    .join_from(members, table, _local.id == _in_local.group_id)
    .where(_in_local.user_id == _whom, _in_local.group_id > _after)
    .order_by(_in_local.group_id)
    .limit(sa.bindparam("limit"))
)
_PROVIDED_OF = Statement(
    _provided_group.join_from(
        scim_membership.table, scim_group.table, _provided.roster_id == _in_provided.roster_id
    )
    .where(_in_provided.user_id == _whom, _provided.id > _after)
    .order_by(_provided.id)
    .limit(sa.bindparam("limit"))
)


def find(connection: sa.Connection, organization: OrganizationId, id: GroupId) -> Group | None:
    """A group of either kind."""
    local = local_groups.find(connection, organization, id)
    if local is not None:
        return of_local(local)
    provided = scim_group.of_organization(connection, organization, ScimGroupId(id))
    return None if provided is None else of_scim(provided)


def named(connection: sa.Connection, organization: OrganizationId, name: str) -> list[Group]:
    """The local group that is called so; without one those of providers, of more than two the first."""
    this = {"organization": organization, "key": name_key(name)}
    if found := [of_local(local_groups.of(row)) for row in _NAMED.all(connection, this)]:
        return found
    return [_of_provider(row) for row in _PROVIDED_NAMED.all(connection, this)]


def page(
    connection: sa.Connection,
    organization: OrganizationId,
    narrowed: GroupFilter,
    after: UUID,
    limit: int,
) -> list[Group]:
    """Up to `limit` groups with an id above `after`, oldest first."""
    found: list[Group] = []
    if narrowed.provided is not True:
        query = _narrowed(
            sa.select(*local_groups.columns), table, organization, narrowed, after, limit
        )
        found += [of_local(local_groups.of(row)) for row in connection.execute(query)]
    if narrowed.provided is not False:
        query = _narrowed(_provided_group, scim_group.table, organization, narrowed, after, limit)
        found += [_of_provider(row) for row in connection.execute(query)]
    return sorted(found, key=lambda group: group.id.int)[:limit]


def of_member(connection: sa.Connection, whom: UserId, after: UUID, limit: int) -> list[Group]:
    """As `page`, of the groups that a member is in."""
    these = {"user": whom, "after": after, "limit": limit}
    local = [of_local(local_groups.of(row)) for row in _LOCAL_OF.all(connection, these)]
    provided = [_of_provider(row) for row in _PROVIDED_OF.all(connection, these)]
    return sorted([*local, *provided], key=lambda group: group.id.int)[:limit]


def many(connection: sa.Connection, groups: Collection[Group]) -> bool:
    """Whether it may take long to count those who are in these groups."""
    local = [group.roster_id for group in groups if group.local]
    provided = [group.roster_id for group in groups if not group.local]
    there: int = sum(
        connection.execute(counting(rosters)).scalar_one()
        for counting, rosters in ((_SOME_LOCAL, local), (_SOME_PROVIDED, provided))
        if rosters
    )
    return there > _FEW


def sizes(connection: sa.Connection, groups: Collection[Group]) -> dict[GroupId, int]:
    """How many are in each of these groups."""
    local = [group.roster_id for group in groups if group.local]
    provided = [group.roster_id for group in groups if not group.local]
    on = dict.fromkeys((*local, *provided), 0)
    for counted in (
        _LOCAL_SIZES.all(connection, local, {}),
        _PROVIDED_SIZES.all(connection, provided, {}),
    ):
        on |= {roster: int(number) for roster, number in counted}
    return {group.id: on[group.roster_id] for group in groups}


def membership(connection: sa.Connection, group: Group, whom: UserId) -> GroupMembership | None:
    statement = _LOCAL_MEMBER if group.local else _PROVIDED_MEMBER
    found = statement.all(connection, {"group": group.roster_id, "user": whom})
    return next(_memberships(group, found), None)


def memberships(
    connection: sa.Connection, group: Group, search: str, after: UUID, limit: int
) -> list[GroupMembership]:
    """Up to `limit` of those in a group whose id is above `after`, in the order of these ids."""
    if group.local:
        query, roster, whom = _local_members, _in_local.group_id, _in_local.user_id
    else:
        query, roster, whom = _provided_members, _in_provided.roster_id, _in_provided.user_id
    query = query.where(roster == group.roster_id, whom > after).order_by(whom).limit(limit)
    if search:
        query = query.where(_contains((_user.name_key, _user.email_key), search))
    return [*_memberships(group, connection.execute(query))]


def inside(groups: Collection[GroupId], whom: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a user is in any of these groups."""
    ids = sorted(groups)
    local = sa.exists().where(_in_local.user_id == whom, _in_local.group_id.in_(ids))
    provided = sa.exists().where(
        _in_provided.user_id == whom,
        _in_provided.roster_id == _provided.roster_id,
        _provided.id.in_(ids),
        _there,
    )
    return local.correlate(user.table) | provided.correlate(user.table)


def named_or_counted(connection: sa.Connection, group: LocalGroup, most: int) -> set[UserId] | int:
    """Who is in a local group; how many, if they are more than `most`."""
    rows = _MEMBER_IDS.all(connection, {"group": group.id, "limit": most + 1})
    if len(rows) <= most:
        return {UserId(id) for (id,) in rows}
    ((_, number),) = _LOCAL_SIZES.all(connection, [group.id], {})
    return int(number)


def insert(unit: UnitOfWork, new: LocalGroup) -> None:
    """Raises AlreadyExists if another local group of the organization is called so."""
    scim_naming.write(unit, local_groups.inserting(new), unique=_UNIQUE, taken=taken)


def update(unit: UnitOfWork, before: LocalGroup, after: LocalGroup) -> None:
    """Writes a group that this transaction has locked, and that differs. Raises as `insert`."""
    call = local_groups.updating(after.organization_id, before, after)
    scim_naming.write(unit, call, unique=_UNIQUE, taken=taken)


def removing(group: LocalGroup, whom: UserId) -> Call:
    """What takes a user out of a local group, which is locked."""
    return _REMOVE, {"group": group.id, "user": whom}


def leaving(whom: UserId) -> Call:
    """What takes a user out of all local groups."""
    return _LEAVE, {"user": whom}


def _narrowed(
    query: sa.Select[Any],
    groups: sa.Table,
    organization: OrganizationId,
    narrowed: GroupFilter,
    after: UUID,
    limit: int,
) -> sa.Select[Any]:
    columns = groups.c
    query = query.where(columns.organization_id == organization, columns.id > after)
    if narrowed.ids is not None:
        query = query.where(columns.id.in_(sorted(narrowed.ids)))
    if narrowed.without_roles:
        assigned = role.table.c
        having = sa.select(assigned.principal_id).where(assigned.organization_id == organization)
        query = query.where(columns.id.not_in(having))
    if narrowed.search:
        found = _contains(_SEARCHED[groups], narrowed.search)
        if part := narrowed.search.lower().replace("-", ""):
            # Databases write ids with hyphens, or without.
            id = sa.func.replace(sa.cast(columns.id, sa.Text), "-", "")
            found |= id.contains(part, autoescape=True)
        query = query.where(found)
    return query.order_by(columns.id).limit(limit)


def _contains(texts: Iterable[sa.ColumnElement[str]], search: str) -> sa.ColumnElement[bool]:
    part = folded(search)
    return sa.or_(*(text.contains(part, autoescape=True) for text in texts))


def _of_provider(row: Any) -> Group:
    return of_scim(scim_group.scim_groups.of(row))


def _memberships(group: Group, rows: Iterable[Any]) -> Iterator[GroupMembership]:
    for id, whom, name, avatar_url in rows:
        known = GroupMembershipId(id) if group.local else provided_membership_id(group.id, whom)
        yield GroupMembership(known, group.id, whom, name, avatar_url)
