"""What the module of a service declares: how the service is called on the wire, and what it needs of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectrpc.server import ConnectASGIApplication
from protobuf import DescService

from ..usecases.account import Accounts
from ..usecases.application_sign_in import ApplicationSignIns
from ..usecases.audit_log import AuditLog
from ..usecases.domain_verification import DomainVerifications
from ..usecases.email_invite import EmailInvites
from ..usecases.erasure import Erasures
from ..usecases.event import Events
from ..usecases.first_token import FirstTokens
from ..usecases.group import Groups
from ..usecases.health import Health
from ..usecases.joining import Joining
from ..usecases.login import Logins
from ..usecases.member import Members
from ..usecases.membership import Memberships
from ..usecases.operated_event import OperatedEvents
from ..usecases.operated_organization import OperatedOrganizations
from ..usecases.organization import Organizations
from ..usecases.organization_invite import OrganizationInvites
from ..usecases.organization_policies import Policies
from ..usecases.personal_access_token import PersonalAccessTokens
from ..usecases.personal_access_token_policy import PersonalAccessTokenPolicies
from ..usecases.role import Roles
from ..usecases.scim_breaker import ScimBreakers
from ..usecases.scim_configuration import ScimConfigurations
from ..usecases.scim_credential import ScimCredentials
from ..usecases.scim_request import ScimRequests
from ..usecases.service_account import ServiceAccounts
from ..usecases.service_account_token import ServiceAccountTokens
from ..usecases.session import Sessions
from ..usecases.sign_in_attempt import SignInAttempts
from ..usecases.sign_out import SignOuts
from ..usecases.sso_configuration import SsoConfigurations
from ..usecases.user import Users
from ..usecases.webhook_endpoint import WebhookEndpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """Everything that RPCs are made of; each service takes its own."""

    accounts: Accounts
    application_sign_ins: ApplicationSignIns
    audit_log: AuditLog
    domain_verifications: DomainVerifications
    email_invites: EmailInvites
    erasures: Erasures
    events: Events
    first_tokens: FirstTokens
    groups: Groups
    health: Health
    joining: Joining
    logins: Logins
    members: Members
    memberships: Memberships
    operated_events: OperatedEvents
    operated_organizations: OperatedOrganizations
    organization_invites: OrganizationInvites
    organizations: Organizations
    personal_access_token_policies: PersonalAccessTokenPolicies
    personal_access_tokens: PersonalAccessTokens
    policies: Policies
    roles: Roles
    scim_breakers: ScimBreakers
    scim_configurations: ScimConfigurations
    scim_credentials: ScimCredentials
    scim_requests: ScimRequests
    service_account_tokens: ServiceAccountTokens
    service_accounts: ServiceAccounts
    sessions: Sessions
    sign_in_attempts: SignInAttempts
    sign_outs: SignOuts
    sso_configurations: SsoConfigurations
    users: Users
    webhook_endpoints: WebhookEndpoints


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """A service: what is generated of it, and how its RPCs are made of the use cases."""

    desc: DescService
    application: Callable[..., ConnectASGIApplication[S]]
    rpcs: Callable[[UseCases], S]
    #: The RPCs that take no token.
    tokenless: frozenset[str] = frozenset()
    #: Whether all of them are for applications: they take the secret of one, and nobody else's token.
    of_applications: bool = False
    #: Whether all of them are for whoever runs the server: they take an operator token, and nobody else's.
    of_operators: bool = False

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(f"/{self.desc.type_name}/{method.name}" for method in self.desc.methods)

    @property
    def tokenless_paths(self) -> frozenset[str]:
        return frozenset(f"/{self.desc.type_name}/{name}" for name in self.tokenless)
