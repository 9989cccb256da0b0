from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..domain.signing_key import SigningKey
from .engine import turns
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Call, Statement
from .engine.unit_of_work import UnitOfWork

table = sa.Table(
    "signing_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("retired_at", Instant, nullable=True),
)

signing_keys = Records(table, SigningKey, tenant="id")

_now = sa.bindparam("now", type_=Instant)
_ALL = Statement(sa.select(*signing_keys.columns).order_by(table.c.id))
_RETIRE = Statement(sa.update(table).where(table.c.retired_at.is_(None)).values(retired_at=_now))
_PURGE = Statement(
    sa.delete(table).where(table.c.retired_at <= sa.bindparam("before", type_=Instant))
)


def every(connection: sa.Connection) -> list[SigningKey]:
    """Oldest first."""
    return [signing_keys.of(row) for row in _ALL.all(connection, {})]


def hold(unit: UnitOfWork) -> list[SigningKey]:
    """`every`, and nobody else makes one before this transaction ends."""
    turns.hold(unit.connection, table.name)
    return every(unit.connection)


def retiring(now: datetime) -> Call:
    """What keeps the key that signs from doing so."""
    return _RETIRE, {"now": now}


def purging(before: datetime) -> Call:
    """What forgets those that were retired at that time, or earlier."""
    return _PURGE, {"before": before}
