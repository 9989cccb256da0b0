"""Organizations claim domains, and prove them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Key

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "domain_verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("domain", Key, nullable=False),
        sa.Column("verification_token", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.String(32), nullable=True),
        sa.Column("verified_at", Instant(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("check_at", Instant(), nullable=True),
        sa.Column("absent_since", Instant(), nullable=True),
        sa.Column("absences", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_domain_verification_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_verification")),
    )
    table = "domain_verification"
    op.create_index(op.f(f"ix_{table}_organization_id_id"), table, ["organization_id", "id"])
    op.create_index(
        op.f(f"ix_{table}_organization_id_domain"),
        table,
        ["organization_id", "domain"],
        unique=True,
    )
    op.create_index(
        f"uq_{table}_holder",
        table,
        ["domain"],
        unique=True,
        sqlite_where=sa.text("verified_by IS NOT NULL AND shared = 0"),
        postgresql_where=sa.text("verified_by IS NOT NULL AND shared = false"),
    )
    proven = sa.text("verified_by IS NOT NULL")
    op.create_index(
        f"ix_{table}_holders",
        table,
        ["domain", "id"],
        sqlite_where=proven,
        postgresql_where=proven,
    )
    checked = sa.text("check_at IS NOT NULL")
    op.create_index(
        f"ix_{table}_check_at",
        table,
        ["check_at"],
        sqlite_where=checked,
        postgresql_where=checked,
    )
