"""The secret key may change; texts of those before are opened for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0043"
down_revision = "0042"

_KEY = "former_secret_key"


def upgrade() -> None:
    op.create_table(
        _KEY,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_KEY}")),
    )
