"""A member has a link for each SCIM configuration that knows them, and an administrator's own denial."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.schema import Instant

revision = "0009"
down_revision = "0008"

_OWNED = ("scim_user_value", "scim_group_member")


def upgrade() -> None:
    _links()
    _denials()


def _links() -> None:
    for table in _OWNED:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_user_id"), type_="foreignkey")
    op.drop_index(op.f("ix_scim_user_configuration_id_id"), "scim_user")
    with op.batch_alter_table("scim_user") as batch:
        batch.drop_constraint(op.f("pk_scim_user"), type_="primary")
        batch.create_primary_key(op.f("pk_scim_user"), ["configuration_id", "id"])
        batch.add_column(sa.Column("active_said_at", Instant(), nullable=True))
        batch.add_column(
            sa.Column("contested", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute("UPDATE scim_user SET active_said_at = updated_at")
    with op.batch_alter_table("scim_user") as batch:
        batch.alter_column("active_said_at", existing_type=Instant(), nullable=False)
        batch.alter_column("contested", existing_type=sa.Boolean(), server_default=None)
    op.create_index(op.f("ix_scim_user_id"), "scim_user", ["id"])
    with op.batch_alter_table("scim_user_value") as batch:
        batch.drop_constraint(op.f("pk_scim_user_value"), type_="primary")
        batch.create_primary_key(
            op.f("pk_scim_user_value"), ["configuration_id", "user_id", "attribute", "position"]
        )
    for table in _OWNED:
        with op.batch_alter_table(table) as batch:
            batch.create_foreign_key(
                op.f(f"fk_{table}_configuration_id"),
                "scim_user",
                ["configuration_id", "user_id"],
                ["configuration_id", "id"],
            )


def _denials() -> None:
    """Who is suspended is so because of the provider that says so, else because of an administrator."""
    op.drop_index(op.f("ix_member_organization_id_email_key_id"), "member")
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("suspended_by_administrator_at", Instant(), nullable=True))
    op.execute(
        "UPDATE member SET suspended_by_administrator_at = updated_at WHERE status = 'suspended'"
        " AND NOT EXISTS (SELECT 1 FROM scim_user WHERE scim_user.id = member.id AND NOT active)"
    )
    op.create_index(
        op.f("ix_member_organization_id_email_key_status_id"),
        "member",
        ["organization_id", "email_key", "status", "id"],
    )
