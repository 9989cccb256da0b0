"""Which members are one person: the only rows that lead from one organization to another."""

from __future__ import annotations

import sqlalchemy as sa

from ..domain.account import AccountMember
from ..domain.identifier import AccountId, OrganizationId, UserId
from ..domain.organization import Organization
from ..domain.user import User
from . import deletion, organization, user
from .engine import turns
from .engine.records import Records
from .engine.schema import metadata
from .engine.statement import Call, Statement
from .organization import organizations
from .user import users

table = sa.Table(
    "account_member",
    metadata,
    sa.Column("id", sa.Uuid, sa.ForeignKey("member.id"), primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("account_id", sa.Uuid, nullable=False),
    sa.Column(
        "first_token_due",
        sa.Boolean(create_constraint=False),
        nullable=False,
        server_default=sa.false(),
    ),
    sa.Index(None, "account_id", "id"),
    sa.Index(None, "organization_id", "id"),
)
_columns = table.c

account_members = Records(table, AccountMember)

_MEMBERS = Statement(
    sa.select(*users.columns, *organizations.columns)
    .select_from(
        table.join(user.table, user.table.c.id == _columns.id).join(
            organization.table, organization.table.c.id == _columns.organization_id
        )
    )
    .where(
        _columns.account_id == sa.bindparam("account"),
        deletion.live(_columns.organization_id),
    )
    .order_by(_columns.id)
)
_TURN = Statement(sa.select(turns.Turns("ACCT").own(sa.bindparam("turn", type_=sa.Text))))
_FORFEIT = Statement(
    sa.update(table)
    .where(_columns.id == sa.bindparam("member"), _columns.first_token_due)
    .values(first_token_due=sa.false())
)


def take_turn(connection: sa.Connection, account: AccountId) -> None:
    """Who else ties members to the account waits until this transaction ends."""
    if turns.taken(connection):
        _TURN.run(connection, {"turn": str(account)})


def forfeiting(member: UserId) -> Call:
    """What ends a member's claim to a first token, if they have one."""
    return _FORFEIT, {"member": member}


def of(connection: sa.Connection, member: UserId, where: OrganizationId) -> AccountId:
    """The account of a member."""
    found = account_members.find(connection, where, member)
    return AccountId(member) if found is None else found.account_id


def members(connection: sa.Connection, account: AccountId) -> list[tuple[User, Organization]]:
    """Those who are tied, whatever their status, in the order of their ids; nobody in an account of one."""
    width = len(users.columns)
    return [
        (users.of(row[:width]), organizations.of(row[width:]))
        for row in _MEMBERS.all(connection, {"account": account})
    ]
