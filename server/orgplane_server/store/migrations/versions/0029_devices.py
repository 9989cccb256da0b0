"""Programs without a browser are let in by a code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0029"
down_revision = "0028"

_TABLE = "device_authorization"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("polled_at", Instant(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("denied", sa.Boolean(create_constraint=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f(f"fk_{_TABLE}_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("device_digest", name=op.f(f"uq_{_TABLE}_device_digest")),
        sa.UniqueConstraint("code_digest", name=op.f(f"uq_{_TABLE}_code_digest")),
    )
    for names in (["organization_id", "id"], ["expires_at"]):
        op.create_index(op.f(f"ix_{_TABLE}_{'_'.join(names)}"), _TABLE, names)
