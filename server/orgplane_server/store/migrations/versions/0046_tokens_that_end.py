"""Personal access tokens are counted by when they end."""

from __future__ import annotations

from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.create_index(
        op.f("ix_personal_access_token_expires_at"), "personal_access_token", ["expires_at"]
    )
