"""A first token is due to members who joined with a token of another organization, until they have had one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column(
        "account_member",
        sa.Column("first_token_due", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # Of those who are there it is not known any more whether they have had one: whoever has none.
    op.execute(
        "UPDATE account_member SET first_token_due = true WHERE account_id <> id AND NOT EXISTS "
        "(SELECT 1 FROM personal_access_token WHERE personal_access_token.user_id = account_member.id)"
    )
