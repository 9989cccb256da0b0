from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ..domain.audit import Action, ActorKind, AuditEvent, AuditFilter, Subject
from ..domain.caller import Origin
from ..domain.identifier import AuditEventId, OrganizationId
from ..domain.revision import FieldChange
from .engine import turns
from .engine.schema import Counter, Instant, Json, choice, metadata
from .engine.statement import Call, Statement
from .engine.trail import Position, Trail
from .engine.unit_of_work import UnitOfWork

table = sa.Table(
    "audit_event",
    metadata,
    sa.Column("sequence", Counter, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("occurred_at", Instant, nullable=False),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("actor", choice(ActorKind), nullable=False),
    sa.Column("actor_id", sa.Uuid, nullable=True),
    sa.Column("actor_token_id", sa.Uuid, nullable=True),
    sa.Column("action", choice(Action), nullable=False),
    sa.Column("subject", choice(Subject), nullable=False),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("changes", Json, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Index(None, "id", unique=True),
    sa.Index(None, "organization_id", "sequence"),
    sa.Index(None, "organization_id", "occurred_at", "sequence"),
    sa.Index(None, "organization_id", "subject_id", "occurred_at", "sequence"),
    sa.Index(None, "organization_id", "actor_id", "occurred_at", "sequence"),
    sqlite_autoincrement=True,  # a sequence that was purged is never given again
)
retention = sa.Table(
    "audit_retention",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("purged", sa.BigInteger, nullable=False),
)


@sa.event.listens_for(retention, "after_create")
def _begin(table: sa.Table, connection: sa.Connection, **_: Any) -> None:
    """Its only row."""
    connection.execute(sa.insert(table).values(id=1, purged=0))


TRAIL = Trail(table, owner="organization_id", time="occurred_at")

_columns = table.c
_mine = _columns.organization_id == sa.bindparam("organization")
_INSERT = Statement(
    sa.insert(table), [column.name for column in _columns if column.name != "sequence"]
)
_FIND = sa.select(table).where(_mine, _columns.id == sa.bindparam("this"))
_ALL_BEFORE = (
    sa.select(table)
    .where(_columns.sequence <= sa.bindparam("until"))
    .order_by(_columns.sequence.desc())
    .limit(sa.bindparam("limit"))
)
_BEFORE = _ALL_BEFORE.where(_mine)
_LATEST = Statement(
    sa.select(_columns.occurred_at).where(_mine).order_by(_columns.sequence.desc()).limit(1)
)
_PURGED = sa.select(retention.c.purged)
_OLDEST = (
    sa.select(_columns.sequence, _columns.occurred_at)
    .where(_columns.sequence > sa.bindparam("purged"))  # past what lies dead in the index
    .order_by(_columns.sequence)
    .limit(sa.bindparam("limit"))
)
_FORGET = sa.delete(table).where(_columns.sequence <= sa.bindparam("through"))
_NOTE_PURGE = sa.update(retention).values(purged=sa.bindparam("through"))


def append(unit: UnitOfWork, event: AuditEvent) -> None:
    """Puts an event at the end of the trail, in the same transaction as what it tells of."""
    unit.append(inserting(event))


def inserting(event: AuditEvent) -> Call:
    """What `append` runs."""
    return _INSERT, {
        "id": event.id,
        "occurred_at": event.occurred_at,
        "organization_id": event.organization_id,
        "actor": event.actor,
        "actor_id": event.actor_id,
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


def find(
    connection: sa.Connection, organization: OrganizationId, id: AuditEventId
) -> AuditEvent | None:
    row = connection.execute(_FIND, {"organization": organization, "this": id}).one_or_none()
    return None if row is None else _event(row)


def page(
    connection: sa.Connection,
    organization: OrganizationId,
    narrowed: AuditFilter,
    after: Position | None,
    limit: int,
    *,
    newest_first: bool,
) -> list[AuditEvent]:
    """Up to `limit` events behind `after`, in the order of their time."""
    conditions = [
        column.in_(wanted)
        for column, wanted in (
            (_columns.actor_id, narrowed.actors),
            (_columns.actor, narrowed.actor_kinds),
            (_columns.subject_id, narrowed.subject_ids),
            (_columns.subject, narrowed.subjects),
        )
        if wanted is not None
    ]
    rows = TRAIL.page(
        connection,
        organization,
        after,
        limit,
        *conditions,
        newest_first=newest_first,
        since=narrowed.since,
        until=narrowed.until,
    )
    return [_event(row) for row in rows]


def following(
    connection: sa.Connection,
    organization: OrganizationId | None,
    after: int,
    until: int,
    limit: int,
) -> list[AuditEvent]:
    """Up to `limit` events, of an organization or of all, after a sequence and not after another, as `Trail.following`."""
    return [_event(row) for row in TRAIL.following(connection, organization, after, until, limit)]


def preceding(
    connection: sa.Connection, organization: OrganizationId | None, until: int, limit: int
) -> list[AuditEvent]:
    """Up to `limit` events, of an organization or of all, not after a sequence, newest first."""
    given = {"until": until, "limit": limit}
    rows = (
        connection.execute(_ALL_BEFORE, given)
        if organization is None
        else connection.execute(_BEFORE, {**given, "organization": organization})
    )
    return [_event(row) for row in rows]


def latest(connection: sa.Connection, organization: OrganizationId) -> datetime | None:
    """When the last event of an organization that is kept occurred."""
    for (occurred_at,) in _LATEST.all(connection, {"organization": organization}):
        found: datetime = occurred_at
        return found
    return None


def purged(connection: sa.Connection) -> int:
    """The sequence through which events have been purged; 0 if none were."""
    return int(connection.execute(_PURGED).scalar_one())


def purge(connection: sa.Connection, before: datetime, limit: int) -> int:
    """Deletes the oldest events, if they occurred earlier than `before`: at most `limit`; how many.

    None are, while another process does the same.
    """
    if not turns.alone(connection, table.name):
        return 0
    oldest = connection.execute(_OLDEST, {"purged": purged(connection), "limit": limit}).all()
    doomed = 0
    for row in oldest:
        if row.occurred_at >= before:
            break
        doomed += 1
    if doomed:
        through = {"through": oldest[doomed - 1].sequence}
        connection.execute(_NOTE_PURGE, through)
        connection.execute(_FORGET, through)
    return doomed


def _event(row: sa.Row[Any]) -> AuditEvent:
    """Values of changes are plain JSON."""
    return AuditEvent(
        id=AuditEventId(row.id),
        occurred_at=row.occurred_at,
        organization_id=OrganizationId(row.organization_id),
        actor=row.actor,
        actor_id=row.actor_id,
        actor_token_id=row.actor_token_id,
        action=row.action,
        subject=row.subject,
        subject_id=row.subject_id,
        changes={name: FieldChange(*pair) for name, pair in row.changes.items()},
        origin=Origin(row.request_id, row.peer),
        sequence=row.sequence,
    )


def _plain(value: object) -> object:
    """A field's value as JSON has it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")  # RFC 3339
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted(str(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return str(value)
