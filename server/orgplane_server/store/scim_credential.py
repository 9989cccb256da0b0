from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.schema import conv

from ..domain.identifier import ScimConfigurationId, ScimCredentialId
from ..domain.scim_configuration import ScimConfiguration
from ..domain.scim_credential import CredentialKind, ScimCredential
from . import deletion, organization
from .engine import turns
from .engine.purging import Purging
from .engine.records import Records
from .engine.schema import Instant, choice, metadata
from .engine.statement import Call, Statement, together
from .scim_configuration import TURNS, scim_configurations
from .scim_configuration import table as configuration_table

table = sa.Table(
    "scim_credential",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("scim_configuration_id", sa.Uuid, nullable=False),
    sa.Column("kind", choice(CredentialKind), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("last_used_at", Instant, nullable=True),
    sa.Column("secret_id", sa.Uuid, nullable=True),
    sa.Column("replaced", sa.Boolean(create_constraint=False), nullable=False),
    sa.ForeignKeyConstraint(
        ["organization_id"],
        ["organization.id"],
        name=conv("fk_scim_credential_organization_id_organization"),
    ),
    sa.ForeignKeyConstraint(
        ["scim_configuration_id"],
        ["scim_configuration.id"],
        name=conv("fk_scim_credential_scim_configuration_id_scim_configuration"),
    ),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "scim_configuration_id", "created_at"),
    sa.Index(None, "expires_at"),
)

scim_credentials = Records(table, ScimCredential, tenant="scim_configuration_id")

_columns = table.c
_mine = _columns.scim_configuration_id == sa.bindparam("configuration")
_is_access = _columns.kind == CredentialKind.ACCESS_TOKEN
_with_digest = _columns.digest == sa.bindparam("digest")
_SHARED_TURN = Statement(
    sa.select(TURNS.shared(sa.cast(_columns.scim_configuration_id, sa.Text))).where(_with_digest)
)
_WITH_DIGEST = Statement(
    sa.select(
        *scim_credentials.columns,
        *scim_configurations.columns,
        organization.suspended(configuration_table.c.organization_id).label("suspended"),
    )
    .join(configuration_table, configuration_table.c.id == _columns.scim_configuration_id)
    .where(_with_digest, deletion.live(configuration_table.c.organization_id))
    .set_label_style(sa.LABEL_STYLE_TABLENAME_PLUS_COL)
)
_BORDER = len(scim_credentials.columns)
_all = sa.select(*scim_credentials.columns).where(_mine).order_by(_columns.created_at, _columns.id)
_SHOWN, _ACCESS = Statement(_all.where(sa.not_(_is_access))), Statement(_all.where(_is_access))
_TOUCH = (
    sa.update(table)
    .where(_columns.id.in_(sa.bindparam("these", expanding=True)))
    .values(last_used_at=sa.bindparam("now"))
)
_END_ACCESS = Statement(sa.delete(table).where(_mine, _is_access))
_END_ACCESS_FOR = Statement(
    sa.delete(table).where(_mine, _is_access, _columns.secret_id == sa.bindparam("secret"))
)
_FORGET = Statement(sa.delete(table).where(_mine))
#: By when they ended.
purge = Purging(table, _columns.expires_at)


def with_digest(
    connection: sa.Connection, digest: bytes, *, held: bool
) -> tuple[ScimCredential, ScimConfiguration, bool] | None:
    """The credential with this SHA-256, whose it is, and whether their organization is suspended; if `held`, as that is until this
    transaction ends."""
    turn = held and turns.taken(connection)
    # A statement of its own: what is read has to be newer than the wait.
    wait = [(_SHARED_TURN, {"digest": digest})] if turn else []
    rows = together(connection, *wait, (_WITH_DIGEST, {"digest": digest}))
    if not rows:
        return None
    (row,) = rows
    configuration = scim_configurations.of(row[_BORDER:-1])
    return scim_credentials.of(row[:_BORDER]), configuration, bool(row[-1])


def shown(connection: sa.Connection, configuration: ScimConfigurationId) -> list[ScimCredential]:
    """All of a configuration but access tokens, oldest first; also such whose time is over."""
    rows = _SHOWN.all(connection, {"configuration": configuration})
    return [scim_credentials.of(row) for row in rows]


def access(connection: sa.Connection, configuration: ScimConfigurationId) -> list[ScimCredential]:
    """The access tokens of a configuration, oldest first; also such whose time is over."""
    rows = _ACCESS.all(connection, {"configuration": configuration})
    return [scim_credentials.of(row) for row in rows]


def touch(connection: sa.Connection, ids: Collection[ScimCredentialId], now: datetime) -> None:
    """Notes a use."""
    connection.execute(_TOUCH, {"these": sorted(ids), "now": now})


def ending_access(
    configuration: ScimConfigurationId, secret: ScimCredentialId | None = None
) -> Call:
    """What ends the access tokens of a configuration, or of one client secret of it."""
    if secret is None:
        return _END_ACCESS, {"configuration": configuration}
    return _END_ACCESS_FOR, {"configuration": configuration, "secret": secret}


def forget(connection: sa.Connection, configuration: ScimConfigurationId) -> None:
    """Ends all of a configuration."""
    _FORGET.run(connection, {"configuration": configuration})
