"""What the client says of an answer that lacks what the contract promises."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import orgplane
import pytest
from either_client import settled
from fake_gateway import Gateway

ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"
AT = "2026-03-01T12:00:00Z"
CONFIGURATION = {"id": ID, "createdAt": AT, "updatedAt": AT, "tokenExpiresAt": AT}

#: What of an empty answer is missed first, by the method that asked; the others need nothing.
MISSED = {
    "accounts.list_joinable_organizations": "ListJoinableOrganizations lacks `pagination`",
    "accounts.list_login_providers": "ListLoginProviders lacks `pagination`",
    "accounts.list_sso_logins": "ListSSOLogins lacks `pagination`",
    "accounts.prove_address": "the answer cannot be read: it lacks `code_sent` or `proof`",
    "accounts.create_first_token": "CreateFirstToken lacks `member`",
    "accounts.retrieve": "GetAccount lacks `account`",
    "audit_logs.get": "GetAuditLog lacks `entry`",
    "audit_logs.list": "ListAuditLogs lacks `pagination`",
    "events.get": "GetEvent lacks `event`",
    "groups.create": "CreateGroup lacks `group`",
    "groups.list": "ListGroups lacks `pagination`",
    "groups.memberships.create": "CreateMembership lacks `member`",
    "groups.memberships.list": "ListMemberships lacks `pagination`",
    "groups.retrieve": "GetGroup lacks `group`",
    "groups.update": "UpdateGroup lacks `group`",
    "identity.get_authenticated_identity": "GetAuthenticatedIdentity lacks `subject`",
    "organizations.create": "CreateOrganization lacks `organization`",
    "organizations.domain_verifications.create": "CreateDomainVerification lacks `domain_verification`",
    "organizations.domain_verifications.list": "ListDomainVerifications lacks `pagination`",
    "organizations.domain_verifications.retrieve": "GetDomainVerification lacks `domain_verification`",
    "organizations.domain_verifications.retrieve_status": "GetDomainVerificationStatus lacks `status`",
    "organizations.domain_verifications.verify": "VerifyDomain lacks `domain_verification`",
    "organizations.roles.assign": "AssignRole lacks `assigned_role`",
    "organizations.roles.list": "ListAssignedRoles lacks `pagination`",
    "organizations.roles.retrieve_effective": "GetEffectiveRoles lacks `effective_roles`",
    "organizations.email_invites.create": "CreateEmailInvite lacks `email_invite`",
    "organizations.email_invites.list": "ListEmailInvites lacks `pagination`",
    "organizations.invites.create": "CreateOrganizationInvite lacks `invite`",
    "organizations.invites.get_summary": "GetOrganizationInviteSummary lacks `organization_id`",
    "organizations.invites.redeem": "the answer cannot be read: it lacks `code_sent` or `joined`",
    "organizations.invites.retrieve": "GetOrganizationInvite lacks `invite`",
    "organizations.join": "JoinOrganization lacks `member`",
    "organizations.members.count": "ListMembers lacks `pagination`",
    "organizations.members.get_membership": "GetMembership lacks `membership`",
    "organizations.members.list": "ListMembers lacks `pagination`",
    "organizations.members.list_groups": "ListMemberGroups lacks `pagination`",
    "organizations.policies.retrieve": "GetOrganizationPolicies lacks `policies`",
    "organizations.policies.retrieve_token_policy": "GetPersonalAccessTokenPolicy lacks `policy`",
    "organizations.policies.update_token_policy": "UpdatePersonalAccessTokenPolicy lacks `policy`",
    "organizations.retrieve": "GetOrganization lacks `organization`",
    "organizations.scim_configurations.breakers.retrieve": "GetScimBreaker lacks `scim_breaker`",
    "organizations.scim_configurations.breakers.update": "UpdateScimBreaker lacks `scim_breaker`",
    "organizations.scim_configurations.create": "CreateSCIMConfiguration lacks `scim_configuration`",
    "organizations.scim_configurations.credentials.create": "CreateScimCredential lacks `scim_credential`",
    "organizations.scim_configurations.list": "ListSCIMConfigurations lacks `pagination`",
    "organizations.scim_configurations.regenerate_token": "RegenerateSCIMToken lacks `token`",
    "organizations.scim_configurations.requests.list": "ListScimRequests lacks `pagination`",
    "organizations.scim_configurations.retrieve": "GetSCIMConfiguration lacks `scim_configuration`",
    "organizations.scim_configurations.retrieve_status": "GetProvisioningStatus lacks `status`",
    "organizations.scim_configurations.update": "UpdateSCIMConfiguration lacks `scim_configuration`",
    "organizations.sso_configurations.create": "CreateSSOConfiguration lacks `sso_configuration`",
    "organizations.sso_configurations.list": "ListSSOConfigurations lacks `pagination`",
    "organizations.sso_configurations.retrieve": "GetSSOConfiguration lacks `sso_configuration`",
    "organizations.sso_configurations.retrieve_status": "GetSsoConfigurationStatus lacks `status`",
    "organizations.sso_configurations.sign_ins.list": "ListSignInAttempts lacks `pagination`",
    "organizations.update": "UpdateOrganization lacks `organization`",
    "sessions.retrieve": "GetSession lacks `session`",
    "sign_ins.exchange_code": "ExchangeCode lacks `sign_in`",
    "sign_ins.retrieve": "GetSignIn lacks `sign_in`",
    "operator.organizations.create": "CreateOrganization lacks `organization`",
    "operator.organizations.list": "ListOrganizations lacks `pagination`",
    "operator.organizations.resume": "ResumeOrganization lacks `organization`",
    "operator.organizations.retrieve": "GetOrganization lacks `organization`",
    "operator.organizations.suspend": "SuspendOrganization lacks `organization`",
    "service_accounts.create": "CreateServiceAccount lacks `service_account`",
    "service_accounts.create_access_token": "CreateServiceAccountAccessToken lacks `token`",
    "service_accounts.list": "ListServiceAccounts lacks `pagination`",
    "service_accounts.retrieve": "GetServiceAccount lacks `service_account`",
    "service_accounts.update": "UpdateServiceAccount lacks `service_account`",
    "service_accounts.update_validity": "UpdateServiceAccountValidity lacks `service_account`",
    "service_accounts.tokens.create": "CreateServiceAccountToken lacks `token`",
    "service_accounts.tokens.list": "ListServiceAccountTokens lacks `pagination`",
    "service_accounts.tokens.retrieve": "GetServiceAccountToken lacks `token`",
    "webhook_endpoints.create": "CreateWebhookEndpoint lacks `webhook_endpoint`",
    "webhook_endpoints.list": "ListWebhookEndpoints lacks `pagination`",
    "webhook_endpoints.list_deliveries": "ListWebhookDeliveries lacks `pagination`",
    "webhook_endpoints.redeliver": "RedeliverWebhook lacks `webhook_delivery`",
    "webhook_endpoints.retrieve": "GetWebhookEndpoint lacks `webhook_endpoint`",
    "webhook_endpoints.rotate_secret": "RotateWebhookSecret lacks `webhook_endpoint`",
    "webhook_endpoints.test": "TestWebhookEndpoint lacks `webhook_delivery`",
    "webhook_endpoints.update": "UpdateWebhookEndpoint lacks `webhook_endpoint`",
    "users.get": "GetUser lacks `user`",
    "users.get_authenticated_user": "GetAuthenticatedUser lacks `user`",
    "users.pats.create": "CreatePersonalAccessToken lacks `token`",
    "users.pats.get": "GetPersonalAccessToken lacks `pat`",
    "users.pats.list": "ListPersonalAccessTokens lacks `pagination`",
}


def methods(thing: object, path: str = "") -> Iterator[str]:
    """Every method that calls and comes back."""
    for name, member in inspect.getmembers(thing):
        if name.startswith(("_", "watch", "consume")) or name == "close":
            continue
        if inspect.ismethod(member):
            yield f"{path}{name}"
        elif type(member).__module__.startswith("orgplane."):
            yield from methods(member, f"{path}{name}.")


async def call(client: Any, path: str) -> Any:
    """With an id, or a role, for whatever it cannot do without."""
    method = attrgetter(path)(client)
    needed = {
        name: {
            "role": "ORGANIZATION_ROLE_ADMIN",
            "suspended": True,
            "percent": 20,
            "valid_until": datetime.now(UTC),
        }.get(name, ID)
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    if path == "organizations.join":
        needed = {"invite_id": ID}  # one of two
    if path == "organizations.roles.assign":
        needed |= {"principal": "ROLE_PRINCIPAL_GROUP", "role": "ROLE_ADMIN"}
    if path == "groups.retrieve":
        needed = {"group_id": ID}
    answer = method(**needed)
    if hasattr(answer, "first_page"):
        answer = answer.first_page()
    return await settled(answer)


@pytest.mark.parametrize("kind", [orgplane.Client, orgplane.AsyncClient])
async def test_every_method_names_the_call_and_the_field(kind: Any) -> None:
    missed = {}
    with Gateway(200, b"{}", "application/json") as server:
        client = kind(url=server.url, token="x", codec="json")
        for path in methods(client):
            try:
                await call(client, path)
            except orgplane.InternalError as error:
                missed[path] = str(error).removeprefix("the answer cannot be read: that of ")
        await settled(client.close())
    assert missed == MISSED


@pytest.mark.parametrize(
    ("method", "answer", "complaint"),
    [
        (
            "organizations.scim_configurations.create",
            {"scimConfiguration": CONFIGURATION},
            "CreateSCIMConfiguration lacks `token`",
        ),
        (
            "organizations.scim_configurations.retrieve",
            {"scimConfiguration": CONFIGURATION | {"createdAt": None}},
            "GetSCIMConfiguration lacks `scim_configuration.created_at`",
        ),
        (
            "organizations.scim_configurations.list",
            {"pagination": {}, "scimConfigurations": [CONFIGURATION, {"id": ID}]},
            "ListSCIMConfigurations lacks `scim_configurations[1].token_expires_at`",
        ),
        ("organizations.members.count", {"pagination": {}}, "lacks `count`"),
    ],
)
def test_so_it_does_of_what_is_deeper(method: str, answer: Any, complaint: str) -> None:
    with (
        Gateway(200, json.dumps(answer).encode(), "application/json") as server,
        orgplane.Client(url=server.url, token="x", codec="json") as client,
        pytest.raises(orgplane.InternalError, match=re.escape(complaint)),
    ):
        call(client, method).send(None)
