"""What is deleted with an organization, or with a user, is found without reading everybody else's rows."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

#: Foreign keys whose column no index begins with: a deletion would look through the whole table for each row.
_KEYS = (
    ("scim_user", "organization_id"),
    ("scim_group", "organization_id"),
    ("personal_access_token", "creator_id"),
)


def upgrade() -> None:
    for table, column in _KEYS:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
    op.create_index(op.f("ix_demo_user_id"), "demo", ["user_id"])
