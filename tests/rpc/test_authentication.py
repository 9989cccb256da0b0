"""No RPC without a caller, and none beyond what the caller may do: asked of every RPC there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from every_rpc import GUARDED, METHODS, OF_APPLICATIONS, TOKENLESS
from operating import Operator, OperatorFor
from orgplane_api.gitpod.v1 import (
    account_pb,
    group_pb,
    identity_pb,
    joining_pb,
    login_pb,
    member_pb,
    organization_invite_pb,
    organization_policies_pb,
    user_pb,
)
from orgplane_api.gitpod.v1 import domain_verification_pb as domain_pb
from orgplane_api.gitpod.v1 import event_pb as audit_pb
from orgplane_api.gitpod.v1 import organization_pb as org_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as pat_pb
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import service_account_pb as machine_pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_api.orgplane.v1 import (
    email_invite_pb,
    erasure_pb,
    event_pb,
    first_token_pb,
    membership_pb,
    role_pb,
    session_pb,
    sign_in_pb,
)
from orgplane_api.orgplane.v1 import joining_pb as own_joining_pb
from orgplane_api.orgplane.v1 import personal_access_token_pb as own_pat_pb
from orgplane_api.orgplane.v1 import personal_access_token_policy_pb as token_policy_pb
from orgplane_api.orgplane.v1 import scim_breaker_pb as breaker_pb
from orgplane_api.orgplane.v1 import scim_credential_pb as credential_pb
from orgplane_api.orgplane.v1 import scim_provisioning_pb as provisioning_pb
from orgplane_api.orgplane.v1 import sign_in_attempt_pb as attempt_pb
from orgplane_api.orgplane.v1 import sso_configuration_pb as own_sso_pb
from orgplane_api.orgplane.v1 import webhook_endpoint_pb as webhook_pb
from orgplane_api.orgplane.v1.domain_verification_pb import GetDomainVerificationStatusRequest
from orgplane_api.orgplane.v1.service_account_pb import UpdateServiceAccountValidityRequest
from orgplane_api.orgplane.v1.sso_configuration_pb import GetSsoConfigurationStatusRequest
from orgplane_server.app.build import Server
from orgplane_server.domain.token import Token, TokenKind
from orgplane_server.domain.user import Role
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.application import Applications
from orgplane_server.usecases.organization import Founded
from people import add_service_account, add_user
from protobuf import Oneof
from protobuf.wkt import Timestamp
from protobuf.wkt.google.protobuf.descriptor_pb import MethodOptions
from pyqwest import Client
from rpc_clients import ORIGIN, Clients, ClientsFor, reason

#: What a server says that does not know its own URL, so that nobody can sign in.
NOWHERE = (Code.FAILED_PRECONDITION, "SIGN_IN_NOT_CONFIGURED")
ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"


@dataclass(frozen=True)
class Rpc:
    """`administers`: whether a member is denied it; `personal`: a service account; `own`: whether it may though a member may not."""

    request: Any
    administers: bool = False
    personal: bool = False
    own: bool = False


RPCS: dict[str, Rpc] = {
    "create_organization": Rpc(org_pb.CreateOrganizationRequest(name="New"), personal=True),
    "create_first_token": Rpc(
        first_token_pb.CreateFirstTokenRequest(organization_id=ID), personal=True
    ),
    "get_organization": Rpc(org_pb.GetOrganizationRequest(organization_id=ID)),
    "update_organization": Rpc(org_pb.UpdateOrganizationRequest(organization_id=ID), True),
    "delete_organization": Rpc(org_pb.DeleteOrganizationRequest(organization_id=ID), True, True),
    "list_members": Rpc(member_pb.ListMembersRequest(organization_id=ID)),
    "set_role": Rpc(member_pb.SetRoleRequest(organization_id=ID, user_id=ID, role=2), True),
    "create_scim_configuration": Rpc(
        scim_pb.CreateSCIMConfigurationRequest(organization_id=ID, sso_configuration_id=ID), True
    ),
    "get_scim_configuration": Rpc(
        scim_pb.GetSCIMConfigurationRequest(scim_configuration_id=ID), True
    ),
    "list_scim_configurations": Rpc(scim_pb.ListSCIMConfigurationsRequest(), True),
    "update_scim_configuration": Rpc(
        scim_pb.UpdateSCIMConfigurationRequest(scim_configuration_id=ID), True
    ),
    "delete_scim_configuration": Rpc(
        scim_pb.DeleteSCIMConfigurationRequest(scim_configuration_id=ID), True
    ),
    "regenerate_scim_token": Rpc(
        scim_pb.RegenerateSCIMTokenRequest(scim_configuration_id=ID), True
    ),
    "get_scim_breaker": Rpc(breaker_pb.GetScimBreakerRequest(scim_configuration_id=ID), True),
    "update_scim_breaker": Rpc(breaker_pb.UpdateScimBreakerRequest(scim_configuration_id=ID), True),
    "resume_deprovisioning": Rpc(
        breaker_pb.ResumeDeprovisioningRequest(scim_configuration_id=ID), True
    ),
    "discard_deprovisioning": Rpc(
        breaker_pb.DiscardDeprovisioningRequest(scim_configuration_id=ID), True
    ),
    "list_scim_credentials": Rpc(
        credential_pb.ListScimCredentialsRequest(scim_configuration_id=ID), True
    ),
    "create_scim_credential": Rpc(
        credential_pb.CreateScimCredentialRequest(scim_configuration_id=ID, kind=1), True
    ),
    "end_scim_credential": Rpc(
        credential_pb.EndScimCredentialRequest(scim_configuration_id=ID, scim_credential_id=ID),
        True,
    ),
    "create_sso_configuration": Rpc(
        sso_pb.CreateSSOConfigurationRequest(
            organization_id=ID, client_id="c", client_secret="s", issuer_url="https://i.example"
        ),
        True,
    ),
    "get_sso_configuration": Rpc(sso_pb.GetSSOConfigurationRequest(sso_configuration_id=ID), True),
    "list_sso_configurations": Rpc(sso_pb.ListSSOConfigurationsRequest(organization_id=ID), True),
    "update_sso_configuration": Rpc(
        sso_pb.UpdateSSOConfigurationRequest(sso_configuration_id=ID), True
    ),
    "delete_sso_configuration": Rpc(
        sso_pb.DeleteSSOConfigurationRequest(sso_configuration_id=ID), True
    ),
    "get_authenticated_identity": Rpc(identity_pb.GetAuthenticatedIdentityRequest()),
    "get_authenticated_user": Rpc(user_pb.GetAuthenticatedUserRequest(), personal=True),
    "get_user": Rpc(user_pb.GetUserRequest(user_id=ID)),
    "create_group": Rpc(group_pb.CreateGroupRequest(organization_id=ID, name="New"), True),
    "get_group": Rpc(group_pb.GetGroupRequest(group_id=ID)),
    "list_groups": Rpc(group_pb.ListGroupsRequest()),
    "update_group": Rpc(group_pb.UpdateGroupRequest(group_id=ID, name="New"), True),
    "delete_group": Rpc(group_pb.DeleteGroupRequest(group_id=ID), True),
    "create_membership": Rpc(
        group_pb.CreateMembershipRequest(
            group_id=ID, subject=identity_pb.Subject(id=ID, principal=identity_pb.Principal.USER)
        ),
        True,
    ),
    "delete_membership": Rpc(group_pb.DeleteMembershipRequest(membership_id=ID), True),
    "create_role_assignment": Rpc(
        group_pb.CreateRoleAssignmentRequest(
            group_id=ID,
            resource_type=audit_pb.ResourceType.ORGANIZATION,
            resource_id=ID,
            resource_role=group_pb.ResourceRole.ORG_MEMBER,
        ),
        True,
    ),
    "list_role_assignments": Rpc(group_pb.ListRoleAssignmentsRequest()),
    "delete_role_assignment": Rpc(group_pb.DeleteRoleAssignmentRequest(assignment_id=ID), True),
    "list_member_groups": Rpc(membership_pb.ListMemberGroupsRequest(user_id=ID)),
    "list_memberships": Rpc(group_pb.ListMembershipsRequest(group_id=ID)),
    "set_suspended": Rpc(user_pb.SetSuspendedRequest(user_id=ID, suspended=True), True),
    "delete_user": Rpc(user_pb.DeleteUserRequest(user_id=ID), True),
    "leave_organization": Rpc(member_pb.LeaveOrganizationRequest(user_id=ID), True),
    "create_personal_access_token": Rpc(
        pat_pb.CreatePersonalAccessTokenRequest(user_id=ID), personal=True
    ),
    "get_personal_access_token": Rpc(
        pat_pb.GetPersonalAccessTokenRequest(personal_access_token_id=ID)
    ),
    "list_personal_access_tokens": Rpc(pat_pb.ListPersonalAccessTokensRequest(), personal=True),
    "delete_personal_access_token": Rpc(
        pat_pb.DeletePersonalAccessTokenRequest(personal_access_token_id=ID)
    ),
    "list_personal_access_token_statuses": Rpc(
        own_pat_pb.ListPersonalAccessTokenStatusesRequest(personal_access_token_ids=[ID])
    ),
    "get_personal_access_token_policy": Rpc(
        token_policy_pb.GetPersonalAccessTokenPolicyRequest(organization_id=ID)
    ),
    "update_personal_access_token_policy": Rpc(
        token_policy_pb.UpdatePersonalAccessTokenPolicyRequest(organization_id=ID), True
    ),
    "list_audit_logs": Rpc(audit_pb.ListAuditLogsRequest(), True),
    "get_audit_log": Rpc(audit_pb.GetAuditLogRequest(audit_log_entry_id=ID), True),
    "list_events": Rpc(event_pb.ListEventsRequest(), True),
    "get_event": Rpc(event_pb.GetEventRequest(event_id=ID), True),
    "list_scim_requests": Rpc(
        provisioning_pb.ListScimRequestsRequest(scim_configuration_id=ID), True
    ),
    "watch_scim_requests": Rpc(
        provisioning_pb.WatchScimRequestsRequest(scim_configuration_id=ID), True
    ),
    "list_sign_in_attempts": Rpc(
        attempt_pb.ListSignInAttemptsRequest(sso_configuration_id=ID), True
    ),
    "watch_sign_in_attempts": Rpc(
        attempt_pb.WatchSignInAttemptsRequest(sso_configuration_id=ID), True
    ),
    "create_domain_verification": Rpc(
        domain_pb.CreateDomainVerificationRequest(organization_id=ID, domain="acme.com"), True
    ),
    "get_domain_verification": Rpc(
        domain_pb.GetDomainVerificationRequest(domain_verification_id=ID), True
    ),
    "list_domain_verifications": Rpc(
        domain_pb.ListDomainVerificationsRequest(organization_id=ID), True
    ),
    "verify_domain": Rpc(domain_pb.VerifyDomainRequest(domain_verification_id=ID), True),
    "delete_domain_verification": Rpc(
        domain_pb.DeleteDomainVerificationRequest(domain_verification_id=ID), True
    ),
    "get_domain_verification_status": Rpc(
        GetDomainVerificationStatusRequest(domain_verification_id=ID), True
    ),
    "create_email_invite": Rpc(
        email_invite_pb.CreateEmailInviteRequest(organization_id=ID, email="e@acme.example"), True
    ),
    "list_email_invites": Rpc(email_invite_pb.ListEmailInvitesRequest(organization_id=ID), True),
    "revoke_email_invite": Rpc(email_invite_pb.RevokeEmailInviteRequest(email_invite_id=ID), True),
    "get_sso_configuration_status": Rpc(
        GetSsoConfigurationStatusRequest(sso_configuration_id=ID), True
    ),
    "test_sso_configuration": Rpc(
        own_sso_pb.TestSsoConfigurationRequest(sso_configuration_id=ID), True
    ),
    "update_sso_configuration_binding": Rpc(
        own_sso_pb.UpdateSsoConfigurationBindingRequest(sso_configuration_id=ID), True
    ),
    "get_provisioning_status": Rpc(
        provisioning_pb.GetProvisioningStatusRequest(scim_configuration_id=ID), True
    ),
    "get_membership": Rpc(membership_pb.GetMembershipRequest(user_id=ID), True),
    "erase_member": Rpc(erasure_pb.EraseMemberRequest(user_id=ID), True),
    "preview_scim_configuration_deletion": Rpc(
        membership_pb.PreviewScimConfigurationDeletionRequest(scim_configuration_id=ID), True
    ),
    "get_organization_policies": Rpc(
        organization_policies_pb.GetOrganizationPoliciesRequest(organization_id=ID)
    ),
    "update_organization_policies": Rpc(
        organization_policies_pb.UpdateOrganizationPoliciesRequest(organization_id=ID), True
    ),
    "create_organization_invite": Rpc(
        organization_invite_pb.CreateOrganizationInviteRequest(organization_id=ID), True
    ),
    "get_organization_invite": Rpc(
        organization_invite_pb.GetOrganizationInviteRequest(organization_id=ID), True
    ),
    "join_organization": Rpc(
        joining_pb.JoinOrganizationRequest(join_id=Oneof(field="invite_id", value=ID)),
        personal=True,
    ),
    "prove_address": Rpc(own_joining_pb.ProveAddressRequest(), personal=True),
    "get_session": Rpc(session_pb.GetSessionRequest(), personal=True),
    "end_session": Rpc(session_pb.EndSessionRequest(), personal=True),
    "get_account": Rpc(account_pb.GetAccountRequest(), personal=True),
    "list_joinable_organizations": Rpc(
        account_pb.ListJoinableOrganizationsRequest(), personal=True
    ),
    "create_service_account": Rpc(
        machine_pb.CreateServiceAccountRequest(name="n", valid_until=Timestamp(seconds=2**32)),
        True,
    ),
    "list_service_accounts": Rpc(machine_pb.ListServiceAccountsRequest(), True),
    "get_service_account": Rpc(machine_pb.GetServiceAccountRequest(service_account_id=ID), True),
    "update_service_account": Rpc(
        machine_pb.UpdateServiceAccountRequest(service_account_id=ID), True
    ),
    "update_service_account_validity": Rpc(
        UpdateServiceAccountValidityRequest(service_account_id=ID), True
    ),
    "delete_service_account": Rpc(
        machine_pb.DeleteServiceAccountRequest(service_account_id=ID), True
    ),
    "create_service_account_access_token": Rpc(
        machine_pb.CreateServiceAccountAccessTokenRequest(service_account_id=ID), True
    ),
    "create_service_account_token": Rpc(machine_pb.CreateServiceAccountTokenRequest()),
    "list_service_account_tokens": Rpc(
        machine_pb.ListServiceAccountTokensRequest(), True, own=True
    ),
    "get_service_account_token": Rpc(
        machine_pb.GetServiceAccountTokenRequest(service_account_token_id=ID), True, own=True
    ),
    "delete_service_account_token": Rpc(
        machine_pb.DeleteServiceAccountTokenRequest(service_account_token_id=ID), True, own=True
    ),
    "create_webhook_endpoint": Rpc(
        webhook_pb.CreateWebhookEndpointRequest(url="https://hooks.example"), True
    ),
    "get_webhook_endpoint": Rpc(webhook_pb.GetWebhookEndpointRequest(webhook_endpoint_id=ID), True),
    "list_webhook_endpoints": Rpc(webhook_pb.ListWebhookEndpointsRequest(), True),
    "update_webhook_endpoint": Rpc(
        webhook_pb.UpdateWebhookEndpointRequest(webhook_endpoint_id=ID), True
    ),
    "delete_webhook_endpoint": Rpc(
        webhook_pb.DeleteWebhookEndpointRequest(webhook_endpoint_id=ID), True
    ),
    "rotate_webhook_secret": Rpc(
        webhook_pb.RotateWebhookSecretRequest(webhook_endpoint_id=ID), True
    ),
    "list_webhook_deliveries": Rpc(
        webhook_pb.ListWebhookDeliveriesRequest(webhook_endpoint_id=ID), True
    ),
    "redeliver_webhook": Rpc(
        webhook_pb.RedeliverWebhookRequest(webhook_endpoint_id=ID, webhook_delivery_id=ID), True
    ),
    "test_webhook_endpoint": Rpc(
        webhook_pb.TestWebhookEndpointRequest(webhook_endpoint_id=ID), True
    ),
    "assign_role": Rpc(
        role_pb.AssignRoleRequest(
            principal=role_pb.RolePrincipal.USER, principal_id=ID, role=role_pb.Role.MEMBER
        ),
        True,
    ),
    "revoke_role": Rpc(role_pb.RevokeRoleRequest(assigned_role_id=ID), True),
    "list_assigned_roles": Rpc(role_pb.ListAssignedRolesRequest()),
    "get_effective_roles": Rpc(role_pb.GetEffectiveRolesRequest(user_id=ID)),
}

#: Streams are in test_event.
_METHODS = {method.name: method for method in GUARDED if method.name != "WatchEvents"}


def wire_name(rpc: str) -> str:
    """`update_scim_configuration` -> `UpdateSCIMConfiguration`."""
    flat = rpc.replace("_", "")
    (name,) = [name for name in _METHODS if name.lower() == flat]
    return name


def test_the_table_above_has_every_rpc() -> None:
    assert {wire_name(rpc) for rpc in RPCS} == set(_METHODS)


async def outcome(call: Any) -> tuple[Code, str] | None:
    try:
        await call
    except ConnectError as error:
        return error.code, reason(error)
    return None


@pytest.mark.parametrize("rpc", RPCS)
async def test_every_rpc_refuses_a_caller_without_a_token(
    clients_for: ClientsFor, rpc: str
) -> None:
    answer = await outcome(clients_for("")(rpc, RPCS[rpc].request))
    assert answer == (Code.UNAUTHENTICATED, "UNAUTHENTICATED")


async def test_the_rpcs_that_take_no_token_are_these_and_look_at_none(
    clients_for: ClientsFor, server: Server
) -> None:
    invite = organization_invite_pb.GetOrganizationInviteSummaryRequest(invite_id=ID)
    redeem = own_joining_pb.RedeemInviteRequest(invite_id=ID, name="E", email="e@acme.example")
    exchange = identity_pb.ExchangeTokenRequest(
        exchange_token=Token.mint(TokenKind.EXCHANGE, bytes(32)).reveal()
    )
    calls = {
        "get_organization_invite_summary": (invite, Code.NOT_FOUND, "INVITE_NOT_FOUND"),
        "redeem_invite": (redeem, Code.NOT_FOUND, "INVITE_NOT_FOUND"),
        "get_sso_login_url": (login_pb.GetSSOLoginURLRequest(email="e@acme.example"), *NOWHERE),
        "list_sso_logins": (login_pb.ListSSOLoginsRequest(email="e@acme.example"), *NOWHERE),
        "list_login_providers": (login_pb.ListLoginProvidersRequest(), *NOWHERE),
        "exchange_token": (exchange, Code.UNAUTHENTICATED, "TOKEN_UNKNOWN"),
    }
    assert [name.replace("_", "") for name in calls] == [name.lower() for name in TOKENLESS]
    for token in ("", "of nobody"):
        for rpc, (request, *refused) in calls.items():
            answer = await outcome(clients_for(token)(rpc, request))
            assert answer == tuple(refused), rpc
    free = [name for name in METHODS if server.front._rpc.is_free(f"/{name}")]
    assert [name for name in free if not name.startswith("grpc.")] == [
        "gitpod.v1.AccountService/GetSSOLoginURL",
        "gitpod.v1.AccountService/ListSSOLogins",
        "gitpod.v1.AccountService/ListLoginProviders",
        "gitpod.v1.IdentityService/ExchangeToken",
        "gitpod.v1.OrganizationService/GetOrganizationInviteSummary",
        "orgplane.v1.MembershipService/RedeemInvite",
    ]


@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_an_applications_secret_is_for_its_own_rpcs_and_they_take_nothing_else(
    clients_for: ClientsFor, admin: Clients, database: Database, clock: SettableClock
) -> None:
    applications = Applications(database, clock)
    made = await applications.create("Shop", ["https://shop.example/callback"], [])
    shop = clients_for(made.secret.reveal())
    others = {rpc: each.request for rpc, each in RPCS.items()}
    others["watch_events"] = event_pb.WatchEventsRequest()
    own = {
        "exchange_code": sign_in_pb.ExchangeCodeRequest(
            code="c", redirect_uri="https://shop.example/callback", code_verifier="v"
        ),
        "get_sign_in": sign_in_pb.GetSignInRequest(sign_in_id=ID),
        "watch_sign_outs": sign_in_pb.WatchSignOutsRequest(),
    }
    assert {name.replace("_", "") for name in own} == {
        each.name.lower() for each in OF_APPLICATIONS
    }
    for clients, refused in ((shop, others), (admin, own)):
        for rpc, request in refused.items():
            answer = await outcome(clients(rpc, request))
            assert answer == (Code.UNAUTHENTICATED, "TOKEN_MALFORMED"), rpc
    for rpc, request in own.items():
        answer = await outcome(shop(rpc, request))
        assert answer is None or answer[0] is not Code.UNAUTHENTICATED, rpc


@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_an_operator_token_is_for_its_own_rpcs_and_they_take_nothing_else(
    operator: Operator,
    operator_for: OperatorFor,
    clients_for: ClientsFor,
    acme: Founded,
    database: Database,
    clock: SettableClock,
) -> None:
    inside = clients_for(operator.token)
    for rpc, each in RPCS.items():
        assert await outcome(inside(rpc, each.request)) == (
            Code.PERMISSION_DENIED,
            "OPERATOR_OUTSIDE",
        ), rpc
    machine = await add_service_account(database, acme, clock.now)
    for token in (acme.token, machine.token):
        outside = operator_for(token.reveal())
        for method in ("list_organizations", "list_all_events", "suspend_organization"):
            fields = {} if method.startswith("list") else {"organization_id": str(uuid4())}
            assert await outcome(outside(method, **fields)) == (
                Code.PERMISSION_DENIED,
                "OPERATOR_NEEDED",
            )
    for nobodys in ("", "of nobody", f"{operator.token[:-1]}!"):
        answer = await outcome(operator_for(nobodys)("list_organizations"))
        assert answer is not None
        assert answer[0] is Code.UNAUTHENTICATED


@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_no_rpc_but_get_organization_does_anything_for_a_suspended_one(
    operator: Operator, admin: Clients, acme: Founded
) -> None:
    await operator.suspend(acme)
    done = {
        rpc
        for rpc, each in RPCS.items()
        if await outcome(admin(rpc, each.request))
        != (Code.FAILED_PRECONDITION, "ORGANIZATION_SUSPENDED")
    }
    assert done == {"get_organization"}


@pytest.mark.parametrize("rpc", RPCS)
async def test_every_rpc_knows_whether_a_member_may(member: Clients, rpc: str) -> None:
    answer = await outcome(member(rpc, RPCS[rpc].request))
    assert (answer == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")) is (
        RPCS[rpc].administers or rpc == "create_personal_access_token"
    )


@pytest.mark.parametrize("rpc", RPCS)
async def test_every_rpc_knows_whether_a_service_account_may(
    database: Database, acme: Founded, clock: SettableClock, clients_for: ClientsFor, rpc: str
) -> None:
    machine = await add_service_account(database, acme, clock.now)
    answer = await outcome(clients_for(machine.token.reveal())(rpc, RPCS[rpc].request))
    known = RPCS[rpc]
    denied = known.administers and not known.own
    reason_ = "USER_NEEDED" if known.personal else "PERMISSION_DENIED"
    assert (answer == (Code.PERMISSION_DENIED, reason_)) is (denied or known.personal)


@pytest.mark.parametrize("rpc", RPCS)
async def test_a_read_only_token_may_call_exactly_the_rpcs_without_side_effects(
    database: Database, clients_for: ClientsFor, acme: Founded, clock: SettableClock, rpc: str
) -> None:
    access = await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
    answer = await outcome(clients_for(access.token.reveal())(rpc, RPCS[rpc].request))
    no_side_effects = (
        _METHODS[wire_name(rpc)].idempotency == MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS
    )
    assert (answer == (Code.PERMISSION_DENIED, "TOKEN_READ_ONLY")) is not no_side_effects


@pytest.mark.parametrize(
    ("authorization", "why"),
    [
        ("Bearer nonsense", "TOKEN_MALFORMED"),
        ("Bearer orgplane_pat_" + "0" * 49, "TOKEN_MALFORMED"),
        ("Bearer", "TOKEN_MALFORMED"),
        ("Basic YTpi", "TOKEN_MALFORMED"),
        ("", "TOKEN_MALFORMED"),
        (f"Bearer {Token.mint(TokenKind.PERSONAL_ACCESS, bytes(32)).reveal()}", "TOKEN_UNKNOWN"),
        (f"Bearer {Token.mint(TokenKind.SCIM, bytes(32)).reveal()}", "TOKEN_MALFORMED"),
    ],
)
async def test_a_token_that_is_none_of_ours_is_unauthenticated(
    clients_for: ClientsFor, authorization: str, why: str
) -> None:
    clients = clients_for("")
    clients.headers["authorization"] = authorization
    answer = await outcome(
        clients("list_scim_configurations", scim_pb.ListSCIMConfigurationsRequest())
    )
    assert answer == (Code.UNAUTHENTICATED, why)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_case_insensitive(
    clients_for: ClientsFor, acme: Founded, scheme: str
) -> None:
    clients = clients_for("")
    clients.headers["authorization"] = f"{scheme} {acme.token.reveal()}"
    assert await outcome(clients(*_whoami())) is None


def _whoami() -> tuple[str, Any]:
    return "get_authenticated_identity", identity_pb.GetAuthenticatedIdentityRequest()


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, "Bearer"),
        ({"authorization": "Bearer wrong"}, 'Bearer error="invalid_token"'),
    ],
)
async def test_the_answer_challenges_and_comes_before_the_body_is_looked_at(
    http: Client, headers: dict[str, str], challenge: str
) -> None:
    response = await http.post(
        f"{ORIGIN}/gitpod.v1.OrganizationService/UpdateSCIMConfiguration",
        headers={"content-type": "application/json", **headers},
        content=b"this is not JSON",
    )
    assert response.status == 401
    assert response.headers["www-authenticate"] == challenge
    assert response.json()["code"] == "unauthenticated"
