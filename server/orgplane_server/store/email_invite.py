from __future__ import annotations

import sqlalchemy as sa

from ..domain.email_invite import EmailInvite
from ..domain.identifier import OrganizationId
from . import deletion
from .engine.purging import Purging
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
#: By when they were made.
purge = Purging(table, _columns.created_at)


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
