from __future__ import annotations

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, SsoConfigurationId
from ..domain.sso_configuration import (
    DEFAULT_BINDING_CLAIM,
    ClientAuthentication,
    SsoConfiguration,
    SsoConfigurationState,
)
from . import deletion, organization
from .engine.records import Records
from .engine.schema import Instant, Json, Texts, choice, metadata
from .engine.statement import Call, Statement

table = sa.Table(
    "sso_configuration",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("client_secret", sa.LargeBinary, nullable=False),
    sa.Column("issuer_url", sa.Text, nullable=False),
    sa.Column("state", choice(SsoConfigurationState), nullable=False),
    sa.Column("claims", Json, nullable=False),
    sa.Column("email_domains", Texts, nullable=False),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("additional_scopes", Texts, nullable=False),
    sa.Column("claims_expression", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("binding_claim", sa.Text, nullable=False, server_default=DEFAULT_BINDING_CLAIM),
    sa.Column(
        "client_authentication",
        choice(ClientAuthentication),
        nullable=False,
        server_default=ClientAuthentication.CLIENT_SECRET.value,
    ),
    # Of the sessions that begin now: of an earlier one none works any more.
    sa.Column("series", sa.Integer, nullable=False, server_default="0"),
    sa.Index(None, "organization_id", "id"),
)

sso_configurations = Records(table, SsoConfiguration)

_OF = (
    sa.select(*sso_configurations.columns)
    .where(table.c.organization_id == sa.bindparam("organization"))
    .order_by(table.c.id)
)

_ACTIVE = Statement(
    sa.select(sa.func.count()).where(
        table.c.organization_id == sa.bindparam("organization"),
        table.c.state == SsoConfigurationState.ACTIVE,
    )
)
_this = table.c.id == sa.bindparam("this")
_SERIES = Statement(sa.select(table.c.series).where(_this))
_NEXT_SERIES = Statement(sa.update(table).where(_this).values(series=table.c.series + 1))
_SIGNING_IN = Statement(
    sa.select(*sso_configurations.columns).where(
        table.c.id == sa.bindparam("this"),
        deletion.live(table.c.organization_id),
        sa.not_(organization.suspended(table.c.organization_id)),
    )
)


def series(connection: sa.Connection, id: SsoConfigurationId) -> int:
    """Of the sessions that begin with it now, for whoever holds it."""
    ((found,),) = _SERIES.all(connection, {"this": id})
    return int(found)


def beginning_series(id: SsoConfigurationId) -> Call:
    """What ends all sessions that came by it, at once however many they are."""
    return _NEXT_SERIES, {"this": id}


def signing_in(connection: sa.Connection, id: SsoConfigurationId) -> SsoConfiguration | None:
    """Of whatever organization that is not suspended, for somebody of whom nothing is known yet."""
    return sso_configurations.only(_SIGNING_IN.all(connection, {"this": id}))


def active(connection: sa.Connection, organization: OrganizationId) -> int:
    """How many of an organization's are active."""
    ((count,),) = _ACTIVE.all(connection, {"organization": organization})
    return int(count)


def of(connection: sa.Connection, organization: OrganizationId) -> list[SsoConfiguration]:
    """All of an organization, oldest first."""
    rows = connection.execute(_OF, {"organization": organization})
    return [sso_configurations.of(row) for row in rows]
