from __future__ import annotations

import sqlalchemy as sa

from ..domain.identifier import ApplicationId, ScimConfigurationId, SsoConfigurationId
from ..domain.session import Session
from . import deletion, scim_user
from .bearer import Bearers
from .engine.purging import Purging
from .engine.schema import Instant, metadata
from .engine.statement import Call, Statement

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
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "user_id"),
    sa.Index(None, "configuration_id"),
    sa.Index(None, "expires_at"),
    sa.Index(None, "application_id"),
    sa.Index(None, "exchange_digest", unique=True),
)

sessions = Bearers(table, Session)

_BY_EXCHANGE = Statement(
    sa.select(*sessions.columns)
    .where(
        table.c.exchange_digest == sa.bindparam("digest"),
        deletion.live(table.c.organization_id),
    )
    .with_for_update(of=table)
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
#: By when they ended, used to the end.
purge = Purging(table, table.c.expires_at)


def lock_by_exchange(connection: sa.Connection, digest: bytes) -> Session | None:
    """The session whose token can be had for what has this digest; nobody else gets it before this transaction ends."""
    return sessions.only(_BY_EXCHANGE.all(connection, {"digest": digest}))


def closing(configuration: SsoConfigurationId) -> Call:
    """What ends all sessions that came by an SSO configuration."""
    return _CLOSE, {"this": configuration}


def parting(configuration: SsoConfigurationId, scim: ScimConfigurationId) -> Call:
    """What ends those sessions that came by an SSO configuration whose members a SCIM configuration provisions."""
    return _PART, {"this": configuration, "scim": scim}


def ending_of_application(application: ApplicationId) -> Call:
    """What ends all that an application was told of."""
    return _OF_APPLICATION, {"application": application}
