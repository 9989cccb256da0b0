"""SCIM tokens that have ended are known for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "ended_scim_token",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("scim_configuration_id", sa.Uuid(), nullable=False),
        sa.Column("end", sa.String(32), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("refused_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_ended_scim_token")),
    )
    for columns in (["scim_configuration_id", "ended_at"], ["ended_at"]):
        op.create_index(
            op.f("ix_ended_scim_token_" + "_".join(columns)), "ended_scim_token", columns
        )
