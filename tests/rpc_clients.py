"""Generated clients of every service, in every protocol."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectrpc.codec import proto_json_codec
from connectrpc.errors import ConnectError
from connectrpc.protocol import ProtocolType
from orgplane_api.gitpod.v1.account_service_connect import AccountServiceClient
from orgplane_api.gitpod.v1.event_service_connect import EventServiceClient as AuditLogServiceClient
from orgplane_api.gitpod.v1.group_service_connect import GroupServiceClient
from orgplane_api.gitpod.v1.identity_service_connect import IdentityServiceClient
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClient
from orgplane_api.gitpod.v1.service_account_service_connect import ServiceAccountServiceClient
from orgplane_api.gitpod.v1.user_service_connect import UserServiceClient
from orgplane_api.google.rpc.error_details_pb import ErrorInfo
from orgplane_api.orgplane.v1.domain_verification_service_connect import (
    DomainVerificationServiceClient,
)
from orgplane_api.orgplane.v1.email_invite_service_connect import EmailInviteServiceClient
from orgplane_api.orgplane.v1.event_service_connect import EventServiceClient
from orgplane_api.orgplane.v1.membership_service_connect import MembershipServiceClient
from orgplane_api.orgplane.v1.personal_access_token_service_connect import (
    PersonalAccessTokenServiceClient,
)
from orgplane_api.orgplane.v1.role_service_connect import RoleServiceClient
from orgplane_api.orgplane.v1.scim_breaker_service_connect import ScimBreakerServiceClient
from orgplane_api.orgplane.v1.scim_credential_service_connect import ScimCredentialServiceClient
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningServiceClient,
)
from orgplane_api.orgplane.v1.service_account_service_connect import (
    ServiceAccountServiceClient as OwnServiceAccountServiceClient,
)
from orgplane_api.orgplane.v1.session_service_connect import SessionServiceClient
from orgplane_api.orgplane.v1.sign_in_attempt_service_connect import SignInAttemptServiceClient
from orgplane_api.orgplane.v1.sign_in_service_connect import SignInServiceClient
from orgplane_api.orgplane.v1.sso_configuration_service_connect import (
    SsoConfigurationServiceClient,
)
from orgplane_api.orgplane.v1.webhook_endpoint_service_connect import WebhookEndpointServiceClient

ORIGIN = "http://orgplane.test"

PROTOCOLS: dict[str, dict[str, Any]] = {
    "connect-json": {"protocol": ProtocolType.CONNECT, "codec": proto_json_codec()},
    "connect-proto": {"protocol": ProtocolType.CONNECT},
    "grpc": {"protocol": ProtocolType.GRPC},
    "grpc-web": {"protocol": ProtocolType.GRPC_WEB},
}


@dataclass(frozen=True)
class Clients:
    """Every service's client, bearing one token."""

    organization: OrganizationServiceClient
    identity: IdentityServiceClient
    user: UserServiceClient
    audit_log: AuditLogServiceClient
    event: EventServiceClient
    scim_provisioning: ScimProvisioningServiceClient
    scim_credential: ScimCredentialServiceClient
    scim_breaker: ScimBreakerServiceClient
    sso_configuration: SsoConfigurationServiceClient
    membership: MembershipServiceClient
    domain_verification: DomainVerificationServiceClient
    account: AccountServiceClient
    email_invite: EmailInviteServiceClient
    session: SessionServiceClient
    role: RoleServiceClient
    sign_in_attempt: SignInAttemptServiceClient
    personal_access_token: PersonalAccessTokenServiceClient
    sign_in: SignInServiceClient
    group: GroupServiceClient
    service_account: ServiceAccountServiceClient
    own_service_account: OwnServiceAccountServiceClient
    webhook_endpoint: WebhookEndpointServiceClient
    headers: dict[str, str]

    async def __call__(self, method: str, request: Any, **options: Any) -> Any:
        """Calls the RPC of this name, whichever service has it; of a stream, the first message."""
        answer = self.call(method, request, **options)
        if inspect.isawaitable(answer):
            return await answer
        async with contextlib.aclosing(answer):
            return await anext(answer)

    def call(self, method: str, request: Any, **options: Any) -> Any:
        """What the client of the RPC's service returns: an awaitable or a stream."""
        for client in (
            self.organization,
            self.identity,
            self.user,
            self.audit_log,
            self.event,
            self.scim_provisioning,
            self.scim_credential,
            self.scim_breaker,
            self.sso_configuration,
            self.membership,
            self.domain_verification,
            self.account,
            self.email_invite,
            self.session,
            self.role,
            self.sign_in_attempt,
            self.personal_access_token,
            self.sign_in,
            self.group,
            self.service_account,
            self.own_service_account,
            self.webhook_endpoint,
        ):
            if (function := getattr(client, method, None)) is not None:
                return function(request, headers=self.headers, **options)
        raise AssertionError(f"no client has {method}")


ClientsFor = Callable[[str], Clients]


def reason(error: ConnectError) -> str:
    """The stable reason that every error carries, exactly once."""
    infos = [detail for detail in error.details if detail.type_name == "google.rpc.ErrorInfo"]
    assert len(infos) == 1, error.details
    info = infos[0].value(ErrorInfo)
    assert info is not None
    assert info.domain == "orgplane"
    return info.reason
