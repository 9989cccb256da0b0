"""Whoever runs the server has tokens for what they do on organizations, and suspends some."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0041"
down_revision = "0040"

_TOKEN = "operator_token"


def upgrade() -> None:
    op.create_table(
        _TOKEN,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("read_only", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TOKEN}")),
        sa.UniqueConstraint("digest", name=op.f(f"uq_{_TOKEN}_digest")),
    )
    op.add_column("organization", sa.Column("suspended_at", Instant(), nullable=True))
