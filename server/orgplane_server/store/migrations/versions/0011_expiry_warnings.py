"""Which ends of credentials have been warned of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "expiry_warning",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "ends_at", "days", name=op.f("pk_expiry_warning")),
    )
    op.create_index(op.f("ix_expiry_warning_ends_at"), "expiry_warning", ["ends_at"])
