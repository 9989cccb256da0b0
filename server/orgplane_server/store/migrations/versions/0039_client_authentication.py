"""A provider knows this server by a client secret, or by what it signs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.add_column(
        "sso_configuration",
        sa.Column(
            "client_authentication", sa.String(32), nullable=False, server_default="client_secret"
        ),
    )
