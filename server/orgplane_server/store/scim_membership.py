"""Who is in which SCIM group: a row for each, changed as sets and never read to be changed.

Rows are those of a roster. A group's members are who is on its roster: it gets another one where many come
and go at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import ScimConfigurationId, ScimGroupId, UserId
from ..domain.scim_group import Member, ScimGroup
from ..domain.scim_user import GroupOfUser
from . import deletion
from .engine.among import Among
from .engine.canonical import Canonical
from .engine.driver import Row
from .engine.patience import Patience
from .engine.schema import metadata
from .engine.slices import Slices
from .engine.statement import Statement
from .engine.unit_of_work import UnitOfWork

# No foreign key to groups: a roster is written before it is a group's, and there after that.
table = sa.Table(
    "scim_group_member",
    metadata,
    sa.Column("roster_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("configuration_id", sa.Uuid, nullable=False),
    sa.ForeignKeyConstraint(
        ["configuration_id", "user_id"], ["scim_user.configuration_id", "scim_user.id"]
    ),
    sa.Index(None, "user_id", "roster_id"),
    sa.Index(None, "configuration_id", "user_id", "roster_id"),
    sa.Index(None, "configuration_id", "roster_id", "user_id"),
)

_NO_LIMIT = 2**31
_START = UUID(int=0)
#: Members that are read before a rest.
_AT_A_TIME = 500

_c = table.c
_mine = _c.configuration_id == sa.bindparam("configuration")
_this = _mine & (_c.roster_id == sa.bindparam("roster"))
_member = sa.table("member", sa.column("id", sa.Uuid), sa.column("name", sa.Text))
group = sa.table(
    "scim_group",
    sa.column("id", sa.Uuid),
    sa.column("display_name", sa.Text),
    sa.column("roster_id", sa.Uuid),
)
_grouped = table.join(group, group.c.roster_id == _c.roster_id)

_IDS = sa.select(_c.user_id).where(_this)
_SOME_IDS = Statement(_IDS.order_by(_c.user_id).limit(sa.bindparam("limit")))
_COUNT = Statement(sa.select(sa.func.count()).select_from(table).where(_this))
_INSERT = Statement(sa.insert(table), _c.keys())
_PRESENT = Among(sa.select(_c.user_id).where(_this), _c.user_id)
_REMOVE = Among(sa.delete(table).where(_this), _c.user_id)
_CLEAR = sa.delete(table).where(_this).returning(_c.user_id)
_LEAVE = sa.delete(table).where(_mine, _c.user_id == sa.bindparam("user"))
_GROUPS = (
    sa.select(group.c.id).select_from(_grouped).where(_mine, _c.user_id == sa.bindparam("user"))
)
_GROUPS_OF = Among(
    sa.select(_c.user_id, group.c.id, group.c.display_name)
    .select_from(_grouped)
    .where(_mine)
    .order_by(_c.user_id, group.c.id),
    _c.user_id,
)
_GROUPS_OF_MEMBER = Statement(
    sa.select(group.c.id, group.c.display_name)
    .select_from(_grouped)
    .where(_c.user_id == sa.bindparam("user"), deletion.live(_c.configuration_id))
    .order_by(group.c.display_name, group.c.id)
)
_MEMBERS = (
    sa.select(_c.roster_id, Canonical(_c.user_id), _member.c.name)
    .join_from(table, _member, _member.c.id == _c.user_id)
    .where(_mine)
    .order_by(_c.roster_id, _c.user_id)
)
_NEXT_MEMBERS = Statement(
    sa.select(Canonical(_c.user_id), _member.c.name)
    .join_from(table, _member, _member.c.id == _c.user_id)
    .where(_this, _c.user_id > sa.bindparam("after"))
    .order_by(_c.user_id)
    .limit(sa.bindparam("limit"))
)
_SOME_MEMBERS_OF = Among(_MEMBERS.limit(sa.bindparam("limit")), _c.roster_id)
#: Of a configuration that is deleted, and of a roster that no group has any more.
SLICES = Slices(table, _c.configuration_id, _c.user_id, _c.roster_id)
ROSTER_SLICES = Slices(table, _c.roster_id, _c.user_id)


class Membership:
    """The members of one group, whose row this transaction has locked."""

    def __init__(self, unit: UnitOfWork, group: ScimGroup) -> None:
        self._unit = unit
        self._this: dict[str, Any] = {
            "configuration": group.configuration_id,
            "roster": group.roster_id,
        }

    def add(self, users: Collection[UserId]) -> set[UserId]:
        """Makes these users of the configuration members; those that were none before."""
        added = set(users) - self._present(users)
        enroll(self._unit, self._this["configuration"], self._this["roster"], sorted(added))
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


def enroll(
    unit: UnitOfWork,
    configuration: ScimConfigurationId,
    roster: UUID,
    users: Iterable[UserId],
) -> None:
    """Puts users of the configuration on a roster that they are not on."""
    on = {"roster_id": roster, "configuration_id": configuration}
    unit.write(*((_INSERT, {**on, "user_id": user}) for user in users))


def on_roster(connection: sa.Connection, group: ScimGroup, limit: int | None) -> set[UserId]:
    """The members of a group; of more than `limit` the first, in the order of their ids."""
    return {UserId(id) for (id,) in _SOME_IDS.all(connection, _of(group, limit))}


def named_or_counted(connection: sa.Connection, group: ScimGroup, most: int) -> set[UserId] | int:
    """The members of a group; how many, if there are more than `most`."""
    ids = on_roster(connection, group, most + 1)
    return ids if len(ids) <= most else _COUNT.all(connection, _of(group, None))[0][0]


def first_members(connection: sa.Connection, group: ScimGroup, limit: int) -> list[Member]:
    """As `on_roster`, with what they are called."""
    return _next_members(connection, group, limit, _START)


def all_members(connection: sa.Connection, group: ScimGroup) -> list[Member]:
    """All of them, in the order of their ids. Rests in between: for a thread for which nobody waits."""
    found: list[Member] = []
    patience, after = Patience(), _START
    while some := _next_members(connection, group, _AT_A_TIME, after):
        found += some
        after = UUID(some[-1].id)
        patience.rest()
    return found


def _next_members(
    connection: sa.Connection, group: ScimGroup, limit: int, after: UUID
) -> list[Member]:
    rows = _NEXT_MEMBERS.all(connection, {**_of(group, limit), "after": after})
    return [Member(id, name) for id, name in rows]


def _of(group: ScimGroup, limit: int | None) -> dict[str, Any]:
    return {
        "configuration": group.configuration_id,
        "roster": group.roster_id,
        "limit": _NO_LIMIT if limit is None else limit,
    }


def groups_with(
    connection: sa.Connection, configuration: ScimConfigurationId, user: UserId
) -> list[ScimGroupId]:
    """The groups that the user is in."""
    found = connection.execute(_GROUPS, {"configuration": configuration, "user": user})
    return sorted(ScimGroupId(id) for id in found.scalars())


def leave(connection: sa.Connection, configuration: ScimConfigurationId, user: UserId) -> None:
    """The user is in no group any more."""
    connection.execute(_LEAVE, {"configuration": configuration, "user": user})


def groups_of(
    connection: sa.Connection, configuration: ScimConfigurationId, users: Collection[UserId]
) -> dict[UserId, list[GroupOfUser]]:
    """The groups of each of these users that is in any."""
    found: dict[UserId, list[GroupOfUser]] = {}
    for user, id, name in _GROUPS_OF.all(connection, users, {"configuration": configuration}):
        found.setdefault(user, []).append(GroupOfUser(id, name))
    return found


def groups_of_member(connection: sa.Connection, user: UserId) -> list[GroupOfUser]:
    """The groups that a member is in, of whichever configuration."""
    return [GroupOfUser(*row) for row in _GROUPS_OF_MEMBER.all(connection, {"user": user})]


def few_members_of(
    connection: sa.Connection,
    configuration: ScimConfigurationId,
    groups: Collection[ScimGroup],
    most: int,
) -> dict[ScimGroupId, list[Member]] | None:
    """The members of each of these groups; None if they are more than `most` in sum."""
    some = {"configuration": configuration, "limit": most + 1}
    found = _SOME_MEMBERS_OF.all(connection, [group.roster_id for group in groups], some)
    return None if len(found) > most else _by_group(groups, found)


def _by_group(
    groups: Collection[ScimGroup], rows: Iterable[Row]
) -> dict[ScimGroupId, list[Member]]:
    on: dict[UUID, list[Member]] = {group.roster_id: [] for group in groups}
    for roster, user, name in rows:
        on[roster].append(Member(user, name))
    return {group.id: on[group.roster_id] for group in groups}
