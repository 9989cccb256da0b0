from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ..domain.administration import last
from ..domain.audit import Subject
from ..domain.expiry import Ending
from ..domain.identifier import OrganizationId, ScimConfigurationId
from ..domain.scim_credential import CredentialKind, ScimCredential
from . import administration, deletion
from .engine.purging import Purging
from .engine.schema import Instant, metadata
from .engine.unit_of_work import UnitOfWork
from .scim_credential import scim_credentials, shown
from .scim_credential import table as credential_table
from .user import users

# No foreign key: the subject is a SCIM configuration or an organization.
table = sa.Table(
    "expiry_warning",
    metadata,
    sa.Column("subject_id", sa.Uuid, primary_key=True),
    sa.Column("ends_at", Instant, primary_key=True),
    sa.Column("days", sa.Integer, primary_key=True, autoincrement=False),
    sa.Index(None, "ends_at"),
)

_columns = table.c
_within = (sa.bindparam("since", type_=Instant), sa.bindparam("until", type_=Instant))
_credential, _longer = credential_table.c, credential_table.alias().c
#: Those that none of their kind outlives.
_CREDENTIALS = (
    sa.select(*scim_credentials.columns)
    .where(
        _credential.kind != CredentialKind.ACCESS_TOKEN,
        _credential.expires_at > _within[0],
        _credential.expires_at <= _within[1],
        deletion.live(_credential.organization_id),
        ~sa.exists().where(
            _longer.scim_configuration_id == _credential.scim_configuration_id,
            _longer.kind == _credential.kind,
            _longer.expires_at > _credential.expires_at,
        ),
    )
    .order_by(_credential.id)
)
_WARNED = sa.select(_columns.subject_id, _columns.ends_at, sa.func.min(_columns.days)).group_by(
    _columns.subject_id, _columns.ends_at
)
# PostgreSQL's form of an INSERT that may find the row there; SQLite has the same words for it.
_WARN = postgresql.insert(table).on_conflict_do_nothing().returning(_columns.days)
#: Warnings, by when ends what they are of.
purge = Purging(table, _columns.ends_at)


def ending(connection: sa.Connection, since: datetime, until: datetime) -> list[Ending]:
    """What ends after a moment and not after another, in all organizations."""
    given = {"since": since, "until": until}
    credentials = [
        _of_credential(scim_credentials.of(row))
        for row in connection.execute(_CREDENTIALS, given).all()
    ]
    organizations = (
        of_organization(connection, organization)
        for organization in administration.ending(connection, since, until)
    )
    return [*credentials, *(each for each in organizations if each is not None)]


def of_configuration(
    connection: sa.Connection, configuration: ScimConfigurationId
) -> Ending | None:
    """The end of a configuration's tokens or of its client secrets, whichever is sooner; None if it has neither."""
    last: dict[CredentialKind, ScimCredential] = {}
    for each in sorted(shown(connection, configuration), key=lambda each: each.expires_at):
        last[each.kind] = each
    first = min(last.values(), key=lambda each: each.expires_at, default=None)
    return None if first is None else _of_credential(first)


def _of_credential(credential: ScimCredential) -> Ending:
    return Ending(
        credential.organization_id,
        Subject.SCIM_CONFIGURATION,
        credential.scim_configuration_id,
        credential.expires_at,
        kind=credential.kind,
    )


def of_organization(connection: sa.Connection, organization: OrganizationId) -> Ending | None:
    """The end of the last credential that can act for an organization; None if there never was one."""
    found = last(administration.administrators(connection, organization))
    if found is None:
        return None
    id, until = found
    holder = users.find(connection, organization, id)
    return Ending(organization, Subject.ORGANIZATION, organization, until, holder)


def warned(connection: sa.Connection) -> dict[tuple[UUID, datetime], int]:
    """The latest warning, in days before, of each subject's end."""
    return {(row[0], row[1]): row[2] for row in connection.execute(_WARNED)}


def warn(unit: UnitOfWork, ending: Ending, days: int) -> bool:
    """Notes a warning; False if it has been noted before, by whomever."""
    values: dict[str, Any] = {
        "subject_id": ending.subject_id,
        "ends_at": ending.ends_at,
        "days": days,
    }
    return unit.connection.execute(_WARN, values).first() is not None
