"""The organization of the demo is known for what it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "demo",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_demo")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_demo_organization_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["member.id"], name=op.f("fk_demo_user_id")),
    )
