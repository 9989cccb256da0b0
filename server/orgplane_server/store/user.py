from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.text import folded
from ..domain.user import Role, User, UserStatus, name_key
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
_BY_EMAIL = Among(sa.select(*users.columns).where(_mine).order_by(table.c.id), table.c.email_key)


def with_email(
    connection: sa.Connection, organization: OrganizationId, emails: Collection[str]
) -> list[User]:
    """The members with one of these folded e-mail addresses, whatever their status, oldest first."""
    rows = _BY_EMAIL.all(connection, emails, {"organization": organization})
    return [users.of(row) for row in rows]
