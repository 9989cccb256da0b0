"""The requests of identity providers are kept for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine import sequence
from orgplane_server.store.engine.schema import Counter, Instant, Span

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    texts = ("method", "path", "detail", "scim_type", "user_agent", "request_id", "peer")
    op.create_table(
        "scim_request",
        sa.Column("sequence", Counter, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("scim_configuration_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("duration", Span(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("request_body", sa.Text(), nullable=False),
        sa.Column("response_body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_scim_request")),
        sqlite_autoincrement=True,  # a sequence that was purged is never given again
    )
    for columns in (
        ["scim_configuration_id", "sequence"],
        ["scim_configuration_id", "received_at", "sequence"],
    ):
        op.create_index(op.f("ix_scim_request_" + "_".join(columns)), "scim_request", columns)
    sequence.order_by_commit(op.get_bind(), "scim_request", "sequence", lane=1)
