from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..domain.identifier import ScimConfigurationId
from ..domain.scim_request import FAILED, UNAUTHORIZED, ScimRequest, ScimRequestFilter
from .engine import turns
from .engine.schema import Counter, Instant, Span, metadata
from .engine.slices import Slices
from .engine.statement import Statement
from .engine.trail import Position, Trail
from .engine.unit_of_work import UnitOfWork

# No foreign keys: a request that came before its configuration was deleted may be written after that.
table = sa.Table(
    "scim_request",
    metadata,
    sa.Column("sequence", Counter, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("scim_configuration_id", sa.Uuid, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("duration", Span, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("scim_type", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Column("request_body", sa.Text, nullable=False),
    sa.Column("response_body", sa.Text, nullable=False),
    sa.Column("remark", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "scim_configuration_id", "sequence"),
    sa.Index(None, "scim_configuration_id", "received_at", "sequence"),
)
#: Tells the locks of this table's sequence from those of others.
SEQUENCE_LANE = 1
TRAIL = Trail(table, owner="scim_configuration_id", time="received_at", lane=SEQUENCE_LANE)

_columns = table.c
_mine = _columns.scim_configuration_id == sa.bindparam("configuration")
_newest_first = (_columns.received_at.desc(), _columns.sequence.desc())
_GIVEN = tuple(column.name for column in _columns if column is not _columns.sequence)
_INSERT = Statement(sa.insert(table), _GIVEN)
_LATEST = sa.select(_columns.sequence).where(_mine).order_by(_columns.sequence.desc())
_LAST = {
    failed: sa.select(table)
    .where(_mine, _columns.status >= FAILED if failed else _columns.status < FAILED)
    .order_by(*_newest_first)
    .limit(1)
    for failed in (True, False)
}
_LAST_ADMITTED = (
    sa.select(_columns.received_at)
    .where(_mine, _columns.status != UNAUTHORIZED)
    .order_by(*_newest_first)
    .limit(1)
)
_OLDEST = (
    sa.select(_columns.sequence, _columns.received_at)
    .order_by(_columns.sequence)
    .limit(sa.bindparam("limit"))
)
_SURPLUS = (
    sa.select(_columns.sequence)
    .where(_mine, _columns.sequence <= sa.bindparam("through"))
    .order_by(_columns.sequence)
    .limit(sa.bindparam("limit"))
)
_DELETE = sa.delete(table).where(_columns.sequence.in_(sa.bindparam("sequences", expanding=True)))
#: Of a configuration that is deleted.
SLICES = Slices(table, _columns.scim_configuration_id, _columns.sequence)


def insert(unit: UnitOfWork, requests: Iterable[ScimRequest]) -> None:
    rows = [{name: getattr(request, name) for name in _GIVEN} for request in requests]
    if rows:
        _INSERT.run(unit.connection, *rows)
        unit.announce()


def page(
    connection: sa.Connection,
    configuration: ScimConfigurationId,
    narrowed: ScimRequestFilter,
    after: Position | None,
    limit: int,
    *,
    oldest_first: bool,
) -> list[ScimRequest]:
    """Up to `limit` requests behind `after`, in the order of their time."""
    rows = TRAIL.page(
        connection,
        configuration,
        after,
        limit,
        *([_columns.status >= FAILED] if narrowed.failed else []),
        newest_first=not oldest_first,
        since=narrowed.since,
        until=narrowed.until,
    )
    return [_request(row) for row in rows]


def following(
    connection: sa.Connection,
    configuration: ScimConfigurationId,
    after: int,
    until: int,
    limit: int,
) -> list[ScimRequest]:
    """Up to `limit` requests after a sequence and not after another, as `Trail.following`."""
    rows = TRAIL.following(connection, configuration, after, until, limit)
    return [_request(row) for row in rows]


def before_latest(
    connection: sa.Connection, configuration: ScimConfigurationId, recent: int
) -> int:
    """The sequence that only `recent` requests of the configuration come after; 0 if there are no more."""
    return _nth(connection, configuration, recent) or 0


def last(
    connection: sa.Connection, configuration: ScimConfigurationId, *, failed: bool
) -> ScimRequest | None:
    """The latest request that failed, or that did not."""
    row = connection.execute(_LAST[failed], {"configuration": configuration}).one_or_none()
    return None if row is None else _request(row)


def last_admitted(connection: sa.Connection, configuration: ScimConfigurationId) -> datetime | None:
    """When the latest request came whose token was accepted."""
    found: datetime | None = connection.execute(
        _LAST_ADMITTED, {"configuration": configuration}
    ).scalar_one_or_none()
    return found


def purge(connection: sa.Connection, before: datetime, limit: int) -> int:
    """Deletes the oldest requests, if they came earlier than `before`: at most `limit`; how many.

    None are, while another process does the same.
    """
    if not turns.alone(connection, table.name):
        return 0
    oldest = connection.execute(_OLDEST, {"limit": limit}).all()
    return _delete(connection, [row.sequence for row in oldest if row.received_at < before])


def purge_surplus(
    connection: sa.Connection, configuration: ScimConfigurationId, keep: int, limit: int
) -> int:
    """Deletes what is older than the latest `keep` requests: at most `limit`; how many.

    The latest one that failed, and the latest one that did not, always stay.
    """
    through = _nth(connection, configuration, keep)
    if through is None:
        return 0
    stay = {
        request.sequence
        for failed in (True, False)
        if (request := last(connection, configuration, failed=failed)) is not None
    }
    surplus = connection.execute(
        _SURPLUS, {"configuration": configuration, "through": through, "limit": limit + len(stay)}
    ).scalars()
    return _delete(connection, [sequence for sequence in surplus if sequence not in stay][:limit])


def _nth(connection: sa.Connection, configuration: ScimConfigurationId, after: int) -> int | None:
    """The sequence of the latest request but `after`."""
    query = _LATEST.offset(after).limit(1)
    found: int | None = connection.execute(query, {"configuration": configuration}).scalar()
    return found


def _delete(connection: sa.Connection, sequences: list[int]) -> int:
    if sequences:
        connection.execute(_DELETE, {"sequences": sequences})
    return len(sequences)


def _request(row: sa.Row[Any]) -> ScimRequest:
    return ScimRequest(**row._mapping)
