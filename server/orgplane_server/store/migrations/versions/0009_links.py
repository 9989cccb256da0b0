"""A member has a link for each SCIM configuration that knows them, and an administrator's own denial."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant

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
    """Who is suspended is so because of the provider that says so, else because of an administrator.

    What a provider says was until now overwritten by an administrator who suspended: the audit trail
    knows better, as far as it goes back.
    """
    op.drop_index(op.f("ix_member_organization_id_email_key_id"), "member")
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("suspended_by_administrator_at", Instant(), nullable=True))
    op.execute(
        "UPDATE member SET suspended_by_administrator_at = updated_at WHERE status = 'suspended'"
        " AND NOT EXISTS (SELECT 1 FROM scim_user WHERE scim_user.id = member.id AND NOT active)"
    )
    _administrators_denials()
    op.create_index(
        op.f("ix_member_organization_id_email_key_status_id"),
        "member",
        ["organization_id", "email_key", "status", "id"],
    )


def _administrators_denials() -> None:
    """Of whom an administrator suspended, the provider had said that they are active."""
    connection = op.get_bind()
    user, event = _user.c, _event.c
    denied = (
        sa.select(user.id, user.configuration_id, user.document, _member.c.organization_id)
        .join_from(_user, _member, user.id == _member.c.id)
        .where(_member.c.status == "suspended", ~user.active)
    )
    for id, configuration, document, organization in connection.execute(denied).all():
        events = connection.execute(
            sa.select(event.actor, event.occurred_at, event.changes)
            .where(event.organization_id == organization, event.subject_id == id)
            .order_by(event.occurred_at.desc(), event.sequence.desc())
        )
        last = next((each for each in events.all() if "status" in each.changes), None)
        if last is None or last.actor != "user":
            continue
        active = {**json.loads(document), "active": True}
        connection.execute(
            sa.update(_user)
            .where(user.id == id, user.configuration_id == configuration)
            .values(
                active=True,
                contested=True,
                version=user.version + 1,
                document=json.dumps(active, ensure_ascii=False, separators=(",", ":")),
            )
        )
        connection.execute(
            sa.update(_member)
            .where(_member.c.id == id)
            .values(suspended_by_administrator_at=last.occurred_at)
        )


_user = sa.table(
    "scim_user",
    sa.column("id", sa.Uuid()),
    sa.column("configuration_id", sa.Uuid()),
    sa.column("active", sa.Boolean()),
    sa.column("contested", sa.Boolean()),
    sa.column("version", sa.BigInteger()),
    sa.column("document", sa.Text()),
)
_member = sa.table(
    "member",
    sa.column("id", sa.Uuid()),
    sa.column("organization_id", sa.Uuid()),
    sa.column("status", sa.Text()),
    sa.column("suspended_by_administrator_at", Instant()),
)
_event = sa.table(
    "audit_event",
    sa.column("sequence", sa.BigInteger()),
    sa.column("organization_id", sa.Uuid()),
    sa.column("subject_id", sa.Uuid()),
    sa.column("actor", sa.Text()),
    sa.column("occurred_at", Instant()),
    sa.column("changes", sa.JSON()),
)
