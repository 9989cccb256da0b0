from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from ..domain.address_code import AddressCode
from .engine import turns
from .engine.records import Records
from .engine.schema import Instant, Key, metadata
from .engine.statement import Statement

table = sa.Table(
    "address_code",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("bound_to", sa.Uuid, nullable=False),
    sa.Column("address", Key, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("guesses", sa.Integer, nullable=False),
    sa.Column("sent_at", Instant, nullable=False),
    sa.Column("taken_at", Instant, nullable=True),
    sa.Index(None, "bound_to", "address", "id"),
    sa.Index(None, "address", "sent_at"),
    sa.Index(None, "sent_at"),
)
_columns = table.c

address_codes = Records(table, AddressCode, tenant="bound_to")

_newest = (
    sa.select(*address_codes.columns)
    .where(
        _columns.bound_to == sa.bindparam("bound_to"),
        _columns.address == sa.bindparam("address"),
    )
    .order_by(_columns.id.desc())
    .limit(sa.bindparam("limit"))
)
_NEWEST = Statement(_newest)
_LOCK = Statement(_newest.with_for_update())
_SENT = Statement(
    sa.select(_columns.sent_at)
    .where(
        _columns.address == sa.bindparam("address"),
        _columns.sent_at > sa.bindparam("since", type_=Instant),
    )
    .order_by(_columns.sent_at)
)
_PURGE = Statement(
    sa.delete(table).where(_columns.sent_at <= sa.bindparam("before", type_=Instant))
)
_SENDING = Statement(sa.select(turns.Turns("CODE").own(sa.bindparam("turn", type_=sa.Text))))


def newest(connection: sa.Connection, bound_to: UUID, address: str) -> AddressCode | None:
    """The code that was mailed last, which alone counts."""
    given = {"bound_to": bound_to, "address": address, "limit": 1}
    return address_codes.only(_NEWEST.all(connection, given))


def lock_newest(connection: sa.Connection, bound_to: UUID, address: str) -> AddressCode | None:
    """Like `newest`, and nobody else guesses at it before this transaction ends."""
    given = {"bound_to": bound_to, "address": address, "limit": 1}
    return address_codes.only(_LOCK.all(connection, given))


def sent(connection: sa.Connection, address: str, since: datetime) -> list[datetime]:
    """When codes were mailed to an address after a moment; nobody else mails it one before this transaction ends."""
    if turns.taken(connection):
        _SENDING.all(connection, {"turn": address})
    rows = _SENT.all(connection, {"address": address, "since": since})
    return [row[0] for row in rows]


def purge(connection: sa.Connection, before: datetime) -> None:
    """Forgets what was mailed until a moment."""
    _PURGE.run(connection, {"before": before})
