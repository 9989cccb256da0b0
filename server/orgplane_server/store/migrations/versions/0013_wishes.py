"""What a provider was refused for the sake of the last administrator is done later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("scim_user", sa.Column("wish", sa.String(32), nullable=True))
    op.add_column("scim_user", sa.Column("wished_at", Instant(), nullable=True))
    wished = sa.text("wish IS NOT NULL")
    op.create_index(
        "ix_scim_user_wish",
        "scim_user",
        ["organization_id", "wished_at"],
        sqlite_where=wished,
        postgresql_where=wished,
    )
