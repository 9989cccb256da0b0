from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.service_account import ServiceAccount, ServiceAccountFilter, search_key
from ..domain.text import folded
from .engine.records import Records
from .engine.schema import Instant, metadata

table = sa.Table(
    "service_account",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("search_key", sa.Text, nullable=False),
    # No foreign key: the account outlives who made it.
    sa.Column("creator_id", sa.Uuid, nullable=False),
    sa.Column("made_by_service_account", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("valid_until", Instant, nullable=False),
    sa.Column("suspended", sa.Boolean(create_constraint=False), nullable=False),
    sa.Index(None, "organization_id", "id"),
)

service_accounts = Records(table, ServiceAccount, derived={"search_key": search_key})


def page(
    connection: sa.Connection,
    organization: OrganizationId,
    narrowed: ServiceAccountFilter,
    after: UUID,
    limit: int,
) -> list[ServiceAccount]:
    """Up to `limit` accounts with an id above `after` that the filter lets through, oldest first."""
    query = sa.select(*service_accounts.columns).where(
        table.c.organization_id == organization, table.c.id > after
    )
    if not narrowed.include_suspended:
        query = query.where(table.c.suspended == sa.false())
    if narrowed.ids:
        query = query.where(table.c.id.in_(sorted(narrowed.ids)))
    if narrowed.search:
        query = query.where(table.c.search_key.contains(folded(narrowed.search), autoescape=True))
    rows = connection.execute(query.order_by(table.c.id).limit(limit))
    return [service_accounts.of(row) for row in rows]
