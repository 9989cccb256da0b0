from __future__ import annotations

import sqlalchemy as sa

from ..domain.user import Role, User, UserStatus
from .records import Records
from .schema import Instant, choice, metadata

table = sa.Table(
    "member",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("avatar_url", sa.Text, nullable=False),
    sa.Column("role", choice(Role), nullable=False),
    sa.Column("status", choice(UserStatus), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index(None, "organization_id", "id"),
)

users = Records(table, User)
