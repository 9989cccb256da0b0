"""An organization's policies: columns of its own row, so that whoever holds that holds them."""

from __future__ import annotations

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.organization_policies import OrganizationPolicies
from . import deletion
from .engine.records import Records
from .organization import table

organization_policies = Records(
    table, OrganizationPolicies, tenant="id", there=deletion.live(table.c.id)
)


def held(connection: sa.Connection, organization: OrganizationId) -> OrganizationPolicies | None:
    """As they are, and nobody changes them before this transaction ends."""
    return organization_policies.hold(connection, organization, organization)
