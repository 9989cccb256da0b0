"""Whoever runs the server deletes organizations, and can take that back for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.add_column("organization", sa.Column("deletes_at", Instant(), nullable=True))
    op.create_index(op.f("ix_organization_deletes_at"), "organization", ["deletes_at"])
