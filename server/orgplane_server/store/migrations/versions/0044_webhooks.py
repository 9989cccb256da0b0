"""Events are posted to other people's servers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Span, Texts

revision = "0044"
down_revision = "0043"

_ENDPOINT, _PROGRESS, _DELIVERY = "webhook_endpoint", "webhook_progress", "webhook_delivery"


def upgrade() -> None:
    op.create_table(
        _ENDPOINT,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("event_types", Texts(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("enabled", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("disabled_because", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret_ends_at", Instant(), nullable=True),
        _key(_ENDPOINT, "organization_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_ENDPOINT}")),
    )
    op.create_table(
        _PROGRESS,
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("succeeded_at", Instant(), nullable=True),
        sa.Column("failing_since", Instant(), nullable=True),
        _key(_PROGRESS, "endpoint_id", _ENDPOINT),
        _key(_PROGRESS, "organization_id", "organization"),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f(f"pk_{_PROGRESS}")),
    )
    op.create_table(
        _DELIVERY,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_since", Instant(), nullable=True),
        sa.Column("attempted_at", Instant(), nullable=True),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=False),
        sa.Column("duration", Span(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_DELIVERY}")),
    )
    for table, names in (
        (_ENDPOINT, ["organization_id", "id"]),
        (_PROGRESS, ["organization_id"]),
        (_DELIVERY, ["organization_id", "endpoint_id", "id"]),
        (_DELIVERY, ["ended_at"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(names)}"), table, names)
    pending = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_webhook_delivery_pending",
        _DELIVERY,
        ["endpoint_id", "sequence"],
        sqlite_where=pending,
        postgresql_where=pending,
    )


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
