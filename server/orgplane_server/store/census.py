"""How many there are, over all organizations, of what an operator watches over."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..domain.census import SOON, Census
from ..domain.scim_credential import CredentialKind
from . import deletion
from .domain_verification import table as domain
from .engine.schema import Instant, Later, Span
from .personal_access_token import table as personal_access_token
from .scim_configuration import table as configuration
from .scim_credential import table as credential
from .service_account_token import table as service_account_token

_within = (sa.bindparam("since", type_=Instant), sa.bindparam("until", type_=Instant))


def _count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    live = deletion.live(table.c.organization_id)
    return sa.select(sa.func.count()).select_from(table).where(live, *conditions).scalar_subquery()


def _ending(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    ends = table.c.expires_at
    return _count(table, ends > _within[0], ends <= _within[1], *conditions)


_lasting = Later(
    personal_access_token.c.created_at, sa.bindparam("soon", SOON, type_=Span, unique=True)
)
_proven, _missing = domain.c.verified_by.is_not(None), domain.c.absent_since.is_not(None)
_live = deletion.live(configuration.c.id)
_COUNTS = sa.select(
    _count(configuration, configuration.c.enabled, _live),
    _count(configuration, ~configuration.c.enabled, _live),
    _ending(credential, credential.c.kind != CredentialKind.ACCESS_TOKEN),
    _ending(service_account_token, ~service_account_token.c.brief),
    _ending(personal_access_token, personal_access_token.c.expires_at > _lasting),
    _count(domain, _proven, ~_missing),
    _count(domain, _proven, _missing),
    _count(domain, ~_proven),
)


def taken(connection: sa.Connection, since: datetime, until: datetime) -> Census:
    """Of credentials, those that end after a moment and not after another."""
    return Census(*connection.execute(_COUNTS, {"since": since, "until": until}).one())
