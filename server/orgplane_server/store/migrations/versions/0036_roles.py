"""Roles on the organization are assigned to members, groups and service accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0036"
down_revision = "0035"

_TABLE = "role_assignment"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("principal_kind", sa.String(32), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f(f"fk_{_TABLE}_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint(
            "organization_id",
            "principal_id",
            "role",
            name=op.f(f"uq_{_TABLE}_organization_id_principal_id_role"),
        ),
    )
    op.create_index(op.f(f"ix_{_TABLE}_organization_id_id"), _TABLE, ["organization_id", "id"])
