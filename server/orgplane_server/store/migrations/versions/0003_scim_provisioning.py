"""Provisioned users and groups; members are found by their e-mail address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.domain.text import folded
from orgplane_server.store.engine.schema import Instant, Key

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _members()
    _users()
    _groups()
    op.create_table(
        "scim_count",
        sa.Column("configuration_id", sa.Uuid(), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("groups", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["scim_configuration.id"],
            name=op.f("fk_scim_count_configuration_id"),
        ),
        sa.PrimaryKeyConstraint("configuration_id", name=op.f("pk_scim_count")),
    )
    op.execute(
        "INSERT INTO scim_count (configuration_id, users, groups)"
        " SELECT id, 0, 0 FROM scim_configuration"
    )


def _members() -> None:
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("email_key", Key, nullable=True))
    member = sa.table(
        "member", sa.column("id", sa.Uuid()), sa.column("email"), sa.column("email_key")
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(member.c.id, member.c.email)).all()
    if rows:
        connection.execute(
            sa.update(member)
            .where(member.c.id == sa.bindparam("this"))
            .values(email_key=sa.bindparam("key")),
            [{"this": row.id, "key": folded(row.email)} for row in rows],
        )
    with op.batch_alter_table("member") as batch:
        batch.alter_column("email_key", existing_type=Key, nullable=False)
    _index("member", "organization_id", "email_key", "id")
    _index("member", "organization_id", "role", "status", "id")


def _users() -> None:
    op.create_table(
        "scim_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("configuration_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_name_key", Key, nullable=False),
        sa.Column("external_id", Key, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        *_owned("scim_user"),
        sa.ForeignKeyConstraint(["id"], ["member.id"], name=op.f("fk_scim_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_user")),
        _unique("scim_user", "configuration_id", "user_name_key"),
        _unique("scim_user", "configuration_id", "external_id"),
    )
    _index("scim_user", "configuration_id", "id")
    _index("scim_user", "configuration_id", "active", "id")
    _index("scim_user", "configuration_id", "created_at", "id")
    _index("scim_user", "configuration_id", "updated_at", "id")
    op.create_table(
        "scim_user_value",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("attribute", Key, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("configuration_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, Key, nullable=True) for name in ("key", "value", "display", "type")),
        sa.Column("is_primary", sa.Boolean(), nullable=True),
        *(
            sa.Column(name, Key, nullable=True)
            for name in (
                *("formatted", "street_address", "locality", "region", "postal_code"),
                "country",
            )
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["scim_user.id"], name=op.f("fk_scim_user_value_user_id")
        ),
        sa.PrimaryKeyConstraint(
            "user_id", "attribute", "position", name=op.f("pk_scim_user_value")
        ),
    )
    _index("scim_user_value", "configuration_id", "attribute", "key", "user_id")


def _groups() -> None:
    op.create_table(
        "scim_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("configuration_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("display_name_key", Key, nullable=False),
        sa.Column("external_id", Key, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        *_owned("scim_group"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_group")),
        _unique("scim_group", "configuration_id", "display_name_key"),
        _unique("scim_group", "configuration_id", "external_id"),
    )
    _index("scim_group", "configuration_id", "id")
    _index("scim_group", "configuration_id", "created_at", "id")
    _index("scim_group", "configuration_id", "updated_at", "id")
    op.create_table(
        "scim_group_member",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("configuration_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["scim_group.id"], name=op.f("fk_scim_group_member_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["scim_user.id"], name=op.f("fk_scim_group_member_user_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_scim_group_member")),
    )
    _index("scim_group_member", "user_id", "group_id")
    _index("scim_group_member", "configuration_id", "user_id", "group_id")
    _index("scim_group_member", "configuration_id", "group_id", "user_id")


def _owned(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["scim_configuration.id"],
            name=op.f(f"fk_{table}_configuration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f(f"fk_{table}_organization_id")
        ),
    )


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
