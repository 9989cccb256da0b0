from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..domain.email_invite import EmailInvite
from ..domain.identifier import OrganizationId
from . import deletion
from .engine import turns
from .engine.records import Records
from .engine.schema import Instant, Key, metadata
from .engine.statement import Statement

table = sa.Table(
    "email_invite",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("address", Key, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("letter_id", sa.Uuid, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("accepted_at", Instant, nullable=True),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "organization_id", "address", "id"),
    sa.Index(None, "created_at"),
)
_columns = table.c

email_invites = Records(table, EmailInvite)

_BY_DIGEST = sa.select(*email_invites.columns).where(
    _columns.digest == sa.bindparam("digest"), deletion.live(_columns.organization_id)
)
_FIND = Statement(_BY_DIGEST)
_LOCK = Statement(_BY_DIGEST.with_for_update())
_TO = Statement(
    sa.select(*email_invites.columns)
    .where(
        _columns.organization_id == sa.bindparam("organization"),
        _columns.address == sa.bindparam("address"),
        _columns.accepted_at == None,  # noqa: E711
    )
    .order_by(_columns.id)
    .with_for_update()
)
_OLDEST = (
    sa.select(_columns.id)
    .where(_columns.created_at < sa.bindparam("before"))
    .order_by(_columns.created_at)
    .limit(sa.bindparam("limit"))
)


def find_by_digest(connection: sa.Connection, digest: bytes) -> EmailInvite | None:
    return email_invites.only(_FIND.all(connection, {"digest": digest}))


def lock_by_digest(connection: sa.Connection, digest: bytes) -> EmailInvite | None:
    """Like `find_by_digest`, and nobody else accepts it before this transaction ends."""
    return email_invites.only(_LOCK.all(connection, {"digest": digest}))


def lock_open(
    connection: sa.Connection, organization: OrganizationId, address: str
) -> list[EmailInvite]:
    """Those to a folded address that nobody has accepted."""
    rows = _TO.all(connection, {"organization": organization, "address": address})
    return [email_invites.of(row) for row in rows]


def purge(connection: sa.Connection, before: datetime, limit: int) -> int:
    """Forgets invites that were made earlier than `before`: at most `limit`; how many.

    None are, while another process does the same.
    """
    if not turns.alone(connection, table.name):
        return 0
    oldest = connection.execute(_OLDEST, {"before": before, "limit": limit}).scalars().all()
    if oldest:
        connection.execute(sa.delete(table).where(_columns.id.in_(oldest)))
    return len(oldest)
