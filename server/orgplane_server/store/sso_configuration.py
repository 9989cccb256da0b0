from __future__ import annotations

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, SsoConfigurationId
from ..domain.sso_configuration import (
    DEFAULT_BINDING_CLAIM,
    SsoConfiguration,
    SsoConfigurationState,
)
from . import deletion
from .engine.records import Records
from .engine.schema import Instant, Json, Texts, choice, metadata
from .engine.statement import Statement

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
    sa.Index(None, "organization_id", "id"),
)

sso_configurations = Records(table, SsoConfiguration)

_OF = (
    sa.select(*sso_configurations.columns)
    .where(table.c.organization_id == sa.bindparam("organization"))
    .order_by(table.c.id)
)

_SIGNING_IN = Statement(
    sa.select(*sso_configurations.columns).where(
        table.c.id == sa.bindparam("this"), deletion.live(table.c.organization_id)
    )
)


def signing_in(connection: sa.Connection, id: SsoConfigurationId) -> SsoConfiguration | None:
    """Of whatever organization, for somebody of whom nothing is known yet."""
    return sso_configurations.only(_SIGNING_IN.all(connection, {"this": id}))


def of(connection: sa.Connection, organization: OrganizationId) -> list[SsoConfiguration]:
    """All of an organization, oldest first."""
    rows = connection.execute(_OF, {"organization": organization})
    return [sso_configurations.of(row) for row in rows]
