"""Who is in which SCIM group: a row for each, changed as sets and never read to be changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from ..domain.identifier import ScimConfigurationId, ScimGroupId, UserId
from ..domain.scim_group import Member
from ..domain.scim_user import GroupOfUser
from .engine.among import Among
from .engine.driver import Row
from .engine.schema import metadata
from .engine.statement import Statement
from .engine.unit_of_work import UnitOfWork

table = sa.Table(
    "scim_group_member",
    metadata,
    sa.Column("group_id", sa.Uuid, sa.ForeignKey("scim_group.id"), primary_key=True),
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("configuration_id", sa.Uuid, nullable=False),
    sa.ForeignKeyConstraint(
        ["configuration_id", "user_id"], ["scim_user.configuration_id", "scim_user.id"]
    ),
    sa.Index(None, "user_id", "group_id"),
    sa.Index(None, "configuration_id", "user_id", "group_id"),
    sa.Index(None, "configuration_id", "group_id", "user_id"),
)

_c = table.c
_mine = _c.configuration_id == sa.bindparam("configuration")
_this = _mine & (_c.group_id == sa.bindparam("group"))
_member = sa.table("member", sa.column("id", sa.Uuid), sa.column("name", sa.Text))
_group = sa.table("scim_group", sa.column("id", sa.Uuid), sa.column("display_name", sa.Text))

_IDS = sa.select(_c.user_id).where(_this)
_INSERT = Statement(sa.insert(table), _c.keys())
_PRESENT = Among(sa.select(_c.user_id).where(_this), _c.user_id)
_REMOVE = Among(sa.delete(table).where(_this), _c.user_id)
_CLEAR = sa.delete(table).where(_this).returning(_c.user_id)
_LEAVE = sa.delete(table).where(_mine, _c.user_id == sa.bindparam("user"))
_FORGET = sa.delete(table).where(_mine)
_GROUPS = sa.select(_c.group_id).where(_mine, _c.user_id == sa.bindparam("user"))
_GROUPS_OF = Among(
    sa.select(_c.user_id, _group.c.id, _group.c.display_name)
    .join(_group, _group.c.id == _c.group_id)
    .where(_mine)
    .order_by(_c.user_id, _c.group_id),
    _c.user_id,
)
_MEMBERS = (
    sa.select(_c.group_id, _c.user_id, _member.c.name)
    .join(_member, _member.c.id == _c.user_id)
    .where(_mine)
    .order_by(_c.group_id, _c.user_id)
)
_MEMBERS_OF = Among(_MEMBERS, _c.group_id)
_SOME_MEMBERS_OF = Among(_MEMBERS.limit(sa.bindparam("limit")), _c.group_id)


class Membership:
    """The members of one group, whose row this transaction has locked."""

    def __init__(
        self, unit: UnitOfWork, configuration: ScimConfigurationId, group: ScimGroupId
    ) -> None:
        self._unit = unit
        self._this = {"configuration": configuration, "group": group}

    def add(self, users: Collection[UserId]) -> set[UserId]:
        """Makes these users of the configuration members; those that were none before."""
        added = set(users) - self._present(users)
        rows = [
            {
                "group_id": self._this["group"],
                "user_id": user,
                "configuration_id": self._this["configuration"],
            }
            for user in sorted(added)
        ]
        self._unit.write(*((_INSERT, row) for row in rows))
        return added

    def remove(self, users: Collection[UserId]) -> set[UserId]:
        """Those of these users that were members, and are no more."""
        removed = self._present(users)
        self._unit.write(*_REMOVE.calls(sorted(removed), self._this))
        return removed

    def clear(self) -> set[UserId]:
        """Nobody is a member any more; those who were."""
        return self._ids(_CLEAR)

    def ids(self) -> set[UserId]:
        return self._ids(_IDS)

    def _present(self, users: Collection[UserId]) -> set[UserId]:
        """Those of these users that are members."""
        return {UserId(id) for (id,) in _PRESENT.all(self._unit.connection, users, self._this)}

    def _ids(self, statement: sa.Executable) -> set[UserId]:
        return {UserId(id) for id in self._unit.connection.execute(statement, self._this).scalars()}


def groups_with(
    connection: sa.Connection, configuration: ScimConfigurationId, user: UserId
) -> list[ScimGroupId]:
    """The groups that the user is in."""
    found = connection.execute(_GROUPS, {"configuration": configuration, "user": user})
    return sorted(ScimGroupId(id) for id in found.scalars())


def leave(connection: sa.Connection, configuration: ScimConfigurationId, user: UserId) -> None:
    """The user is in no group any more."""
    connection.execute(_LEAVE, {"configuration": configuration, "user": user})


def forget(connection: sa.Connection, configuration: ScimConfigurationId) -> None:
    """All groups of the configuration are empty."""
    connection.execute(_FORGET, {"configuration": configuration})


def groups_of(
    connection: sa.Connection, configuration: ScimConfigurationId, users: Collection[UserId]
) -> dict[UserId, list[GroupOfUser]]:
    """The groups of each of these users that is in any."""
    found: dict[UserId, list[GroupOfUser]] = {}
    for user, id, name in _GROUPS_OF.all(connection, users, {"configuration": configuration}):
        found.setdefault(user, []).append(GroupOfUser(id, name))
    return found


def members_of(
    connection: sa.Connection, configuration: ScimConfigurationId, groups: Collection[ScimGroupId]
) -> dict[ScimGroupId, list[Member]]:
    """The members of each of these groups."""
    return _by_group(groups, _MEMBERS_OF.all(connection, groups, {"configuration": configuration}))


def members_of_first(
    connection: sa.Connection,
    configuration: ScimConfigurationId,
    groups: Sequence[ScimGroupId],
    most: int,
) -> dict[ScimGroupId, list[Member]]:
    """The members of these groups, in this order, up to the one that brings them over `most` in sum."""
    some = {"configuration": configuration, "limit": most + 1}
    found = _SOME_MEMBERS_OF.all(connection, groups, some)
    if len(found) <= most:
        return _by_group(groups, found)
    members: dict[ScimGroupId, list[Member]] = {}
    for group in groups:
        members |= members_of(connection, configuration, [group])
        most -= len(members[group])
        if most < 0:
            break
    return members


def _by_group(
    groups: Collection[ScimGroupId], rows: Iterable[Row]
) -> dict[ScimGroupId, list[Member]]:
    members: dict[ScimGroupId, list[Member]] = {group: [] for group in groups}
    for group, user, name in rows:
        members[group].append(Member(user, name))
    return members
