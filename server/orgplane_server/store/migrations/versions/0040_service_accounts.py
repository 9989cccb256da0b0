"""Programs act as service accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0040"
down_revision = "0039"

_ACCOUNT, _TOKEN = "service_account", "service_account_token"


def upgrade() -> None:
    op.create_table(
        _ACCOUNT,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("made_by_service_account", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("valid_until", Instant(), nullable=False),
        sa.Column("suspended", sa.Boolean(create_constraint=False), nullable=False),
        _key(_ACCOUNT, "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_ACCOUNT}")),
    )
    op.create_table(
        _TOKEN,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("service_account_id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("made_by_service_account", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("brief", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        _key(_TOKEN, "organization"),
        _key(_TOKEN, "service_account"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TOKEN}")),
        sa.UniqueConstraint("digest", name=op.f(f"uq_{_TOKEN}_digest")),
    )
    for table, names in (
        (_ACCOUNT, ["organization_id", "id"]),
        (_TOKEN, ["organization_id", "brief", "id"]),
        (_TOKEN, ["service_account_id", "brief", "id"]),
        (_TOKEN, ["expires_at"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(names)}"), table, names)
    by_service_account = sa.Column[bool](
        "by_service_account",
        sa.Boolean(create_constraint=False),
        nullable=False,
        server_default=sa.false(),
    )
    op.add_column("scim_deletion", by_service_account)


def _key(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=op.f(f"fk_{table}_{to}_id"))
