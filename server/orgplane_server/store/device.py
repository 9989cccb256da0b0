from __future__ import annotations

import sqlalchemy as sa

from ..domain.device import DeviceAuthorization
from ..domain.identifier import DeviceAuthorizationId
from .engine.purging import Purging
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Call, Statement

#: As one more begins, so that there are fewer in the end wherever there are too many.
_AT_A_TIME = 10

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
    sa.Index(None, "peer", "id"),
)

device_authorizations = Records(table, DeviceAuthorization, tenant="id")

_all = sa.select(*device_authorizations.columns)
_BY_CODE = Statement(_all.where(table.c.code_digest == sa.bindparam("digest")))
_has_device = _all.where(table.c.device_digest == sa.bindparam("digest"))
_HAS_DEVICE = Statement(_has_device)
_LOCK = Statement(_has_device.with_for_update())
_latest = sa.select(table.c.id).order_by(table.c.id.desc())
_earliest = _latest.limit(_AT_A_TIME).offset(sa.bindparam("most"))
_GIVE_WAY = Statement(sa.delete(table).where(table.c.id.in_(_earliest)))
_GIVE_WAY_AT = Statement(
    sa.delete(table).where(table.c.id.in_(_earliest.where(table.c.peer == sa.bindparam("peer"))))
)
#: By when they ended.
purge = Purging(table, table.c.expires_at)


def giving_way(most: int) -> Call:
    """What forgets the earliest, if there are more than so many: a few of them."""
    return _GIVE_WAY, {"most": most}


def giving_way_at(peer: str, most: int) -> Call:
    """The same of those that began at one address."""
    return _GIVE_WAY_AT, {"most": most, "peer": peer}


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
