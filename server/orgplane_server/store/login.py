"""Where people sign in, of whom nothing is known yet."""

from __future__ import annotations

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.sso_configuration import SsoConfiguration, SsoConfigurationState
from . import deletion
from .domain_verification import table as domain_verification
from .engine.statement import Statement
from .sso_configuration import sso_configurations
from .sso_configuration import table as sso

_active = (
    sa.select(*sso_configurations.columns)
    .where(
        sso.c.state == SsoConfigurationState.ACTIVE,
        deletion.live(sso.c.organization_id),
    )
    .order_by(sso.c.id)
)
_BY_DOMAIN = Statement(
    _active.join(
        domain_verification, domain_verification.c.organization_id == sso.c.organization_id
    ).where(
        domain_verification.c.domain == sa.bindparam("domain"),
        domain_verification.c.verified_by != None,  # noqa: E711
    )
)
_OF = Statement(_active.where(sso.c.organization_id == sa.bindparam("organization")))


def by_domain(connection: sa.Connection, domain: str) -> list[SsoConfiguration]:
    """The active ones with an e-mail domain that their organization has proven, oldest first."""
    rows = _BY_DOMAIN.all(connection, {"domain": domain})
    return [each for each in map(sso_configurations.of, rows) if domain in each.email_domains]


def of_organization(
    connection: sa.Connection, organization: OrganizationId
) -> list[SsoConfiguration]:
    """The active ones of an organization, oldest first."""
    rows = _OF.all(connection, {"organization": organization})
    return [sso_configurations.of(row) for row in rows]
