"""Organizations bound the age of personal access tokens, and ask for sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Span

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("organization", sa.Column("max_token_age", Span(), nullable=True))
    op.add_column("organization", sa.Column("sign_in_within", Span(), nullable=True))
    op.add_column("member", sa.Column("vouched_at", Instant(), nullable=True))
