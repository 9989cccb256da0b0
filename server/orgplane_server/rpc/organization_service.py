from __future__ import annotations

from orgplane_api.gitpod.v1.organization_service_connect import (
    OrganizationService,
    OrganizationServiceASGIApplication,
)

from ..usecases.domain_verification import DomainVerifications
from ..usecases.member import Members
from ..usecases.organization import Organizations
from ..usecases.scim_configuration import ScimConfigurations
from ..usecases.sso_configuration import SsoConfigurations
from .domain_verification import DomainVerificationRpcs
from .member import MemberRpcs
from .organization import OrganizationRpcs
from .scim_configuration import ScimConfigurationRpcs
from .service import Service
from .sso_configuration import SsoConfigurationRpcs


class OrganizationServiceRpcs(
    OrganizationRpcs,
    MemberRpcs,
    ScimConfigurationRpcs,
    SsoConfigurationRpcs,
    DomainVerificationRpcs,
    OrganizationService,
):
    """`gitpod.v1.OrganizationService`, assembled from its features."""

    def __init__(
        self,
        organizations: Organizations,
        members: Members,
        scim_configurations: ScimConfigurations,
        sso_configurations: SsoConfigurations,
        domain_verifications: DomainVerifications,
    ) -> None:
        self._organizations = organizations
        self._members = members
        self._scim_configurations = scim_configurations
        self._sso_configurations = sso_configurations
        self._domain_verifications = domain_verifications


SERVICE = Service(
    OrganizationService.desc(),
    OrganizationServiceASGIApplication,
    lambda use_cases: OrganizationServiceRpcs(
        use_cases.organizations,
        use_cases.members,
        use_cases.scim_configurations,
        use_cases.sso_configurations,
        use_cases.domain_verifications,
    ),
)
