"""Which organization the server made for the demo, and whose token it prints there."""

from __future__ import annotations

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, UserId
from . import deletion
from .engine.schema import metadata
from .engine.unit_of_work import UnitOfWork

table = sa.Table(
    "demo",
    metadata,
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("member.id"), nullable=False, index=True),
)

_FIND = sa.select(table.c.organization_id, table.c.user_id).where(
    deletion.live(table.c.organization_id)
)


def mark(unit: UnitOfWork, organization: OrganizationId, administrator: UserId) -> None:
    """To be called in the transaction that makes them: no other organization is ever the demo's."""
    values = {"organization_id": organization, "user_id": administrator}
    unit.connection.execute(sa.insert(table), values)


def find(connection: sa.Connection) -> tuple[OrganizationId, UserId] | None:
    row = connection.execute(_FIND).one_or_none()
    return None if row is None else (OrganizationId(row[0]), UserId(row[1]))
