"""Audit events get ids and any kind of actor; the key that sealed the database is known by its fingerprint."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

from orgplane_server.store.engine import sequence

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "secret_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secret_key")),
    )
    op.create_table(
        "audit_retention",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purged", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_retention")),
    )
    op.execute("INSERT INTO audit_retention (id, purged) VALUES (1, 0)")
    with op.batch_alter_table("audit_event") as batch:
        batch.add_column(sa.Column("id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("actor", sa.String(32), nullable=True))
        batch.alter_column("actor_user_id", new_column_name="actor_id")
    _fill()
    # AUTOINCREMENT: a sequence that was purged is never given again.
    with op.batch_alter_table(
        "audit_event", recreate="auto", table_kwargs={"sqlite_autoincrement": True}
    ) as batch:
        batch.alter_column("id", existing_type=sa.Uuid(), nullable=False)
        batch.alter_column("actor", existing_type=sa.String(32), nullable=False)
    op.create_index(op.f("ix_audit_event_id"), "audit_event", ["id"], unique=True)
    for columns in (
        ["organization_id", "occurred_at", "sequence"],
        ["organization_id", "subject_id", "occurred_at", "sequence"],
        ["organization_id", "actor_id", "occurred_at", "sequence"],
    ):
        op.create_index(op.f("ix_audit_event_" + "_".join(columns)), "audit_event", columns)
    sequence.order_by_commit(op.get_bind(), "audit_event", "sequence")


def _fill() -> None:
    event = sa.table(
        "audit_event",
        sa.column("sequence"),
        sa.column("id", sa.Uuid()),
        sa.column("actor"),
        sa.column("actor_id"),
    )
    connection = op.get_bind()
    connection.execute(
        sa.update(event).values(
            actor=sa.case((event.c.actor_id.is_(None), "operator"), else_="user")
        )
    )
    this = sa.update(event).where(event.c.sequence == sa.bindparam("this"))
    sequences = connection.execute(sa.select(event.c.sequence)).scalars().all()
    if sequences:
        connection.execute(
            this.values(id=sa.bindparam("new")),
            [{"this": sequence, "new": uuid7()} for sequence in sequences],
        )
