from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, UserId
from ..domain.text import folded
from ..domain.user import Role, User, UserStatus, name_key
from . import organization
from .among import Among
from .records import Records
from .schema import Instant, Key, choice, metadata

table = sa.Table(
    "member",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", Key, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("email_key", Key, nullable=False),
    sa.Column("avatar_url", sa.Text, nullable=False),
    sa.Column("role", choice(Role), nullable=False),
    sa.Column("status", choice(UserStatus), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "organization_id", "created_at", "id"),
    sa.Index(None, "organization_id", "name_key", "id"),
    sa.Index(None, "organization_id", "email_key", "id"),
    sa.Index(None, "organization_id", "role", "status", "id"),
)

users = Records(
    table,
    User,
    derived={
        "name_key": lambda user: name_key(user.name),
        "email_key": lambda user: folded(user.email),
    },
)

_mine = table.c.organization_id == sa.bindparam("organization")
_ADMINISTRATORS = (
    sa.select(table.c.id)
    .where(_mine, table.c.role == Role.ADMIN, table.c.status == UserStatus.ACTIVE)
    .order_by(table.c.id)
)
# Of the organization, not of its administrators: of these each transaction has locked one already.
_TURN = (
    sa.select(organization.table.c.id)
    .where(organization.table.c.id == sa.bindparam("organization"))
    .with_for_update(key_share=True)
)
_BY_EMAIL = Among(sa.select(*users.columns).where(_mine).order_by(table.c.id), table.c.email_key)


def lock_administrators(connection: sa.Connection, organization: OrganizationId) -> set[UserId]:
    """The organization's active administrators; who else asks waits until this transaction ends.

    No member is to be locked after it, so that nobody who waits here is waited for.
    """
    connection.execute(_TURN, {"organization": organization})
    rows = connection.execute(_ADMINISTRATORS, {"organization": organization})
    return {UserId(id) for id in rows.scalars()}


def with_email(
    connection: sa.Connection, organization: OrganizationId, emails: Collection[str]
) -> list[User]:
    """The members with one of these folded e-mail addresses, whatever their status, oldest first."""
    rows = _BY_EMAIL.all(connection, emails, {"organization": organization})
    return [users.of(row) for row in rows]
