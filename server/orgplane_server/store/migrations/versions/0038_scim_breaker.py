"""A breaker against mass deprovisioning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "scim_breaker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_breaker")),
    )
    op.create_table(
        "scim_departure",
        sa.Column("configuration_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("gone_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("configuration_id", "user_id", name=op.f("pk_scim_departure")),
    )
    op.create_index(
        op.f("ix_scim_departure_configuration_id_gone_at"),
        "scim_departure",
        ["configuration_id", "gone_at"],
    )
