"""It is on record who made an operator token, and who revoked it and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    for name in ("created_by", "revoked_by"):
        column = sa.Column(name, sa.Text(), nullable=False, server_default="")
        op.add_column("operator_token", column)
    op.add_column("operator_token", sa.Column("revoked_at", Instant(), nullable=True))
