"""Applications are told of sign-ins that have ended, and what ended with its configuration goes a little at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine import sequence
from orgplane_server.store.engine.schema import Counter, Instant

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    table = "sign_out"
    op.create_table(
        table,
        sa.Column("sequence", Counter, autoincrement=True, nullable=False),
        *(
            sa.Column(name, sa.Uuid(), nullable=False)
            for name in ("application_id", "sign_in_id", "organization_id", "user_id")
        ),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,  # a sequence that was purged is never given again
    )
    op.create_index(
        op.f(f"ix_{table}_application_id_sequence"), table, ["application_id", "sequence"]
    )
    sequence.order_by_commit(op.get_bind(), table, "sequence", lane=3, many=True)
    op.drop_index("ix_session_application_id", "session")
    with op.batch_alter_table("session") as session:
        for column in ("configuration_id", "application_id"):
            session.drop_constraint(op.f(f"fk_session_{column}"), type_="foreignkey")
