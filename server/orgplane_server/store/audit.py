from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from ..domain.audit import Action, AuditEvent, Subject
from ..domain.caller import Origin
from ..domain.identifier import OrganizationId, PersonalAccessTokenId, UserId
from ..domain.revision import FieldChange
from .schema import Counter, Instant, Json, choice, metadata

table = sa.Table(
    "audit_event",
    metadata,
    sa.Column("sequence", Counter, primary_key=True, autoincrement=True),
    sa.Column("occurred_at", Instant, nullable=False),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("actor_user_id", sa.Uuid, nullable=True),
    sa.Column("actor_token_id", sa.Uuid, nullable=True),
    sa.Column("action", choice(Action), nullable=False),
    sa.Column("subject", choice(Subject), nullable=False),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("changes", Json, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Index(None, "organization_id", "sequence"),
)

_INSERT = sa.insert(table)
_OF_ORGANIZATION = (
    sa.select(table)
    .where(table.c.organization_id == sa.bindparam("organization"))
    .order_by(table.c.sequence)
)


def insert(connection: sa.Connection, events: Iterable[AuditEvent]) -> None:
    rows = [
        {
            "occurred_at": event.occurred_at,
            "organization_id": event.organization_id,
            "actor_user_id": event.actor_user_id,
            "actor_token_id": event.actor_token_id,
            "action": event.action,
            "subject": event.subject,
            "subject_id": event.subject_id,
            "changes": {
                name: [_plain(change.before), _plain(change.after)]
                for name, change in event.changes.items()
            },
            "request_id": event.origin.request_id,
            "peer": event.origin.peer,
        }
        for event in events
    ]
    if rows:
        connection.execute(_INSERT, rows)


def of_organization(connection: sa.Connection, organization: OrganizationId) -> list[AuditEvent]:
    """All events of an organization in the order they happened; values of changes are plain JSON."""
    return [
        AuditEvent(
            occurred_at=row.occurred_at,
            organization_id=OrganizationId(row.organization_id),
            actor_user_id=row.actor_user_id and UserId(row.actor_user_id),
            actor_token_id=row.actor_token_id and PersonalAccessTokenId(row.actor_token_id),
            action=row.action,
            subject=row.subject,
            subject_id=row.subject_id,
            changes={name: FieldChange(*pair) for name, pair in row.changes.items()},
            origin=Origin(row.request_id, row.peer),
        )
        for row in connection.execute(_OF_ORGANIZATION, {"organization": organization})
    ]


def _plain(value: object) -> object:
    """A field's value as JSON has it."""
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID():
            return str(value)
        case tuple():
            return [_plain(item) for item in value]
    return value
