"""An organization's policies: columns of its own row, so that whoever holds that holds them."""

from __future__ import annotations

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.organization_policies import OrganizationPolicies
from . import scim_deletion
from .engine.records import Records
from .engine.statement import Statement
from .organization import table

organization_policies = Records(table, OrganizationPolicies, tenant="id")

_HELD = Statement(
    sa.select(*organization_policies.columns)
    .where(table.c.id == sa.bindparam("organization"), scim_deletion.live(table.c.id))
    .with_for_update(read=True)
)


def held(connection: sa.Connection, organization: OrganizationId) -> OrganizationPolicies | None:
    """As they are, and nobody changes them before this transaction ends."""
    rows = _HELD.all(connection, {"organization": organization})
    return organization_policies.only(rows)
