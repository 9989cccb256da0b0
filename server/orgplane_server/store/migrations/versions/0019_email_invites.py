"""Invites are mailed to addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Key

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "email_invite",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address", Key, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_email_invite_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_invite")),
        sa.UniqueConstraint("digest", name=op.f("uq_email_invite_digest")),
    )
    for columns in (
        ["organization_id", "id"],
        ["organization_id", "address", "id"],
        ["created_at"],
    ):
        op.create_index(op.f(f"ix_email_invite_{'_'.join(columns)}"), "email_invite", columns)
