"""People join organizations: invites, policies, codes that are mailed, accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Key

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column(
        "organization",
        sa.Column(
            "restrict_account_creation_to_scim",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
        ),
    )
    op.create_table(
        "organization_invite",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["organization.id"], name=op.f("fk_organization_invite_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_invite")),
        sa.UniqueConstraint("digest", name=op.f("uq_organization_invite_digest")),
    )
    op.create_table(
        "address_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bound_to", sa.Uuid(), nullable=False),
        sa.Column("address", Key, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_code")),
    )
    for columns in (["bound_to", "address", "id"], ["address", "sent_at"], ["sent_at"]):
        op.create_index(op.f(f"ix_address_code_{'_'.join(columns)}"), "address_code", columns)
    op.create_table(
        "account_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["member.id"], name=op.f("fk_account_member_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_account_member_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_member")),
    )
    for columns in (["account_id", "id"], ["organization_id", "id"]):
        op.create_index(op.f(f"ix_account_member_{'_'.join(columns)}"), "account_member", columns)
