"""Which secret key the database is sealed with: its fingerprint, from which nobody gets the key; and what opens texts of those before."""

from __future__ import annotations

import sqlalchemy as sa

from ..domain.secret_key import FormerKey
from .engine.purging import Purging
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Call, Statement
from .engine.unit_of_work import UnitOfWork

table = sa.Table(
    "secret_key",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
)

former = sa.Table(
    "former_secret_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("retired_at", Instant, nullable=False),
)

former_keys = Records(former, FormerKey, tenant="id")
#: Forgets keys that were retired before a moment.
purge = Purging(former, former.c.retired_at)

_ONLY = 1
_FIND = sa.select(table.c.fingerprint).where(table.c.id == _ONLY)
#: SQLAlchemy has this for each database, but not for all; both have the same words for it.
_INSERT = sa.text(
    "INSERT INTO secret_key (id, fingerprint) VALUES (:id, :fingerprint) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("fingerprint", type_=table.c.fingerprint.type))
_HOLD = Statement(_FIND.with_for_update(read=True))
_LOCK = Statement(_FIND.with_for_update())
_CHANGE = Statement(
    sa.update(table)
    .where(table.c.id == _ONLY)
    .values(fingerprint=sa.bindparam("new", type_=table.c.fingerprint.type))
)
_FORMER = Statement(sa.select(*former_keys.columns).order_by(former.c.id.desc()))
_FORGET = Statement(sa.delete(former))


def adopt(unit: UnitOfWork, fingerprint: bytes) -> bool:
    """Whether this is the database's key; the first one that asks is, also of several at once."""
    unit.connection.execute(_INSERT, {"id": _ONLY, "fingerprint": fingerprint})
    return bytes(unit.connection.execute(_FIND).scalar_one()) == fingerprint


def find(connection: sa.Connection) -> bytes | None:
    """The fingerprint of the database's key; None if it has none yet."""
    found = connection.execute(_FIND).scalar_one_or_none()
    return None if found is None else bytes(found)


def hold(unit: UnitOfWork) -> bytes | None:
    """`find`, and the key stays the database's until this transaction ends."""
    return _only(_HOLD, unit)


def lock(unit: UnitOfWork) -> bytes | None:
    """`find`, after all who `hold` it, and nobody else does before this transaction ends."""
    return _only(_LOCK, unit)


def _only(statement: Statement, unit: UnitOfWork) -> bytes | None:
    row = statement.one_or_none(unit.connection, {})
    return None if row is None else bytes(row[0])


def changing(fingerprint: bytes) -> Call:
    """What makes another key the database's."""
    return _CHANGE, {"new": fingerprint}


def every_former(connection: sa.Connection) -> list[FormerKey]:
    """Those that texts are opened with too, the latest first."""
    return [former_keys.of(row) for row in _FORMER.all(connection, {})]


def forgetting() -> Call:
    """What has no text of a key before opened any more."""
    return _FORGET, {}
