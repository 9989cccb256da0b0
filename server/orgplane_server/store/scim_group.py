from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, ScimConfigurationId, ScimGroupId
from ..domain.scim_group import ScimGroup, taken
from . import deletion, scim_membership, scim_naming
from .engine.among import Among
from .engine.records import Records
from .engine.schema import Instant, Key, metadata
from .engine.slices import Slices
from .engine.statement import Statement
from .engine.unit_of_work import UnitOfWork
from .scim_filter import Comparable, Elements

# No foreign key to the configuration, which is deleted before them.
table = sa.Table(
    "scim_group",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("configuration_id", sa.Uuid, nullable=False),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("display_name_key", Key, nullable=False),
    sa.Column("external_id", Key, nullable=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("roster_id", sa.Uuid, nullable=False, unique=True),
    sa.UniqueConstraint("configuration_id", "display_name_key"),
    sa.UniqueConstraint("configuration_id", "external_id"),
    sa.Index(None, "configuration_id", "id"),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "configuration_id", "created_at", "id"),
    sa.Index(None, "configuration_id", "updated_at", "id"),
)

scim_groups = Records(table, ScimGroup, tenant="configuration_id")

_columns = table.c
_configuration: sa.BindParameter[Any] = sa.bindparam("configuration")
_mine = _columns.configuration_id == _configuration
_UNIQUE = {"display_name_key": "displayName", "external_id": "externalId"}
_LOCK = Among(
    sa.select(_columns.id).where(_mine).order_by(_columns.id).with_for_update(), _columns.id
)
_TOUCH = Among(
    sa.update(table)
    .where(_mine)
    .values(version=_columns.version + 1, updated_at=sa.bindparam("now")),
    _columns.id,
)
_OF_ORGANIZATION = Statement(
    sa.select(*scim_groups.columns).where(
        _columns.id == sa.bindparam("this"),
        _columns.organization_id == sa.bindparam("organization"),
        deletion.live(_columns.configuration_id),
    )
)
#: Of a configuration that is deleted.
SLICES = Slices(table, _columns.configuration_id, _columns.id)


class _Groups:
    """Where groups keep the attributes that filters look into."""

    table = table
    records = scim_groups
    id = _columns.id
    counted = "groups"

    _OWN: Mapping[str, Comparable] = {
        "id": Comparable(_columns.id),
        "displayName": Comparable(_columns.display_name_key),
        "externalId": Comparable(_columns.external_id),
        "meta.created": Comparable(_columns.created_at),
        "meta.lastModified": Comparable(_columns.updated_at),
        "meta.version": Comparable(_columns.version),
    }

    def column(self, attribute: str) -> Comparable | None:
        return self._OWN.get(attribute)

    def elements(self, attribute: str) -> Elements:
        members, group = scim_membership.table, table.alias()
        tables = members.join(group, group.c.roster_id == members.c.roster_id)
        rows = members.c.configuration_id == _configuration
        return Elements(group.c.id, tables, rows, {"value": Comparable(members.c.user_id)})

    def part(self, attribute: str) -> tuple[Elements, Comparable]:
        name, _, part = attribute.rpartition(".")
        elements = self.elements(name)
        return elements, elements.parts[part]

    def sort_value(self, attribute: str) -> sa.ColumnElement[Any]:
        return self._OWN[attribute].column


GROUPS = _Groups()


def lock(
    connection: sa.Connection, configuration: ScimConfigurationId, ids: Collection[ScimGroupId]
) -> None:
    """Nobody else changes these groups, or who is in them, before this transaction ends."""
    _LOCK.all(connection, sorted(ids), {"configuration": configuration})


def of_organization(
    connection: sa.Connection, organization: OrganizationId, id: ScimGroupId
) -> ScimGroup | None:
    """The group of whichever configuration."""
    given = {"organization": organization, "this": id}
    return scim_groups.only(_OF_ORGANIZATION.all(connection, given))


def touch(
    unit: UnitOfWork,
    configuration: ScimConfigurationId,
    ids: Collection[ScimGroupId],
    now: object,
) -> None:
    """These groups, locked before, come to their next version."""
    unit.run(*_TOUCH.calls(ids, {"configuration": configuration, "now": now}))


def insert(unit: UnitOfWork, group: ScimGroup) -> None:
    """Raises AlreadyExists if another group of the configuration has the displayName or the externalId."""
    scim_naming.write(unit, scim_groups.inserting(group), unique=_UNIQUE, taken=taken)


def update(unit: UnitOfWork, before: ScimGroup, after: ScimGroup) -> None:
    """Writes a group that this transaction has locked, and that differs. Raises as `insert`."""
    call = scim_groups.updating(after.configuration_id, before, after)
    scim_naming.write(unit, call, unique=_UNIQUE, taken=taken)


def delete(connection: sa.Connection, group: ScimGroup) -> None:
    """Deletes a group that this transaction has locked; who was in it is left behind."""
    scim_groups.delete(connection, group.configuration_id, group.id)
