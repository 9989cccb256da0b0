"""When a member signed in last says whether they can act."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("sso_binding", sa.Column("last_signed_in_at", Instant(), nullable=True))
