from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ..domain.identifier import OrganizationId, WebhookDeliveryId, WebhookEndpointId
from ..domain.webhook_delivery import Cause, State, WebhookDelivery
from .engine.purging import Purging
from .engine.records import Records
from .engine.schema import Instant, Span, choice, metadata
from .engine.slices import Slices
from .engine.statement import Call, Statement

# No foreign keys: what was posted is remembered for a while after its endpoint has ended, or its organization, and goes by itself then.
table = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("endpoint_id", sa.Uuid, nullable=False),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("event_type", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("cause", choice(Cause), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("state", choice(State), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("tried_since", Instant, nullable=True),
    sa.Column("attempted_at", Instant, nullable=True),
    sa.Column("next_attempt_at", Instant, nullable=True),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("status_code", sa.Integer, nullable=False),
    sa.Column("duration", Span, nullable=False),
    sa.Column("response", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Index(None, "organization_id", "endpoint_id", "id"),
    sa.Index(None, "ended_at"),
)
_columns = table.c
_pending = _columns.ended_at == None  # noqa: E711
sa.Index(
    "ix_webhook_delivery_pending",
    _columns.endpoint_id,
    _columns.sequence,
    sqlite_where=_pending,
    postgresql_where=_pending,
)

webhook_deliveries = Records(table, WebhookDelivery)

_mine = (
    _columns.organization_id == sa.bindparam("organization"),
    _columns.endpoint_id == sa.bindparam("endpoint"),
)
_PAGE = (
    sa.select(*webhook_deliveries.columns)
    .where(*_mine, _columns.id < sa.bindparam("before"))
    .order_by(_columns.id.desc())
    .limit(sa.bindparam("limit"))
)
_NEWEST = Statement(_PAGE)
_NEWEST_IN_STATE = Statement(
    _PAGE.where(_columns.state == sa.bindparam("state", type_=_columns.state.type))
)
_of_endpoint = _columns.endpoint_id == sa.bindparam("endpoint")
_PENDING = Statement(
    sa.select(*webhook_deliveries.columns)
    .where(_of_endpoint, _pending)
    .order_by(_columns.sequence, _columns.id)
)
_FORGET_PENDING = Statement(sa.delete(table).where(_of_endpoint, _pending))
_TRY_AT_ONCE = Statement(
    sa.update(table)
    .where(_of_endpoint, _pending, _columns.next_attempt_at.is_not(None))
    .values(next_attempt_at=sa.bindparam("now", type_=Instant), tried_since=None)
)
# PostgreSQL's form of an INSERT that may find the row there; SQLite has the same words for it.
_insert = postgresql.insert(table)
_NAMES = [field.name for field in dataclasses.fields(WebhookDelivery)]
_PUT = Statement(
    _insert.on_conflict_do_update(
        index_elements=[_columns.id],
        set_={name: _insert.excluded[name] for name in _NAMES if name != "id"},
    ),
    _NAMES,
)
#: By when they were over.
purge = Purging(table, _columns.ended_at)
#: Of an organization that is deleted.
SLICES = Slices(table, _columns.organization_id, _columns.endpoint_id, _columns.id)


def putting(deliveries: Iterable[WebhookDelivery]) -> list[Call]:
    """What remembers deliveries as they are now, new ones or not."""
    return [(_PUT, {name: getattr(each, name) for name in _NAMES}) for each in deliveries]


def pending(connection: sa.Connection, endpoint: WebhookEndpointId) -> list[WebhookDelivery]:
    """All that is still to be delivered to an endpoint, in the order of the events."""
    return [webhook_deliveries.of(row) for row in _PENDING.all(connection, {"endpoint": endpoint})]


def forgetting_pending(endpoint: WebhookEndpointId) -> Call:
    """What forgets all that was still to be delivered to an endpoint."""
    return _FORGET_PENDING, {"endpoint": endpoint}


def trying_at_once(endpoint: WebhookEndpointId, now: datetime) -> Call:
    """What makes all that waits for another attempt due, as if it had not been tried."""
    return _TRY_AT_ONCE, {"endpoint": endpoint, "now": now}


def page(
    connection: sa.Connection,
    organization: OrganizationId,
    endpoint: WebhookEndpointId,
    state: State | None,
    before: UUID,
    limit: int,
) -> list[WebhookDelivery]:
    """Up to `limit` with an id below `before`, in one state or in any; newest first."""
    given = {"organization": organization, "endpoint": endpoint, "before": before, "limit": limit}
    if state is None:
        rows = _NEWEST.all(connection, given)
    else:
        rows = _NEWEST_IN_STATE.all(connection, {**given, "state": state})
    return [webhook_deliveries.of(row) for row in rows]


def find(
    connection: sa.Connection,
    organization: OrganizationId,
    endpoint: WebhookEndpointId,
    id: WebhookDeliveryId,
) -> WebhookDelivery | None:
    found = webhook_deliveries.find(connection, organization, id)
    return found if found is not None and found.endpoint_id == endpoint else None
