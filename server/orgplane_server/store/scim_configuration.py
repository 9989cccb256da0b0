from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, ScimConfigurationId, SsoConfigurationId
from ..domain.scim_configuration import ScimConfiguration
from .engine import turns
from .engine.among import Among
from .engine.records import Records
from .engine.schema import Instant, Span, metadata
from .engine.statement import Statement, together

table = sa.Table(
    "scim_configuration",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column(
        "sso_configuration_id",
        sa.Uuid,
        sa.ForeignKey("sso_configuration.id"),
        nullable=True,
        index=True,
    ),
    sa.Column(
        "allow_unverified_email_account_linking",
        sa.Boolean(create_constraint=False),
        nullable=False,
    ),
    sa.Column("token_digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("token_lifetime", Span, nullable=False),
    sa.Column("token_expires_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index(None, "organization_id", "id"),
)

_this = table.c.id == sa.bindparam("this")
_of = table.c.organization_id == sa.bindparam("organization")
#: Whoever was let in by what a configuration was shares the turn of that; whoever changes it has it alone.
TURNS = turns.Turns("SCIM")
_one = sa.cast(table.c.id, sa.Text)
_OWN_TURN = Statement(sa.select(TURNS.own(_one)).where(_this))
_SHARED_TURN_OF = Statement(sa.select(TURNS.shared(_one)).where(_this))


class _ScimConfigurations(Records[ScimConfiguration]):
    def lock(self, connection: sa.Connection, tenant: UUID, id: UUID) -> ScimConfiguration | None:
        """Whoever was let in by what the configuration was is done, others wait for what it will be."""
        turn = [(_OWN_TURN, {"this": id})] if turns.taken(connection) else []
        lock = self.locking(tenant, id)
        return self.only(together(connection, *turn, lock))


scim_configurations = _ScimConfigurations(table, ScimConfiguration)

_LINKED = (
    sa.select(table.c.id)
    .where(table.c.sso_configuration_id == sa.bindparam("sso_configuration"))
    .order_by(table.c.id)
)
_AMONG = Among(
    sa.select(*scim_configurations.columns).where(_of).order_by(table.c.id),
    table.c.id,
)
_ids = sa.select(table.c.id).where(_of).order_by(table.c.id)
_ENABLED = Statement(sa.select(sa.func.count()).where(_of, table.c.enabled == sa.true()))
_FIRST = Statement(_ids.limit(1))
_OWN_TURNS = Statement(sa.select(TURNS.own(sa.cast(_ids.subquery().c.id, sa.Text))))


def linked_to(
    connection: sa.Connection, sso_configuration: SsoConfigurationId
) -> list[ScimConfigurationId]:
    """The configurations that link to this SSO configuration, oldest first."""
    rows = connection.execute(_LINKED, {"sso_configuration": sso_configuration})
    return [ScimConfigurationId(id) for id in rows.scalars()]


def hold(
    connection: sa.Connection, organization: OrganizationId, ids: Collection[ScimConfigurationId]
) -> list[ScimConfiguration]:
    """`among`, as they are until this transaction ends."""
    if turns.taken(connection):
        _SHARED_TURN_OF.run(connection, *({"this": id} for id in sorted(ids)))
    return among(connection, organization, ids)


def among(
    connection: sa.Connection, organization: OrganizationId, ids: Collection[ScimConfigurationId]
) -> list[ScimConfiguration]:
    """Those of these configurations that are the organization's, oldest first."""
    rows = _AMONG.all(connection, sorted(ids), {"organization": organization})
    return [scim_configurations.of(row) for row in rows]


def take_turns(connection: sa.Connection, organization: OrganizationId) -> None:
    """Whoever was let in by a token of the organization's configurations is done, others wait for this transaction."""
    if turns.taken(connection):
        _OWN_TURNS.all(connection, {"organization": organization})


def enabled(connection: sa.Connection, organization: OrganizationId) -> int:
    """How many of an organization's are enabled."""
    ((count,),) = _ENABLED.all(connection, {"organization": organization})
    return int(count)


def first(connection: sa.Connection, organization: OrganizationId) -> ScimConfigurationId | None:
    """The oldest configuration that an organization has, if any."""
    for (id,) in _FIRST.all(connection, {"organization": organization}):
        return ScimConfigurationId(id)
    return None
