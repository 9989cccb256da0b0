"""Personal access tokens are counted by when they end."""

from __future__ import annotations

from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.create_index(
        op.f("ix_personal_access_token_expires_at"), "personal_access_token", ["expires_at"]
    )
