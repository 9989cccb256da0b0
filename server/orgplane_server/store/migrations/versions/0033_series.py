"""All sessions of an SSO configuration end at once, however many they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    for table in ("sso_configuration", "session"):
        op.add_column(table, sa.Column("series", sa.Integer(), nullable=False, server_default="0"))
