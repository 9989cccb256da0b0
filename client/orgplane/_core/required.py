"""What every answer has, and the one place that makes sure of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ..errors import InternalError

#: Fields that the contract says a message always has, by the message's name.
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "gitpod.v1.Account": ("created_at", "updated_at"),
    "gitpod.v1.CreateDomainVerificationResponse": ("domain_verification",),
    "gitpod.v1.CreateGroupResponse": ("group",),
    "gitpod.v1.CreateMembershipResponse": ("member",),
    "gitpod.v1.CreateOrganizationInviteResponse": ("invite",),
    "gitpod.v1.CreateOrganizationResponse": ("organization", "member"),
    "gitpod.v1.CreatePersonalAccessTokenResponse": ("token",),
    "gitpod.v1.CreateSCIMConfigurationResponse": ("scim_configuration", "token"),
    "gitpod.v1.CreateSSOConfigurationResponse": ("sso_configuration",),
    "gitpod.v1.CreateServiceAccountAccessTokenResponse": ("token",),
    "gitpod.v1.CreateServiceAccountResponse": ("service_account",),
    "gitpod.v1.CreateServiceAccountTokenResponse": ("token", "service_account_token"),
    "gitpod.v1.GetAccountResponse": ("account",),
    "gitpod.v1.GetAuditLogResponse": ("entry",),
    "gitpod.v1.GetAuthenticatedIdentityResponse": ("subject",),
    "gitpod.v1.GetAuthenticatedUserResponse": ("user",),
    "gitpod.v1.GetDomainVerificationResponse": ("domain_verification",),
    "gitpod.v1.GetGroupResponse": ("group",),
    "gitpod.v1.GetOrganizationInviteResponse": ("invite",),
    "gitpod.v1.GetOrganizationInviteSummaryResponse": ("organization_id",),
    "gitpod.v1.GetOrganizationPoliciesResponse": ("policies",),
    "gitpod.v1.GetOrganizationResponse": ("organization",),
    "gitpod.v1.GetPersonalAccessTokenResponse": ("pat",),
    "gitpod.v1.GetSCIMConfigurationResponse": ("scim_configuration",),
    "gitpod.v1.GetSSOConfigurationResponse": ("sso_configuration",),
    "gitpod.v1.GetServiceAccountResponse": ("service_account",),
    "gitpod.v1.GetServiceAccountTokenResponse": ("token",),
    "gitpod.v1.GetUserResponse": ("user",),
    "gitpod.v1.Group": ("created_at", "updated_at"),
    "gitpod.v1.GroupMembership": ("subject",),
    "gitpod.v1.JoinOrganizationResponse": ("member",),
    "gitpod.v1.ListAuditLogsResponse": ("pagination",),
    "gitpod.v1.ListAuditLogsResponse.AuditLogEntry": ("created_at",),
    "gitpod.v1.ListDomainVerificationsResponse": ("pagination",),
    "gitpod.v1.ListGroupsResponse": ("pagination",),
    "gitpod.v1.ListJoinableOrganizationsResponse": ("pagination",),
    "gitpod.v1.ListLoginProvidersResponse": ("pagination",),
    "gitpod.v1.ListMembersResponse": ("pagination",),
    "gitpod.v1.ListMembershipsResponse": ("pagination",),
    "gitpod.v1.ListPersonalAccessTokensResponse": ("pagination",),
    "gitpod.v1.ListSCIMConfigurationsResponse": ("pagination",),
    "gitpod.v1.ListSSOConfigurationsResponse": ("pagination",),
    "gitpod.v1.ListServiceAccountsResponse": ("pagination",),
    "gitpod.v1.ListServiceAccountTokensResponse": ("pagination",),
    "gitpod.v1.ListSSOLoginsResponse": ("pagination",),
    "gitpod.v1.Organization": ("created_at", "updated_at"),
    "gitpod.v1.OrganizationMember": ("member_since",),
    "gitpod.v1.RegenerateSCIMTokenResponse": ("token", "token_expires_at"),
    "gitpod.v1.SCIMConfiguration": ("token_expires_at", "created_at", "updated_at"),
    "gitpod.v1.UpdateGroupResponse": ("group",),
    "gitpod.v1.ServiceAccount": ("created_at", "valid_until"),
    "gitpod.v1.ServiceAccountToken": ("created_at", "expires_at"),
    "gitpod.v1.UpdateOrganizationResponse": ("organization",),
    "gitpod.v1.UpdateSCIMConfigurationResponse": ("scim_configuration",),
    "gitpod.v1.UpdateServiceAccountResponse": ("service_account",),
    "gitpod.v1.VerifyDomainResponse": ("domain_verification",),
    "orgplane.v1.AddressProof": ("expires_at",),
    "orgplane.v1.AssignRoleResponse": ("assigned_role",),
    "orgplane.v1.AssignedRole": ("created_at",),
    "orgplane.v1.CodeSent": ("expires_at",),
    "orgplane.v1.CreateEmailInviteResponse": ("email_invite",),
    "orgplane.v1.CreateFirstTokenResponse": ("member", "token", "token_expires_at"),
    "orgplane.v1.CreateOrganizationResponse": ("organization",),
    "orgplane.v1.CreateScimCredentialResponse": ("scim_credential", "token"),
    "orgplane.v1.Denial": ("since",),
    "orgplane.v1.Event": ("occurred_at", "actor"),
    "orgplane.v1.ExpiryWarning": ("expires_at",),
    "orgplane.v1.ExchangeCodeResponse": ("sign_in",),
    "orgplane.v1.GetDomainVerificationStatusResponse": ("status",),
    "orgplane.v1.GetEffectiveRolesResponse": ("effective_roles",),
    "orgplane.v1.GetEventResponse": ("event",),
    "orgplane.v1.GetMembershipResponse": ("membership",),
    "orgplane.v1.GetPersonalAccessTokenPolicyResponse": ("policy",),
    "orgplane.v1.GetProvisioningStatusResponse": ("status",),
    "orgplane.v1.GetScimBreakerResponse": ("scim_breaker",),
    "orgplane.v1.GetSessionResponse": ("session",),
    "orgplane.v1.GetSignInResponse": ("sign_in",),
    "orgplane.v1.GetSsoConfigurationStatusResponse": ("status",),
    "orgplane.v1.Joined": ("member",),
    "orgplane.v1.Link": ("active_said_at",),
    "orgplane.v1.ListAssignedRolesResponse": ("pagination",),
    "orgplane.v1.ListEmailInvitesResponse": ("pagination",),
    "orgplane.v1.ListMemberGroupsResponse": ("pagination",),
    "orgplane.v1.GetOrganizationResponse": ("organization",),
    "orgplane.v1.ListOrganizationsResponse": ("pagination",),
    "orgplane.v1.ListScimRequestsResponse": ("pagination",),
    "orgplane.v1.ListSignInAttemptsResponse": ("pagination",),
    "orgplane.v1.OperatedOrganization": ("created_at", "usage"),
    "orgplane.v1.OrganizationUsage": ("members",),
    "orgplane.v1.PendingDeprovisioning": ("since",),
    "orgplane.v1.ProvisioningStatus": ("token_expires_at",),
    "orgplane.v1.ResumeOrganizationResponse": ("organization",),
    "orgplane.v1.ScimCredential": ("created_at", "expires_at"),
    "orgplane.v1.ScimRequest": ("received_at", "duration"),
    "orgplane.v1.Session": ("created_at", "expires_at", "idle_expires_at"),
    "orgplane.v1.SignIn": ("signed_in_at", "expires_at", "idle_expires_at"),
    "orgplane.v1.SignInAttempt": ("attempted_at",),
    "orgplane.v1.SignOut": ("ended_at",),
    "orgplane.v1.SuspendOrganizationResponse": ("organization",),
    "orgplane.v1.UpdatePersonalAccessTokenPolicyResponse": ("policy",),
    "orgplane.v1.UpdateScimBreakerResponse": ("scim_breaker",),
    "orgplane.v1.UpdateServiceAccountValidityResponse": ("service_account",),
    "orgplane.v1.CreateWebhookEndpointResponse": ("webhook_endpoint", "secret"),
    "orgplane.v1.GetWebhookEndpointResponse": ("webhook_endpoint",),
    "orgplane.v1.ListWebhookDeliveriesResponse": ("pagination",),
    "orgplane.v1.ListWebhookEndpointsResponse": ("pagination",),
    "orgplane.v1.RedeliverWebhookResponse": ("webhook_delivery",),
    "orgplane.v1.RotateWebhookSecretResponse": ("webhook_endpoint", "secret"),
    "orgplane.v1.TestWebhookEndpointResponse": ("webhook_delivery",),
    "orgplane.v1.UpdateWebhookEndpointResponse": ("webhook_endpoint",),
    "orgplane.v1.WebhookDelivery": ("created_at", "duration"),
    "orgplane.v1.WebhookEndpoint": ("created_at", "updated_at"),
}


def require(answer: Any, request: Any) -> None:
    """Raises InternalError, naming the RPC and the field, for an answer to the request that lacks one.

    `answer` may also be a part of one.
    """
    for path in _lacking(answer):
        rpc = request.desc().name.removesuffix("Request")
        raise InternalError(f"the answer cannot be read: that of {rpc} lacks `{path}`")


def _lacking(message: Any) -> Iterator[str]:
    """Paths of what is not there."""
    kind: Any = type(message)
    required, parts = _fields(kind)
    for name in required:
        if getattr(message, name) in (None, ""):
            yield name
    for name in parts:
        part = getattr(message, name)
        if isinstance(part, list):
            for index, item in enumerate(part):
                yield from (f"{name}[{index}].{path}" for path in _lacking(item))
        elif part is not None:
            yield from (f"{name}.{path}" for path in _lacking(part))


@cache
def _fields(kind: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of a message's fields those required, and those in whose messages some are."""
    description = kind.desc()
    parts = (
        field.local_name
        for field in description.fields
        if (part := _part(field)) is not None and any(_fields(part.type))
    )
    return _REQUIRED.get(description.type_name, ()), tuple(parts)


def _part(field: Any) -> Any:
    """The description of the message that a field, or each element of it, is; of a `oneof` none is looked into."""
    if getattr(field.value, "oneof", None) is not None:
        return None
    message = getattr(field.value, "message", None) or getattr(field.value, "element", None)
    return message if hasattr(message, "fields") else None
