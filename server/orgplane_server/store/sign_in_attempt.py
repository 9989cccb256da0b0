from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..domain.identifier import SsoConfigurationId
from ..domain.log_filter import LogFilter
from ..domain.sign_in import Refusal
from ..domain.sign_in_attempt import SignInAttempt
from .engine.schema import Counter, Instant, choice, metadata
from .engine.statement import Call, Statement
from .engine.trail import Position, Trail

# No foreign key to the configuration: what is left of one that is deleted goes a little later.
table = sa.Table(
    "sign_in_attempt",
    metadata,
    sa.Column("sequence", Counter, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("sso_configuration_id", sa.Uuid, nullable=False),
    sa.Column("attempted_at", Instant, nullable=False),
    sa.Column("refusal", choice(Refusal), nullable=True),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("user_id", sa.Uuid, nullable=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Column("omitted", sa.Integer, nullable=False),
    sa.Index(None, "organization_id", "sequence"),
    sa.Index(None, "sso_configuration_id", "sequence"),
    sa.Index(None, "sso_configuration_id", "attempted_at", "sequence"),
    sqlite_autoincrement=True,  # a sequence that was purged is never given again
)
#: Tells the locks of this table's sequence from those of others.
SEQUENCE_LANE = 2
TRAIL = Trail(table, owner="sso_configuration_id", time="attempted_at", lane=SEQUENCE_LANE)

_columns = table.c
_GIVEN = tuple(column.name for column in _columns if column is not _columns.sequence)
_INSERT = Statement(sa.insert(table), _GIVEN)


def inserting(attempt: SignInAttempt) -> Call:
    """To be `append`ed: it is the end of a trail."""
    return _INSERT, {name: getattr(attempt, name) for name in _GIVEN}


def purge_surplus(
    connection: sa.Connection,
    configuration: SsoConfigurationId,
    most: int,
    most_of_strangers: int,
    limit: int,
) -> int:
    """Deletes what is too many of a configuration: first of those of whom no provider said who they are; as `Trail.purge_surplus`."""
    strangers = (_columns.subject == "", _columns.user_id.is_(None))
    gone = TRAIL.purge_surplus(
        connection, configuration, most_of_strangers, limit, tuple, *strangers
    )
    return gone or TRAIL.purge_surplus(connection, configuration, most, limit)


def page(
    connection: sa.Connection,
    configuration: SsoConfigurationId,
    narrowed: LogFilter,
    after: Position | None,
    limit: int,
    *,
    oldest_first: bool,
) -> list[SignInAttempt]:
    """Up to `limit` attempts behind `after`, in the order of their time."""
    rows = TRAIL.page(
        connection,
        configuration,
        after,
        limit,
        *([_columns.refusal.is_not(None)] if narrowed.failed else []),
        newest_first=not oldest_first,
        since=narrowed.since,
        until=narrowed.until,
    )
    return [_attempt(row) for row in rows]


def following(
    connection: sa.Connection,
    configuration: SsoConfigurationId,
    after: int,
    until: int,
    limit: int,
) -> list[SignInAttempt]:
    """Up to `limit` attempts after a sequence and not after another, as `Trail.following`."""
    rows = TRAIL.following(connection, configuration, after, until, limit)
    return [_attempt(row) for row in rows]


def _attempt(row: sa.Row[Any]) -> SignInAttempt:
    return SignInAttempt(**row._mapping)
