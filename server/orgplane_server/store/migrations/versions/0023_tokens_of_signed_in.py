"""A personal access token that was made with a session is for the session's organization alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("personal_access_token", sa.Column("signed_in_through", sa.Uuid(), nullable=True))
