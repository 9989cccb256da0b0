from __future__ import annotations

import sqlalchemy as sa

from ..domain.device import DeviceAuthorization
from ..domain.identifier import DeviceAuthorizationId
from .engine.purging import Purging
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Statement

# No foreign key to the session, which ends by itself.
table = sa.Table(
    "device_authorization",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("device_digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("code_digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("polled_at", Instant, nullable=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=True),
    sa.Column("session_id", sa.Uuid, nullable=True),
    sa.Column("denied", sa.Boolean(create_constraint=False), nullable=False),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "expires_at"),
)

device_authorizations = Records(table, DeviceAuthorization, tenant="id")

_all = sa.select(*device_authorizations.columns)
_BY_CODE = Statement(_all.where(table.c.code_digest == sa.bindparam("digest")))
_has_device = _all.where(table.c.device_digest == sa.bindparam("digest"))
_HAS_DEVICE = Statement(_has_device)
_LOCK = Statement(_has_device.with_for_update())
#: By when they ended.
purge = Purging(table, table.c.expires_at)


def by_code(connection: sa.Connection, digest: bytes) -> DeviceAuthorization | None:
    return device_authorizations.only(_BY_CODE.all(connection, {"digest": digest}))


def by_device(connection: sa.Connection, digest: bytes) -> DeviceAuthorization | None:
    return device_authorizations.only(_HAS_DEVICE.all(connection, {"digest": digest}))


def find(connection: sa.Connection, id: DeviceAuthorizationId) -> DeviceAuthorization | None:
    return device_authorizations.find(connection, id, id)


def lock(connection: sa.Connection, id: DeviceAuthorizationId) -> DeviceAuthorization | None:
    return device_authorizations.lock(connection, id, id)


def lock_by_device(connection: sa.Connection, digest: bytes) -> DeviceAuthorization | None:
    """The one with this device code, which nobody else changes before this transaction ends."""
    return device_authorizations.only(_LOCK.all(connection, {"digest": digest}))
