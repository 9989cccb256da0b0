"""Sign-ins that lead back to where they were begun, with a token that the session's can be had for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("sign_in", sa.Column("return_to", sa.Text(), nullable=False, server_default=""))
    op.add_column("session", sa.Column("exchange_digest", sa.LargeBinary(32), nullable=True))
    op.create_index(op.f("ix_session_exchange_digest"), "session", ["exchange_digest"], unique=True)
