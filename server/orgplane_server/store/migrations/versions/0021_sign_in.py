"""Members sign in through SSO configurations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Key

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    _create(
        "sign_in",
        ["organization", "sso_configuration"],
        [
            sa.Column("state_digest", sa.LargeBinary(32), nullable=False),
            sa.Column("browser_digest", sa.LargeBinary(32), nullable=False),
            sa.Column("created_at", Instant(), nullable=False),
            sa.Column("expires_at", Instant(), nullable=False),
        ],
        unique=[["state_digest"]],
        indexes=[["organization_id", "id"], ["configuration_id"], ["expires_at"]],
    )
    _create(
        "sso_binding",
        ["organization", "sso_configuration", "member"],
        [
            sa.Column("subject", Key, nullable=False),
            sa.Column("created_at", Instant(), nullable=False),
        ],
        unique=[["configuration_id", "subject"], ["configuration_id", "user_id"]],
        indexes=[["organization_id", "id"], ["configuration_id"], ["user_id"]],
    )
    _create(
        "session",
        ["organization", "sso_configuration", "member"],
        [
            sa.Column("digest", sa.LargeBinary(32), nullable=False),
            sa.Column("created_at", Instant(), nullable=False),
            sa.Column("expires_at", Instant(), nullable=False),
            sa.Column("last_used_at", Instant(), nullable=True),
        ],
        unique=[["digest"]],
        indexes=[["organization_id", "id"], ["user_id"], ["configuration_id"], ["expires_at"]],
    )


_COLUMNS = {
    "organization": "organization_id",
    "sso_configuration": "configuration_id",
    "member": "user_id",
}


def _create(
    table: str,
    refers: list[str],
    columns: list[sa.Column[Any]],
    unique: list[list[str]],
    indexes: list[list[str]],
) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(_COLUMNS[other], sa.Uuid(), nullable=False) for other in refers),
        *columns,
        *(
            sa.ForeignKeyConstraint(
                [_COLUMNS[other]], [f"{other}.id"], name=op.f(f"fk_{table}_{_COLUMNS[other]}")
            )
            for other in refers
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{'_'.join(names)}"))
            for names in unique
        ),
    )
    for names in indexes:
        op.create_index(op.f(f"ix_{table}_{'_'.join(names)}"), table, names)
