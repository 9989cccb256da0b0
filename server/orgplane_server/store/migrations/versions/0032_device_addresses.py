"""Device authorizations are counted by the address that they began at."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"

_TABLE = "device_authorization"


def upgrade() -> None:
    op.create_index(op.f(f"ix_{_TABLE}_peer_id"), _TABLE, ["peer", "id"])
