from __future__ import annotations

import sqlalchemy as sa

from ..domain.role import Role
from ..domain.user import User, UserStatus, email_key, name_key
from .engine.records import Records
from .engine.schema import Instant, Key, choice, metadata

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
    sa.Column("suspended_by_administrator_at", Instant, nullable=True),
    sa.Column("vouched_at", Instant, nullable=True),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "organization_id", "created_at", "id"),
    sa.Index(None, "organization_id", "name_key", "id"),
    sa.Index(None, "organization_id", "email_key", "status", "id"),
    sa.Index(None, "organization_id", "role", "status", "id"),
)

users = Records(
    table,
    User,
    derived={
        "name_key": lambda user: name_key(user.name),
        "email_key": lambda user: email_key(user.email),
    },
)
