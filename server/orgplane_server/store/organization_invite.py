from __future__ import annotations

import sqlalchemy as sa

from ..domain.organization_invite import OrganizationInvite
from . import deletion
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Statement

table = sa.Table(
    "organization_invite",
    metadata,
    sa.Column("id", sa.Uuid, sa.ForeignKey("organization.id"), primary_key=True),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

organization_invites = Records(table, OrganizationInvite, tenant="id")

_BY_DIGEST = Statement(
    sa.select(*organization_invites.columns).where(
        table.c.digest == sa.bindparam("digest"), deletion.live(table.c.id)
    )
)


def find_by_digest(connection: sa.Connection, digest: bytes) -> OrganizationInvite | None:
    return organization_invites.only(_BY_DIGEST.all(connection, {"digest": digest}))
