"""Which secret key the database was sealed with: its fingerprint, from which nobody gets the key."""

from __future__ import annotations

import sqlalchemy as sa

from .schema import metadata
from .unit_of_work import UnitOfWork

table = sa.Table(
    "secret_key",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
)

_ONLY = 1
_FIND = sa.select(table.c.fingerprint).where(table.c.id == _ONLY)
_INSERT = sa.insert(table)


def adopt(unit: UnitOfWork, fingerprint: bytes) -> bool:
    """Whether this is the database's key; the first one that asks is."""
    known = unit.connection.execute(_FIND).scalar_one_or_none()
    if known is None:
        unit.connection.execute(_INSERT, {"id": _ONLY, "fingerprint": fingerprint})
        return True
    return bytes(known) == fingerprint
