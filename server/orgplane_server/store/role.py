"""Whom roles are assigned to, and who has them because of it.

Nothing is kept of what follows: who has a role is looked up, each time, among the few assignments of the organization and by who is
in which group now. So a role comes and goes with the commit of whatever changes either, however many people a group has.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, ScimConfigurationId
from ..domain.role import PrincipalKind, Role, RoleAssignment, effective
from ..domain.user import User
from . import scim_group, scim_membership, service_account, user
from .engine import turns
from .engine.among import Among
from .engine.records import Records
from .engine.schema import Enumerated, Instant, choice, metadata
from .engine.statement import Call, Statement

# No foreign keys to principals, which are of many kinds: whoever deletes one revokes what it has.
table = sa.Table(
    "role_assignment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("principal_kind", choice(PrincipalKind), nullable=False),
    sa.Column("principal_id", sa.Uuid, nullable=False),
    sa.Column("role", choice(Role), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("organization_id", "principal_id", "role"),
    sa.Index(None, "organization_id", "id"),
)

role_assignments = Records(table, RoleAssignment)

_c = table.c
_group, _member = scim_group.table.c, scim_membership.table.c
# Of `store.group`, which looks at assignments.
_local_group = sa.table(
    "local_group",
    sa.column("id", sa.Uuid),
    sa.column("organization_id", sa.Uuid),
    sa.column("name", sa.Text),
)
_local_members = sa.table(
    "local_group_member", sa.column("group_id", sa.Uuid), sa.column("user_id", sa.Uuid)
)
_local, _in_local = _local_group.c, _local_members.c
_mine = _c.organization_id == sa.bindparam("organization")
_columns = sa.select(*role_assignments.columns)


_GROUPS = (scim_group.table, scim_membership.table, _local_members)


def _has(principal: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether an assignment is of this principal, or of a group that they are in."""
    in_provided = sa.exists().where(
        _group.id == _c.principal_id,
        _member.roster_id == _group.roster_id,
        _member.user_id == principal,
    )
    in_local = sa.exists().where(
        _in_local.group_id == _c.principal_id, _in_local.user_id == principal
    )
    in_group = (each.correlate_except(*_GROUPS) for each in (in_provided, in_local))
    return sa.or_(
        _c.principal_id == principal,
        sa.and_(_c.principal_kind == PrincipalKind.GROUP, sa.or_(*in_group)),
    )


def granted(
    principal: sa.ColumnElement[UUID], organization: sa.ColumnElement[UUID]
) -> sa.ColumnElement[str]:
    """The roles that somebody has by assignments, for `roles`; in a query of theirs."""
    return (
        sa.select(Enumerated(_c.role))
        .where(_c.organization_id == organization, _has(principal))
        .correlate_except(table)
        .scalar_subquery()
    )


def gives(
    role: Role, principal: sa.ColumnElement[UUID], organization: sa.ColumnElement[UUID]
) -> sa.ColumnElement[bool]:
    """Whether somebody has a role by an assignment; in a query of theirs."""
    there = sa.exists().where(_c.organization_id == organization, _c.role == role, _has(principal))
    return there.correlate_except(table)


def roles(granted: str | None) -> frozenset[Role]:
    """What a query has of `granted`."""
    return frozenset(map(Role, granted.split(","))) if granted else frozenset()


def bearers(role: Role, *where: sa.ColumnElement[bool]) -> list[sa.Select[tuple[UUID]]]:
    """The ids of who has a role by an assignment for which all this holds: themselves, and by groups."""
    narrowed = (_c.role == role, *where)
    own = sa.select(_c.principal_id).where(_c.principal_kind == PrincipalKind.USER, *narrowed)
    by_group = sa.select(_member.user_id).where(
        _c.principal_kind == PrincipalKind.GROUP,
        _group.id == _c.principal_id,
        _member.roster_id == _group.roster_id,
        *narrowed,
    )
    by_local = sa.select(_in_local.user_id).where(
        _c.principal_kind == PrincipalKind.GROUP, _in_local.group_id == _c.principal_id, *narrowed
    )
    return [own, by_group, by_local]


_principal: sa.BindParameter[UUID] = sa.bindparam("principal", type_=sa.Uuid)
_BECAUSE_OF = Statement(_columns.where(_mine, _has(_principal)).order_by(_c.id))
_ASSIGNED_TO = Statement(
    _columns.where(_mine, _c.principal_id == sa.bindparam("principal")).order_by(_c.id)
)
_ALL = Statement(_columns.where(_mine).order_by(_c.id))
_OF_CONFIGURATION = Statement(
    _columns.where(
        _mine,
        _c.principal_id.in_(
            sa.select(_group.id).where(
                _group.configuration_id == sa.bindparam("configuration"),
                _group.id == _c.principal_id,
            )
        ),
    ).order_by(_c.id)
)
_user = user.table.c
_NAMES_OF_MEMBERS = Among(
    sa.select(_user.id, _user.name).where(_user.organization_id == sa.bindparam("organization")),
    _user.id,
)
_NAMES_OF_GROUPS = Among(
    sa.select(_group.id, _group.display_name).where(
        _group.organization_id == sa.bindparam("organization")
    ),
    _group.id,
)
_NAMES_OF_LOCAL = Among(
    sa.select(_local.id, _local.name).where(_local.organization_id == sa.bindparam("organization")),
    _local.id,
)
_account = service_account.table.c
_NAMES_OF_ACCOUNTS = Among(
    sa.select(_account.id, _account.name).where(
        _account.organization_id == sa.bindparam("organization")
    ),
    _account.id,
)
_GRANTED = Statement(sa.select(granted(_principal, sa.bindparam("organization", type_=sa.Uuid))))
_FORGET = Statement(
    sa.delete(table).where(_mine, _c.principal_id == sa.bindparam("principal", type_=sa.Uuid))
)
_TURN = Statement(sa.select(turns.Turns("ROLE").own(sa.bindparam("turn", type_=sa.Text))))


def take_turn(connection: sa.Connection, organization: OrganizationId) -> None:
    """Who else assigns or revokes roles of the organization waits until this transaction ends."""
    if turns.taken(connection):
        _TURN.run(connection, {"turn": str(organization)})


def granted_to(
    connection: sa.Connection, organization: OrganizationId, principal: UUID
) -> frozenset[Role]:
    """The roles that somebody has by assignments."""
    given = {"organization": organization, "principal": principal}
    return roles(_GRANTED.all(connection, given)[0][0])


def of(connection: sa.Connection, member: User) -> frozenset[Role]:
    """The effective roles of a member."""
    return effective(member.role, granted_to(connection, member.organization_id, member.id))


def because_of(
    connection: sa.Connection, organization: OrganizationId, principal: UUID
) -> list[RoleAssignment]:
    """The assignments that give somebody roles: their own, and those of groups that they are in."""
    given = {"organization": organization, "principal": principal}
    return [role_assignments.of(row) for row in _BECAUSE_OF.all(connection, given)]


def assigned_to(
    connection: sa.Connection, organization: OrganizationId, principal: UUID
) -> list[RoleAssignment]:
    """The assignments of a principal itself."""
    given = {"organization": organization, "principal": principal}
    return [role_assignments.of(row) for row in _ASSIGNED_TO.all(connection, given)]


def of_configuration(
    connection: sa.Connection, organization: OrganizationId, configuration: ScimConfigurationId
) -> list[RoleAssignment]:
    """The assignments of a SCIM configuration's groups."""
    given = {"organization": organization, "configuration": configuration}
    return [role_assignments.of(row) for row in _OF_CONFIGURATION.all(connection, given)]


def names(
    connection: sa.Connection, organization: OrganizationId, found: Collection[RoleAssignment]
) -> dict[UUID, str]:
    """What the principals of these assignments are called."""
    ids = {each.principal_id for each in found}
    mine = {"organization": organization}
    return {
        id: name
        for statement in (
            *(_NAMES_OF_MEMBERS, _NAMES_OF_GROUPS, _NAMES_OF_LOCAL, _NAMES_OF_ACCOUNTS),
        )
        for id, name in statement.all(connection, sorted(ids), mine)
    }


def all_of(connection: sa.Connection, organization: OrganizationId) -> list[RoleAssignment]:
    """The organization's, the oldest first; they are few."""
    return [
        role_assignments.of(row) for row in _ALL.all(connection, {"organization": organization})
    ]


def forgetting(organization: OrganizationId, principal: UUID) -> Call:
    """What revokes all that a principal has itself."""
    return _FORGET, {"organization": organization, "principal": principal}
