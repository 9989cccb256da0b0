"""Until when somebody can act is the last entry of an index."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    columns = ["user_id", "read_only", "expires_at"]
    name = op.f("ix_personal_access_token_" + "_".join(columns))
    op.create_index(name, "personal_access_token", columns)
