"""Members are listed by name, which does not mind case, and by when they joined."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from orgplane_server.domain.user import name_key
from orgplane_server.store.engine.schema import Key

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("name_key", Key, nullable=True))
    _fill()
    with op.batch_alter_table("member") as batch:
        batch.alter_column("name_key", existing_type=Key, nullable=False)
    for column in ("created_at", "name_key"):
        columns = ["organization_id", column, "id"]
        op.create_index(op.f("ix_member_" + "_".join(columns)), "member", columns)


def _fill() -> None:
    member = sa.table(
        "member", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("name_key")
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(member.c.id, member.c.name)).all()
    if rows:
        connection.execute(
            sa.update(member)
            .where(member.c.id == sa.bindparam("this"))
            .values(name_key=sa.bindparam("key")),
            [{"this": row.id, "key": name_key(row.name)} for row in rows],
        )
