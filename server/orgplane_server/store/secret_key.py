"""Which secret key the database was sealed with: its fingerprint, from which nobody gets the key."""

from __future__ import annotations

import sqlalchemy as sa

from .engine.schema import metadata
from .engine.unit_of_work import UnitOfWork

table = sa.Table(
    "secret_key",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
)

_ONLY = 1
_FIND = sa.select(table.c.fingerprint).where(table.c.id == _ONLY)
#: SQLAlchemy has this for each database, but not for all; both have the same words for it.
_INSERT = sa.text(
    "INSERT INTO secret_key (id, fingerprint) VALUES (:id, :fingerprint) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("fingerprint", type_=table.c.fingerprint.type))


def adopt(unit: UnitOfWork, fingerprint: bytes) -> bool:
    """Whether this is the database's key; the first one that asks is, also of several at once."""
    unit.connection.execute(_INSERT, {"id": _ONLY, "fingerprint": fingerprint})
    return bytes(unit.connection.execute(_FIND).scalar_one()) == fingerprint


def find(connection: sa.Connection) -> bytes | None:
    """The fingerprint of the database's key; None if it has none yet."""
    found = connection.execute(_FIND).scalar_one_or_none()
    return None if found is None else bytes(found)
