from __future__ import annotations

from orgplane_api.gitpod.v1.organization_service_connect import (
    OrganizationService,
    OrganizationServiceASGIApplication,
)

from ..usecases.domain_verification import DomainVerifications
from ..usecases.joining import Joining
from ..usecases.member import Members
from ..usecases.organization import Organizations
from ..usecases.organization_invite import OrganizationInvites
from ..usecases.organization_policies import Policies
from ..usecases.scim_configuration import ScimConfigurations
from ..usecases.sso_configuration import SsoConfigurations
from .domain_verification import DomainVerificationRpcs
from .joining import JoiningRpcs
from .member import MemberRpcs
from .organization import OrganizationRpcs
from .organization_invite import TOKENLESS, OrganizationInviteRpcs
from .organization_policies import OrganizationPoliciesRpcs
from .scim_configuration import ScimConfigurationRpcs
from .service import Service
from .sso_configuration import SsoConfigurationRpcs


class OrganizationServiceRpcs(
    OrganizationRpcs,
    MemberRpcs,
    ScimConfigurationRpcs,
    SsoConfigurationRpcs,
    DomainVerificationRpcs,
    OrganizationPoliciesRpcs,
    OrganizationInviteRpcs,
    JoiningRpcs,
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
        policies: Policies,
        organization_invites: OrganizationInvites,
        joining: Joining,
    ) -> None:
        self._organizations = organizations
        self._members = members
        self._scim_configurations = scim_configurations
        self._sso_configurations = sso_configurations
        self._domain_verifications = domain_verifications
        self._policies = policies
        self._organization_invites = organization_invites
        self._joining = joining


SERVICE = Service(
    OrganizationService.desc(),
    OrganizationServiceASGIApplication,
    lambda use_cases: OrganizationServiceRpcs(
        use_cases.organizations,
        use_cases.members,
        use_cases.scim_configurations,
        use_cases.sso_configurations,
        use_cases.domain_verifications,
        use_cases.policies,
        use_cases.organization_invites,
        use_cases.joining,
    ),
    TOKENLESS,
)
