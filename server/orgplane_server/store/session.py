from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import (
    ApplicationId,
    OrganizationId,
    ScimConfigurationId,
    SessionId,
    SsoConfigurationId,
    UserId,
)
from ..domain.session import Session
from ..domain.sign_out import SignOutReason
from . import deletion, scim_user, sign_out
from .bearer import Bearers
from .engine.purging import Purging
from .engine.schema import Instant, Key, metadata
from .engine.statement import Statement
from .engine.unit_of_work import UnitOfWork
from .sso_configuration import table as sso_configuration
from .user import users

# No foreign keys to the configuration and the application: what is left of one that is deleted goes a little later.
table = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("member.id"), nullable=False),
    sa.Column("configuration_id", sa.Uuid, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("last_used_at", Instant, nullable=True),
    sa.Column("application_id", sa.Uuid, nullable=True),
    sa.Column("exchange_digest", sa.LargeBinary(32), nullable=True),
    sa.Column("sid", Key, nullable=True),
    sa.Column("series", sa.Integer, nullable=False, server_default="0"),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "user_id"),
    sa.Index(None, "configuration_id", "sid"),
    sa.Index(None, "expires_at"),
    sa.Index(None, "exchange_digest", unique=True),
)

_series = (
    sa.select(sso_configuration.c.series)
    .where(sso_configuration.c.id == table.c.configuration_id)
    .correlate(table)
    .scalar_subquery()
)
#: Whether its configuration is there, and no later series of it has begun.
_goes_on = table.c.series == _series
sessions = Bearers(table, Session, table.c.user_id, users, there=_goes_on)

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
_MEMBERS = Statement(
    sa.select(table.c.user_id).where(
        table.c.configuration_id == sa.bindparam("this"),
        table.c.sid == sa.bindparam("sid"),
        _goes_on,
    )
)


class _Ending:
    """Ends the sessions that meet all conditions, and tells the applications that they are for."""

    def __init__(self, *conditions: sa.ColumnElement[bool]) -> None:
        told = sa.select(*_told).where(*conditions, table.c.application_id.is_not(None))
        self._tell = sign_out.telling(told.with_for_update(of=table))
        self._delete = sa.delete(table).where(*conditions)
        self._end = Statement(self._delete)

    def __call__(
        self, unit: UnitOfWork, now: datetime, reason: SignOutReason, **given: UUID
    ) -> None:
        told = {**given, "ended_at": now, "reason": reason}
        unit.write((self._tell, told), (self._end, given))
        unit.announce()

    def count(
        self, unit: UnitOfWork, now: datetime, reason: SignOutReason, given: Mapping[str, Any]
    ) -> int:
        """How many sessions it was."""
        unit.write((self._tell, {**given, "ended_at": now, "reason": reason}))
        unit.announce()
        return len(unit.connection.execute(self._delete.returning(table.c.id), given).all())


class _EndingSome:
    """`_Ending` of very many, a few at a time, none of whom works any more."""

    def __init__(self, *conditions: sa.ColumnElement[bool]) -> None:
        some = sa.select(table.c.id).where(*conditions).limit(sa.bindparam("most"))
        self._end = sa.delete(table).where(table.c.id.in_(some)).returning(*_told)

    def __call__(
        self, unit: UnitOfWork, now: datetime, reason: SignOutReason, most: int, **given: UUID
    ) -> bool:
        ended = unit.connection.execute(self._end, {**given, "most": most}).all()
        told = [tuple(row) for row in ended if row.application_id is not None]
        sign_out.tell(unit.connection, told, now, reason)
        if told:
            unit.announce()
        return len(ended) == most


_told = (table.c.application_id, table.c.id, table.c.organization_id, table.c.user_id)
_of_configuration = table.c.configuration_id == sa.bindparam("configuration", type_=sa.Uuid)
_of_member = table.c.user_id == sa.bindparam("member", type_=sa.Uuid)
_provisioned = sa.exists().where(
    scim_user.table.c.configuration_id == sa.bindparam("scim", type_=sa.Uuid),
    scim_user.table.c.id == table.c.user_id,
)
_logged_out = (
    *(_of_configuration, _of_member, _goes_on),
    table.c.created_at <= sa.bindparam("until", type_=Instant),
)
_END = _Ending(table.c.id == sa.bindparam("this", type_=sa.Uuid))
_END_OF_MEMBER = _Ending(_of_member)
_PART = _Ending(_of_configuration, _provisioned)
_LOG_OUT = _Ending(*_logged_out)
#: Of which session one is of whom the provider has told none, nobody knows.
_LOG_OUT_OF = _Ending(
    *_logged_out,
    sa.or_(table.c.sid == sa.bindparam("sid", type_=Key), table.c.sid.is_(None)),
)
_END_SOME = _EndingSome(_of_configuration, sa.or_(_series.is_(None), table.c.series < _series))
_END_SOME_OF_ORGANIZATION = _EndingSome(
    table.c.organization_id == sa.bindparam("organization", type_=sa.Uuid)
)
#: By when they ended, used to the end.
purge = Purging(table, table.c.expires_at)


def lock_by_exchange(connection: sa.Connection, digest: bytes) -> Session | None:
    """The session whose token can be had for what has this digest; nobody else gets it before this transaction ends."""
    return sessions.only(_BY_EXCHANGE.all(connection, {"digest": digest}))


def end(unit: UnitOfWork, id: SessionId, now: datetime, reason: SignOutReason) -> None:
    """Ends one, locked before."""
    _END(unit, now, reason, this=id)


def end_of_member(unit: UnitOfWork, member: UserId, now: datetime, reason: SignOutReason) -> None:
    """Ends all of a member."""
    _END_OF_MEMBER(unit, now, reason, member=member)


def part(
    unit: UnitOfWork, configuration: SsoConfigurationId, scim: ScimConfigurationId, now: datetime
) -> None:
    """Ends those that came by an SSO configuration whose members a SCIM configuration provisions."""
    given = {"configuration": configuration, "scim": scim}
    _PART(unit, now, SignOutReason.SCIM_CONFIGURATION, **given)


def end_some(unit: UnitOfWork, configuration: SsoConfigurationId, now: datetime, most: int) -> bool:
    """Takes away at most so many of those whom a later series of their configuration has ended, or its deletion; whether there may be more."""
    reason = SignOutReason.SSO_CONFIGURATION
    return _END_SOME(unit, now, reason, most, configuration=configuration)


def end_some_of_organization(
    unit: UnitOfWork, organization: OrganizationId, now: datetime, most: int
) -> bool:
    """`end_some` of those of an organization that is deleted."""
    reason = SignOutReason.ORGANIZATION
    return _END_SOME_OF_ORGANIZATION(unit, now, reason, most, organization=organization)


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
    unit: UnitOfWork,
    configuration: SsoConfigurationId,
    member: UserId,
    sid: str | None,
    until: datetime,
    now: datetime,
) -> int:
    """Ends a member's sessions that began up to a moment and came of one of a provider's, or of any; how many."""
    given = {"configuration": configuration, "member": member, "until": until}
    if sid is None:
        return _LOG_OUT.count(unit, now, SignOutReason.PROVIDER, given)
    return _LOG_OUT_OF.count(unit, now, SignOutReason.PROVIDER, {**given, "sid": sid})
