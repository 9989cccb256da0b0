from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, WebhookEndpointId
from ..domain.webhook_endpoint import ToldEndpoint, WebhookEndpoint, WebhookProgress
from . import deletion, organization
from .engine import turns
from .engine.records import Records
from .engine.schema import Instant, Texts, metadata
from .engine.statement import Call, Statement

table = sa.Table(
    "webhook_endpoint",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("event_types", Texts, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("enabled", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("disabled_because", sa.Text, nullable=False),
    sa.Column("previous_secret", sa.LargeBinary, nullable=True),
    sa.Column("previous_secret_ends_at", Instant, nullable=True),
    sa.Index(None, "organization_id", "id"),
)
# Apart, as it changes all the time, and is nobody's setting.
progress = sa.Table(
    "webhook_progress",
    metadata,
    sa.Column("endpoint_id", sa.Uuid, sa.ForeignKey("webhook_endpoint.id"), primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("succeeded_at", Instant, nullable=True),
    sa.Column("failing_since", Instant, nullable=True),
    sa.Index(None, "organization_id"),
)

webhook_endpoints = Records(table, WebhookEndpoint)

_columns, _c = table.c, progress.c
_BORDER = len(webhook_endpoints.columns)
_NAMES = [each.name for each in dataclasses.fields(WebhookProgress)]
_told = sa.select(*webhook_endpoints.columns, *(_c[name] for name in _NAMES)).join(
    progress, _c.endpoint_id == _columns.id
)
_mine = _columns.organization_id == sa.bindparam("organization")
_TOLD = Statement(_told.where(_mine, _columns.id == sa.bindparam("this")))
_PAGE = Statement(
    _told.where(_mine, _columns.id > sa.bindparam("after"))
    .order_by(_columns.id)
    .limit(sa.bindparam("limit"))
)
_COUNT = Statement(sa.select(sa.func.count()).select_from(table).where(_mine))
_ACTIVE = Statement(
    _told.where(
        _columns.enabled == sa.true(),
        deletion.live(_columns.organization_id),
        sa.not_(organization.suspended(_columns.organization_id)),
    )
)
_BEGIN = Statement(sa.insert(progress), ["endpoint_id", "organization_id", *_NAMES])
_this = _c.endpoint_id == sa.bindparam("this")
_MOVE = Statement(sa.update(progress).where(_this), _NAMES)
_END = Statement(sa.delete(progress).where(_this))
_HOLD = (
    sa.select(_c.endpoint_id)
    .where(_c.endpoint_id.in_(sa.bindparam("these", expanding=True)))
    .order_by(_c.endpoint_id)
    .with_for_update()
)
_CREATING = turns.Turns("whep")


def count(connection: sa.Connection, organization: OrganizationId) -> int:
    """How many an organization has; nobody else creates one before this transaction ends."""
    if turns.taken(connection):
        connection.execute(sa.select(_CREATING.own(sa.literal(str(organization)))))
    return int(_COUNT.all(connection, {"organization": organization})[0][0])


def told(
    connection: sa.Connection, organization: OrganizationId, id: WebhookEndpointId
) -> ToldEndpoint | None:
    row = _TOLD.one_or_none(connection, {"organization": organization, "this": id})
    return None if row is None else _of(row)


def page(
    connection: sa.Connection, organization: OrganizationId, after: UUID, limit: int
) -> list[ToldEndpoint]:
    """Up to `limit` with an id above `after`, oldest first."""
    given = {"organization": organization, "after": after, "limit": limit}
    return [_of(row) for row in _PAGE.all(connection, given)]


def active(connection: sa.Connection) -> list[ToldEndpoint]:
    """All that are posted to: enabled ones of organizations that nobody has suspended or deleted."""
    return [_of(row) for row in _ACTIVE.all(connection, {})]


def beginning(endpoint: WebhookEndpoint, sequence: int) -> Call:
    """What notes that a new endpoint gets what comes after this."""
    values = dataclasses.asdict(WebhookProgress(sequence))
    return _BEGIN, {
        **values,
        "endpoint_id": endpoint.id,
        "organization_id": endpoint.organization_id,
    }


def ending(id: WebhookEndpointId) -> Call:
    """What forgets how far an endpoint has come."""
    return _END, {"this": id}


def held(
    connection: sa.Connection, ids: Collection[WebhookEndpointId]
) -> frozenset[WebhookEndpointId]:
    """Those of the endpoints that are there, and stay until this transaction ends."""
    rows = connection.execute(_HOLD, {"these": sorted(ids)}).scalars() if ids else ()
    return frozenset(WebhookEndpointId(id) for id in rows)


def moving(reached: Mapping[WebhookEndpointId, WebhookProgress]) -> Sequence[Call]:
    """What notes how far endpoints have come."""
    return [
        (_MOVE, {**{name: getattr(each, name) for name in _NAMES}, "this": id})
        for id, each in reached.items()
    ]


def _of(row: Sequence[object]) -> ToldEndpoint:
    return ToldEndpoint(
        webhook_endpoints.of(row[:_BORDER]),
        WebhookProgress(*row[_BORDER:]),  # type: ignore[arg-type]
    )
