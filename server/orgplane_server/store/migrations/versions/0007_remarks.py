"""What was not done of a request of an identity provider that succeeded is kept with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("scim_request", sa.Column("remark", sa.Text(), nullable=False, server_default=""))
