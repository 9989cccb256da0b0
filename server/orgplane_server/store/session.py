from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, SessionId, SsoConfigurationId, UserId
from ..domain.session import Session
from ..domain.user import User
from . import scim_deletion
from .engine.driver import Row
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Call, Statement
from .user import table as user_table
from .user import users

table = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("member.id"), nullable=False),
    sa.Column("configuration_id", sa.Uuid, sa.ForeignKey("sso_configuration.id"), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("last_used_at", Instant, nullable=True),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "user_id"),
    sa.Index(None, "configuration_id"),
    sa.Index(None, "expires_at"),
)

sessions = Records(table, Session)

_WITH_USER = (
    sa.select(*sessions.columns, *users.columns)
    .join(user_table, user_table.c.id == table.c.user_id)
    .where(scim_deletion.live(table.c.organization_id))
    .set_label_style(sa.LABEL_STYLE_TABLENAME_PLUS_COL)
)
_BY_DIGEST = Statement(_WITH_USER.where(table.c.digest == sa.bindparam("digest")))
_BY_ID = Statement(
    _WITH_USER.where(
        table.c.organization_id == sa.bindparam("organization"),
        table.c.id == sa.bindparam("this"),
    )
)
_END = Statement(sa.delete(table).where(table.c.user_id == sa.bindparam("user")))
_CLOSE = Statement(sa.delete(table).where(table.c.configuration_id == sa.bindparam("this")))
_PURGE = Statement(sa.delete(table).where(table.c.expires_at <= sa.bindparam("now", type_=Instant)))
_TOUCH = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("this"))
    .values(last_used_at=sa.bindparam("now"))
)


def find_by_digest(connection: sa.Connection, digest: bytes) -> tuple[Session, User] | None:
    """The session whose token's SHA-256 this is, and the user it acts for."""
    return _with_user(_BY_DIGEST.one_or_none(connection, {"digest": digest}))


def find_with_user(
    connection: sa.Connection, organization: OrganizationId, id: SessionId
) -> tuple[Session, User] | None:
    """A session and the user it acts for."""
    return _with_user(_BY_ID.one_or_none(connection, {"organization": organization, "this": id}))


def _with_user(row: Row | None) -> tuple[Session, User] | None:
    if row is None:
        return None
    border = len(sessions.columns)
    return Session(*row[:border]), User(*row[border:])


def ending(user: UserId) -> Call:
    """What ends all sessions of a user."""
    return _END, {"user": user}


def closing(configuration: SsoConfigurationId) -> Call:
    """What ends all sessions that came by an SSO configuration."""
    return _CLOSE, {"this": configuration}


def purging(now: datetime) -> Call:
    """What forgets those that are over."""
    return _PURGE, {"now": now}


def touch(connection: sa.Connection, id: SessionId, now: datetime) -> None:
    """Notes a use of the session."""
    connection.execute(_TOUCH, {"this": id, "now": now})
