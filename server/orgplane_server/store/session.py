from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..domain.identifier import (
    ApplicationId,
    ScimConfigurationId,
    SessionId,
    SsoConfigurationId,
    UserId,
)
from ..domain.session import Session
from . import deletion, scim_user
from .bearer import Bearers
from .engine.purging import Purging
from .engine.schema import Instant, Key, metadata
from .engine.statement import Call, Statement
from .sso_configuration import table as sso_configuration

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
    sa.Column("application_id", sa.Uuid, sa.ForeignKey("application.id"), nullable=True),
    sa.Column("exchange_digest", sa.LargeBinary(32), nullable=True),
    sa.Column("sid", Key, nullable=True),
    sa.Column("series", sa.Integer, nullable=False, server_default="0"),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "user_id"),
    sa.Index(None, "configuration_id", "sid"),
    sa.Index(None, "expires_at"),
    sa.Index(None, "application_id"),
    sa.Index(None, "exchange_digest", unique=True),
)

#: Whether no later series of its configuration has begun. What one has ended is purged like all others.
_goes_on = (
    table.c.series
    == sa.select(sso_configuration.c.series)
    .where(sso_configuration.c.id == table.c.configuration_id)
    .correlate(table)
    .scalar_subquery()
)
sessions = Bearers(table, Session, there=_goes_on)

#: Of whatever organization.
_going_on = sa.select(*sessions.columns).where(deletion.live(table.c.organization_id), _goes_on)
_BY_EXCHANGE = Statement(
    _going_on.where(table.c.exchange_digest == sa.bindparam("digest")).with_for_update(of=table)
)
_TO_APPLICATION = Statement(
    _going_on.where(
        table.c.id == sa.bindparam("this"),
        table.c.application_id == sa.bindparam("application"),
    )
)
_CLOSE = Statement(sa.delete(table).where(table.c.configuration_id == sa.bindparam("this")))
_PART = Statement(
    sa.delete(table).where(
        table.c.configuration_id == sa.bindparam("this"),
        sa.exists().where(
            scim_user.table.c.configuration_id == sa.bindparam("scim"),
            scim_user.table.c.id == table.c.user_id,
        ),
    )
)
_OF_APPLICATION = Statement(
    sa.delete(table).where(table.c.application_id == sa.bindparam("application"))
)
_MEMBERS = Statement(
    sa.select(table.c.user_id).where(
        table.c.configuration_id == sa.bindparam("this"),
        table.c.sid == sa.bindparam("sid"),
        _goes_on,
    )
)
_of_member = sa.delete(table).where(
    table.c.configuration_id == sa.bindparam("this"),
    table.c.user_id == sa.bindparam("member"),
    table.c.created_at <= sa.bindparam("until"),
    _goes_on,
)
#: Of which session one is of whom the provider has told none, nobody knows.
_or_none = sa.or_(table.c.sid == sa.bindparam("sid"), table.c.sid.is_(None))
#: By when they ended, used to the end.
purge = Purging(table, table.c.expires_at)


def lock_by_exchange(connection: sa.Connection, digest: bytes) -> Session | None:
    """The session whose token can be had for what has this digest; nobody else gets it before this transaction ends."""
    return sessions.only(_BY_EXCHANGE.all(connection, {"digest": digest}))


def closing(configuration: SsoConfigurationId) -> Call:
    """What deletes all sessions that came by an SSO configuration, which is to be deleted after them."""
    return _CLOSE, {"this": configuration}


def parting(configuration: SsoConfigurationId, scim: ScimConfigurationId) -> Call:
    """What ends those sessions that came by an SSO configuration whose members a SCIM configuration provisions."""
    return _PART, {"this": configuration, "scim": scim}


def ending_of_application(application: ApplicationId) -> Call:
    """What ends all that an application was told of."""
    return _OF_APPLICATION, {"application": application}


def to_application(
    connection: sa.Connection, application: ApplicationId, id: SessionId
) -> Session | None:
    """A sign-in to this application."""
    return sessions.only(_TO_APPLICATION.all(connection, {"application": application, "this": id}))


def members_of(
    connection: sa.Connection, configuration: SsoConfigurationId, sid: str
) -> set[UserId]:
    """Who has sessions that came of a session of a provider's."""
    rows = _MEMBERS.all(connection, {"this": configuration, "sid": sid})
    return {UserId(row[0]) for row in rows}


def log_out(
    connection: sa.Connection,
    configuration: SsoConfigurationId,
    member: UserId,
    sid: str | None,
    until: datetime,
) -> int:
    """Ends a member's sessions that began up to a moment and came of one of a provider's, or of any; how many."""
    these = _of_member if sid is None else _of_member.where(_or_none)
    given = {"this": configuration, "member": member, "until": until}
    more = {} if sid is None else {"sid": sid}
    return len(connection.execute(these.returning(table.c.id), {**given, **more}).all())
