"""Letters that the server owes somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Key

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recipient_key", Key, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("delivery", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt_at", Instant(), nullable=True),
        sa.Column("not_after", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    for columns in (
        ["organization_id", "created_at"],
        ["recipient_key", "created_at"],
        ["created_at"],
    ):
        op.create_index(op.f(f"ix_letter_{'_'.join(columns)}"), "letter", columns)
    queued = sa.text("attempt_at IS NOT NULL")
    op.create_index(
        "ix_letter_attempt_at",
        "letter",
        ["attempt_at"],
        sqlite_where=queued,
        postgresql_where=queued,
    )
