from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.organization import Organization
from . import deletion
from .engine import turns
from .engine.records import Records
from .engine.schema import Instant, Span, Texts, metadata
from .engine.statement import Statement

table = sa.Table(
    "organization",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("invite_domains", Texts, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column(
        "restrict_account_creation_to_scim",
        sa.Boolean(create_constraint=False),
        nullable=False,
        server_default=sa.false(),
    ),
    sa.Column("max_token_age", Span, nullable=True),
    sa.Column("sign_in_within", Span, nullable=True),
    sa.Column("suspended_at", Instant, nullable=True),
    sa.Column("deletes_at", Instant, nullable=True),
    sa.Index(None, "deletes_at"),
)

# The row of one that is deleted is the last of it to go.
_there = deletion.live(table.c.id)
organizations = Records(table, Organization, tenant="id", there=_there)

_ALL = sa.select(*organizations.columns).where(_there).order_by(table.c.id)
_PAGE = Statement(
    sa.select(*organizations.columns)
    .where(_there, table.c.id > sa.bindparam("after"))
    .order_by(table.c.id)
    .limit(sa.bindparam("limit"))
)
_DUE = Statement(
    sa.select(table.c.id).where(_there, table.c.deletes_at <= sa.bindparam("now", type_=Instant))
)
_DELETE = Statement(sa.delete(table).where(table.c.id == sa.bindparam("organization")))
_ANY = sa.select(table.c.id).where(_there).limit(1)


def exists_any(connection: sa.Connection) -> bool:
    """Whether the database holds any organization at all."""
    return connection.execute(_ANY).first() is not None


def page(connection: sa.Connection, after: UUID, limit: int) -> list[Organization]:
    """Up to `limit` organizations with an id above `after`, oldest first."""
    rows = _PAGE.all(connection, {"after": after, "limit": limit})
    return [organizations.of(row) for row in rows]


def due(connection: sa.Connection, now: datetime) -> list[OrganizationId]:
    """Those that are to be deleted by now."""
    return [id for (id,) in _DUE.all(connection, {"now": now})]


def suspended(id: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Whether the organization with this id, which is there, is suspended."""
    since = sa.select(table.c.suspended_at).where(table.c.id == id).scalar_subquery()
    return since.is_not(None)


def every(connection: sa.Connection) -> list[Organization]:
    """All organizations, oldest first."""
    return [organizations.of(row) for row in connection.execute(_ALL)]


def delete(connection: sa.Connection, id: OrganizationId) -> None:
    """Of one that is deleted, and has nothing any more."""
    _DELETE.run(connection, {"organization": id})


def is_first(connection: sa.Connection) -> bool:
    """Whether an organization that this transaction adds will be the first: nobody else adds one meanwhile."""
    turns.hold(connection, table.name)
    return not exists_any(connection)
