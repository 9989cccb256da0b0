from __future__ import annotations

import sqlalchemy as sa

from ..domain.authorization import AuthorizationCode
from .engine.purging import Purging
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Statement

# No foreign key to the session, which ends by itself, and the code with it.
table = sa.Table(
    "authorization_code",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("session_id", sa.Uuid, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("challenge", sa.Text, nullable=False),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("used", sa.Boolean(create_constraint=False), nullable=False),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "expires_at"),
)

authorization_codes = Records(table, AuthorizationCode)

_this = sa.select(*authorization_codes.columns).where(table.c.digest == sa.bindparam("digest"))
_FIND = Statement(_this)
_LOCK = Statement(_this.with_for_update())
#: By when they ended.
purge = Purging(table, table.c.expires_at)


def find(connection: sa.Connection, digest: bytes) -> AuthorizationCode | None:
    return authorization_codes.only(_FIND.all(connection, {"digest": digest}))


def lock(connection: sa.Connection, digest: bytes) -> AuthorizationCode | None:
    """The code with this digest, which nobody else uses before this transaction ends."""
    return authorization_codes.only(_LOCK.all(connection, {"digest": digest}))
