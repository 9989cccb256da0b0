from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..domain.identifier import OperatorTokenId
from ..domain.operator import OperatorToken
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Statement

table = sa.Table(
    "operator_token",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("read_only", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("last_used_at", Instant, nullable=True),
    sa.Column("created_by", sa.Text, nullable=False, server_default=""),
    sa.Column("revoked_at", Instant, nullable=True),
    sa.Column("revoked_by", sa.Text, nullable=False, server_default=""),
)

operator_tokens = Records(table, OperatorToken, tenant="id")

_ALL = sa.select(*operator_tokens.columns).order_by(table.c.id)
_BY_DIGEST = Statement(
    sa.select(*operator_tokens.columns).where(table.c.digest == sa.bindparam("digest"))
)
_TOUCH = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("this"))
    .values(last_used_at=sa.bindparam("now"))
)


def every(connection: sa.Connection) -> list[OperatorToken]:
    """All there are or were, oldest first."""
    return [operator_tokens.of(row) for row in connection.execute(_ALL)]


def find_by_digest(connection: sa.Connection, digest: bytes) -> OperatorToken | None:
    """The one whose SHA-256 this is."""
    return operator_tokens.only(_BY_DIGEST.all(connection, {"digest": digest}))


def touch(connection: sa.Connection, id: OperatorTokenId, now: datetime) -> None:
    """Notes a use."""
    connection.execute(_TOUCH, {"this": id, "now": now})
