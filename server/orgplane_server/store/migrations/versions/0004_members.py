"""Members are listed, searched and found by keys that do not mind case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.domain.text import folded
from orgplane_server.domain.user import name_key
from orgplane_server.store.schema import Key

revision = "0004"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("name_key", Key, nullable=True))
        batch.add_column(sa.Column("email_key", Key, nullable=True))
    _fill()
    with op.batch_alter_table("member") as batch:
        batch.alter_column("name_key", existing_type=Key, nullable=False)
        batch.alter_column("email_key", existing_type=Key, nullable=False)
    for columns in (
        ["organization_id", "created_at", "id"],
        ["organization_id", "name_key", "id"],
        ["organization_id", "email_key", "id"],
        ["organization_id", "role", "status", "id"],
    ):
        op.create_index(op.f("ix_member_" + "_".join(columns)), "member", columns)


def _fill() -> None:
    member = sa.table(
        "member",
        sa.column("id", sa.Uuid()),
        sa.column("name"),
        sa.column("email"),
        sa.column("name_key"),
        sa.column("email_key"),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(member.c.id, member.c.name, member.c.email)).all()
    if rows:
        connection.execute(
            sa.update(member)
            .where(member.c.id == sa.bindparam("this"))
            .values(name_key=sa.bindparam("folded_name"), email_key=sa.bindparam("folded_email")),
            [
                {"this": id, "folded_name": name_key(name), "folded_email": folded(email)}
                for id, name, email in rows
            ],
        )
