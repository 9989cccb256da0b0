"""Of which session of the provider's a session came, so that the provider can end it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Key

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("session", sa.Column("sid", Key, nullable=True))
    op.drop_index("ix_session_configuration_id", "session")
    op.create_index("ix_session_configuration_id_sid", "session", ["configuration_id", "sid"])
