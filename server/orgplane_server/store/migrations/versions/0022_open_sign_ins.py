"""The earliest sign-ins of an SSO configuration give way."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.drop_index("ix_sign_in_configuration_id", "sign_in")
    op.create_index("ix_sign_in_configuration_id_id", "sign_in", ["configuration_id", "id"])
