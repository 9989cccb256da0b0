"""Sign-ins and refusals are kept for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine import sequence
from orgplane_server.store.engine.schema import Counter, Instant

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    table = "sign_in_attempt"
    op.create_table(
        table,
        sa.Column("sequence", Counter, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("sso_configuration_id", sa.Uuid(), nullable=False),
        sa.Column("attempted_at", Instant(), nullable=False),
        sa.Column("refusal", sa.String(32), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("detail", "subject", "email", "request_id", "peer")
        ),
        sa.Column("omitted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f(f"fk_{table}_organization_id")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,  # a sequence that was purged is never given again
    )
    for columns in (
        ["organization_id", "sequence"],
        ["sso_configuration_id", "sequence"],
        ["sso_configuration_id", "attempted_at", "sequence"],
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    sequence.order_by_commit(op.get_bind(), table, "sequence", lane=2)
