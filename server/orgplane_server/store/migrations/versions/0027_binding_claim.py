"""An SSO configuration says which claim externalId is compared with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column(
        "sso_configuration",
        sa.Column("binding_claim", sa.Text(), nullable=False, server_default="sub"),
    )
