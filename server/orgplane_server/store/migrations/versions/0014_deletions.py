"""What is deleted goes a little at a time: before its rows, what they belong to; and rosters are no groups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from orgplane_server.store.engine.schema import Instant

revision = "0014"
down_revision = "0013"

_MEMBERS = "scim_group_member"
#: The indexes that name a group, by their columns.
_INDEXES = (
    ("user_id", "{}_id"),
    ("configuration_id", "user_id", "{}_id"),
    ("configuration_id", "{}_id", "user_id"),
)


def upgrade() -> None:
    op.create_table(
        "scim_deletion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("held_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_deletion")),
    )
    for table in ("scim_user", "scim_count"):
        with op.batch_alter_table(table) as batch:
            _drop_foreign_key(batch, table, "configuration_id")
    with op.batch_alter_table("scim_group") as batch:
        _drop_foreign_key(batch, "scim_group", "configuration_id")
        batch.add_column(sa.Column("roster_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE scim_group SET roster_id = id")
    with op.batch_alter_table("scim_group") as batch:
        batch.alter_column("roster_id", existing_type=sa.Uuid(), nullable=False)
        batch.create_unique_constraint(op.f("uq_scim_group_roster_id"), ["roster_id"])
    for columns in _INDEXES:
        op.drop_index(_name(columns, "group"), _MEMBERS)
    with op.batch_alter_table(_MEMBERS) as batch:
        _drop_foreign_key(batch, _MEMBERS, "group_id")
        batch.alter_column("group_id", new_column_name="roster_id", existing_type=sa.Uuid())
    for columns in _INDEXES:
        named = [column.format("roster") for column in columns]
        op.create_index(_name(columns, "roster"), _MEMBERS, named)


def _drop_foreign_key(batch: BatchOperations, table: str, column: str) -> None:
    batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")


def _name(columns: tuple[str, ...], of: str) -> str:
    return op.f(f"ix_{_MEMBERS}_{'_'.join(column.format(of) for column in columns)}")
