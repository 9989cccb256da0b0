from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..domain.identifier import ApplicationId
from ..domain.sign_out import SignOut, SignOutReason
from .engine.schema import Counter, Instant, choice, metadata
from .engine.statement import Statement
from .engine.trail import Trail

# No foreign keys: whatever it is about may be gone before it is told.
table = sa.Table(
    "sign_out",
    metadata,
    sa.Column("sequence", Counter, primary_key=True, autoincrement=True),
    sa.Column("application_id", sa.Uuid, nullable=False),
    sa.Column("sign_in_id", sa.Uuid, nullable=False),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("reason", choice(SignOutReason), nullable=False),
    sa.Index(None, "application_id", "sequence"),
    sqlite_autoincrement=True,  # a sequence that was purged is never given again
)
#: Tells the locks of this table's sequence from those of others.
SEQUENCE_LANE = 3
TRAIL = Trail(table, owner="application_id", time="ended_at", lane=SEQUENCE_LANE, many=True)

_OF_SESSION = ("application_id", "sign_in_id", "organization_id", "user_id")
_WHEN = ("ended_at", "reason")
_INSERT = sa.insert(table)


def telling(ended: sa.Select[Any]) -> Statement:
    """What tells of the sessions that a query finds: of their `application_id`, `id`, `organization_id` and `user_id`."""
    when = [sa.bindparam(name, type_=table.c[name].type) for name in _WHEN]
    found = ended.add_columns(*when)
    return Statement(sa.insert(table).from_select([*_OF_SESSION, *_WHEN], found))


def tell(
    connection: sa.Connection, ended: Sequence[Sequence[Any]], now: datetime, reason: SignOutReason
) -> None:
    """Tells of sessions, of each of which there is what `telling` takes."""
    rows = [
        {**dict(zip(_OF_SESSION, row, strict=True)), "ended_at": now, "reason": reason}
        for row in ended
    ]
    if rows:
        connection.execute(_INSERT, rows)


def following(
    connection: sa.Connection, application: ApplicationId, after: int, until: int, limit: int
) -> list[SignOut]:
    """Up to `limit` of an application's after a sequence and not after another, as `Trail.following`."""
    rows = TRAIL.following(connection, application, after, until, limit)
    return [SignOut(**row._mapping) for row in rows]
