from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..domain.identifier import ScimConfigurationId
from ..domain.log_filter import LogFilter
from ..domain.scim_request import FAILED, UNAUTHORIZED, ScimRequest
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
    sa.Column("credential_id", sa.Uuid, nullable=True),
    sa.Column("credential", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "scim_configuration_id", "sequence"),
    sa.Index(None, "scim_configuration_id", "received_at", "sequence"),
    sqlite_autoincrement=True,  # a sequence that was purged is never given again
)
#: Tells the locks of this table's sequence from those of others.
SEQUENCE_LANE = 1
TRAIL = Trail(table, owner="scim_configuration_id", time="received_at", lane=SEQUENCE_LANE)

_columns = table.c
_mine = _columns.scim_configuration_id == sa.bindparam("configuration")
_newest_first = (_columns.received_at.desc(), _columns.sequence.desc())
_GIVEN = tuple(column.name for column in _columns if column is not _columns.sequence)
_INSERT = Statement(sa.insert(table), _GIVEN)
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
    narrowed: LogFilter,
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


def purge_surplus(
    connection: sa.Connection, configuration: ScimConfigurationId, keep: int, limit: int
) -> int:
    """Deletes what is older than the latest `keep` requests: at most `limit`; how many.

    The latest one that failed, and the latest one that did not, always stay.
    """

    def staying() -> set[int]:
        found = [last(connection, configuration, failed=failed) for failed in (True, False)]
        return {request.sequence for request in found if request is not None}

    return TRAIL.purge_surplus(connection, configuration, keep, limit, staying)


def _request(row: sa.Row[Any]) -> ScimRequest:
    return ScimRequest(**row._mapping)
