"""Administrators keep groups of their own, beside those of identity providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.store.engine.schema import Instant, Key

revision = "0037"
down_revision = "0036"

_GROUP, _MEMBER = "local_group", "local_group_member"


def upgrade() -> None:
    op.create_table(
        _GROUP,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", Key, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_key", Key, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        _to("organization", _GROUP),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_GROUP}")),
        sa.UniqueConstraint(
            "organization_id", "name_key", name=op.f(f"uq_{_GROUP}_organization_id_name_key")
        ),
    )
    op.create_table(
        _MEMBER,
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["member.id"], name=op.f(f"fk_{_MEMBER}_user_id")),
        _to("organization", _MEMBER),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f(f"pk_{_MEMBER}")),
        sa.UniqueConstraint("id", name=op.f(f"uq_{_MEMBER}_id")),
    )
    for table, names in (
        (_GROUP, ["organization_id", "id"]),
        (_MEMBER, ["user_id", "group_id"]),
        (_MEMBER, ["organization_id", "group_id", "user_id"]),
        ("scim_group", ["organization_id", "id"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(names)}"), table, names)


def _to(table: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_{of}_{table}_id")
    )
