"""No request reads a whole table: every statement that an RPC runs finds its rows through an index."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from mailbox import Mailbox
from typing import Any, Literal

import pytest
from clock import SettableClock
from connectrpc.errors import ConnectError
from every_rpc import OF_APPLICATIONS, OF_OPERATORS, OWN
from name_server import NameServer, challenge
from operating import Operator
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
from orgplane_api.gitpod.v1.count_pb import CountRequest
from orgplane_api.gitpod.v1.login_provider_pb import LoginProviderKind
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest, SortOrder
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
from orgplane_server.dns.records import TextRecords
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.token import TokenKind
from orgplane_server.store import (
    administration,
    domain_verification,
    outbox,
    scim_request,
    session,
    sign_in_attempt,
    sign_out,
)
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.usecases.minting import new_id, new_token
from orgplane_server.usecases.organization import Founded
from people import Access
from protobuf import Oneof
from protobuf.wkt import Duration, Timestamp
from query_plans import plan, statements, wasteful, whole_tables
from relying_party import APP, VERIFIER, World, world
from rpc_clients import ORIGIN, PROTOCOLS, Clients, ClientsFor

__all__ = ["world"]


@pytest.fixture
def public_url() -> str:
    return ORIGIN


@pytest.fixture(params=["connect-json"])
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The statements are the same whatever the protocol."""
    name: str = request.param
    return PROTOCOLS[name]


MemberFilter = member_pb.ListMembersRequest.Filter
#: Every way of narrowing a list of members.
MEMBER_FILTERS = (
    None,
    MemberFilter(search="a"),
    MemberFilter(email="ada@acme.example"),
    MemberFilter(statuses=[user_pb.UserStatus.LEFT]),
    MemberFilter(roles=[member_pb.OrganizationRole.ADMIN]),
    MemberFilter(user_ids=["01a20abd-f271-72d4-9a6b-055019bca2f2"]),
    MemberFilter(login_provider=LoginProviderKind.SSO),
    MemberFilter(exclude_group_ids=["01a20abd-f271-72d4-9a6b-055019bca2f2"]),
)
GroupFilter = group_pb.ListGroupsRequest.Filter
#: Every way of narrowing a list of groups.
GROUP_FILTERS = (
    None,
    GroupFilter(search="a"),
    GroupFilter(group_ids=["01a20abd-f271-72d4-9a6b-055019bca2f2"]),
    GroupFilter(system_managed=True),
    GroupFilter(
        exclude_assigned_to_resource=GroupFilter.ExcludeAssignedToResource(
            resource_type=audit_pb.ResourceType.ORGANIZATION,
            resource_id="01a20abd-f271-72d4-9a6b-055019bca2f2",
        )
    ),
)
MemberSort = member_pb.ListMembersRequest.Sort
MemberSortField = member_pb.ListMembersRequest.SortField
#: Every order of a list of members, and the index that has it.
BY_NAME, BY_DATE = (
    f"ix_member_organization_id_{column}_id" for column in ("name_key", "created_at")
)
MEMBER_ORDERS = [
    (None, BY_NAME),
    (MemberSort(field=MemberSortField.NAME, order=SortOrder.ASC), BY_NAME),
    (MemberSort(field=MemberSortField.NAME, order=SortOrder.DESC), BY_NAME),
    (MemberSort(field=MemberSortField.DATE_JOINED, order=SortOrder.ASC), BY_DATE),
    (MemberSort(field=MemberSortField.DATE_JOINED, order=SortOrder.DESC), BY_DATE),
]


@pytest.fixture
def text_records(name_server: NameServer) -> TextRecords:
    return TextRecords([name_server.resolver])


async def everything(
    call: Clients,
    clients_for: ClientsFor,
    stranger: Clients,
    signed_in: Clients,
    owner: Founded,
    member: Access,
    dns: NameServer,
    mailbox: Mailbox,
    called: set[str],
) -> None:
    """Calls every RPC, with effect, and notes which."""

    async def rpc(method: str, request: Any) -> Any:
        called.add(method.replace("_", ""))
        return await call(method, request)

    for method, request in (
        ("get_session", session_pb.GetSessionRequest()),
        ("end_session", session_pb.EndSessionRequest()),
    ):
        called.add(method.replace("_", ""))
        await signed_in(method, request)
    org, me = str(owner.organization.id), str(owner.administrator.id)
    page = PaginationRequest(page_size=1)
    await rpc("get_authenticated_identity", identity_pb.GetAuthenticatedIdentityRequest())
    await rpc("get_authenticated_user", user_pb.GetAuthenticatedUserRequest())
    await rpc("get_organization", org_pb.GetOrganizationRequest(organization_id=org))
    await rpc(
        "update_organization", org_pb.UpdateOrganizationRequest(organization_id=org, name="New")
    )
    await rpc("get_user", user_pb.GetUserRequest(user_id=str(member.user.id)))
    for narrowed in MEMBER_FILTERS:
        request = member_pb.ListMembersRequest(
            organization_id=org,
            filter=narrowed,
            count=CountRequest(include=True),
            pagination=page,
        )
        await rpc("list_members", request)
    role = member_pb.SetRoleRequest(organization_id=org, user_id=str(member.user.id))
    for role.role in (member_pb.OrganizationRole.ADMIN, member_pb.OrganizationRole.MEMBER):
        await rpc("set_role", role)
    for suspended in (True, False):
        await rpc(
            "set_suspended",
            user_pb.SetSuspendedRequest(user_id=str(member.user.id), suspended=suspended),
        )
    sso = (
        await rpc(
            "create_sso_configuration",
            sso_pb.CreateSSOConfigurationRequest(
                organization_id=org,
                client_id="c",
                client_secret="s",
                issuer_url="https://i.example",
            ),
        )
    ).sso_configuration.id
    await rpc("get_sso_configuration", sso_pb.GetSSOConfigurationRequest(sso_configuration_id=sso))
    await rpc(
        "get_sso_configuration_status", GetSsoConfigurationStatusRequest(sso_configuration_id=sso)
    )
    await rpc(
        "test_sso_configuration", own_sso_pb.TestSsoConfigurationRequest(sso_configuration_id=sso)
    )
    await rpc(
        "update_sso_configuration_binding",
        own_sso_pb.UpdateSsoConfigurationBindingRequest(
            sso_configuration_id=sso, binding_claim="oid"
        ),
    )
    await rpc(
        "update_sso_configuration",
        sso_pb.UpdateSSOConfigurationRequest(sso_configuration_id=sso, display_name="Okta"),
    )
    await rpc(
        "list_sso_configurations",
        sso_pb.ListSSOConfigurationsRequest(organization_id=org, pagination=page),
    )
    for _ in range(2):
        scim = (
            await rpc(
                "create_scim_configuration",
                scim_pb.CreateSCIMConfigurationRequest(
                    organization_id=org, sso_configuration_id=sso
                ),
            )
        ).scim_configuration.id
    await rpc(
        "get_scim_configuration", scim_pb.GetSCIMConfigurationRequest(scim_configuration_id=scim)
    )
    await rpc("list_scim_configurations", scim_pb.ListSCIMConfigurationsRequest(pagination=page))
    await rpc(
        "update_scim_configuration",
        scim_pb.UpdateSCIMConfigurationRequest(scim_configuration_id=scim, enabled=False),
    )
    await rpc(
        "update_scim_configuration",
        scim_pb.UpdateSCIMConfigurationRequest(scim_configuration_id=scim, sso_configuration_id=""),
    )
    await rpc(
        "update_scim_configuration",
        scim_pb.UpdateSCIMConfigurationRequest(
            scim_configuration_id=scim, sso_configuration_id=sso
        ),
    )
    await rpc(
        "regenerate_scim_token", scim_pb.RegenerateSCIMTokenRequest(scim_configuration_id=scim)
    )
    await rpc(
        "update_scim_breaker", breaker_pb.UpdateScimBreakerRequest(scim_configuration_id=scim)
    )
    await rpc("get_scim_breaker", breaker_pb.GetScimBreakerRequest(scim_configuration_id=scim))
    for method, request in (
        ("resume_deprovisioning", breaker_pb.ResumeDeprovisioningRequest),
        ("discard_deprovisioning", breaker_pb.DiscardDeprovisioningRequest),
    ):
        with contextlib.suppress(ConnectError):  # nothing is paused: tests/scim/test_query_plans.py
            await rpc(method, request(scim_configuration_id=scim))
    for kind in (
        credential_pb.ScimCredentialKind.TOKEN,
        credential_pb.ScimCredentialKind.CLIENT_SECRET,
    ):
        made = await rpc(
            "create_scim_credential",
            credential_pb.CreateScimCredentialRequest(scim_configuration_id=scim, kind=kind),
        )
        await rpc(
            "list_scim_credentials",
            credential_pb.ListScimCredentialsRequest(scim_configuration_id=scim),
        )
        await rpc(
            "end_scim_credential",
            credential_pb.EndScimCredentialRequest(
                scim_configuration_id=scim, scim_credential_id=made.scim_credential.id
            ),
        )
    hook = (
        await rpc(
            "create_webhook_endpoint",
            webhook_pb.CreateWebhookEndpointRequest(url="http://127.0.0.1:9/"),
        )
    ).webhook_endpoint.id
    await rpc(
        "get_webhook_endpoint", webhook_pb.GetWebhookEndpointRequest(webhook_endpoint_id=hook)
    )
    await rpc("list_webhook_endpoints", webhook_pb.ListWebhookEndpointsRequest(pagination=page))
    for enabled in (False, True):
        await rpc(
            "update_webhook_endpoint",
            webhook_pb.UpdateWebhookEndpointRequest(webhook_endpoint_id=hook, enabled=enabled),
        )
    await rpc(
        "rotate_webhook_secret", webhook_pb.RotateWebhookSecretRequest(webhook_endpoint_id=hook)
    )
    tested = (
        await rpc(
            "test_webhook_endpoint", webhook_pb.TestWebhookEndpointRequest(webhook_endpoint_id=hook)
        )
    ).webhook_delivery.id
    await rpc(
        "redeliver_webhook",
        webhook_pb.RedeliverWebhookRequest(webhook_endpoint_id=hook, webhook_delivery_id=tested),
    )
    for state in (None, webhook_pb.WebhookDeliveryState.FAILED):
        await rpc(
            "list_webhook_deliveries",
            webhook_pb.ListWebhookDeliveriesRequest(webhook_endpoint_id=hook, state=state),
        )
    await rpc(
        "delete_webhook_endpoint", webhook_pb.DeleteWebhookEndpointRequest(webhook_endpoint_id=hook)
    )
    for oldest_first in (True, False):
        await rpc(
            "list_scim_requests",
            provisioning_pb.ListScimRequestsRequest(
                scim_configuration_id=scim,
                filter=provisioning_pb.ScimRequestFilter(failed=True),
                oldest_first=oldest_first,
            ),
        )
    await rpc(
        "watch_scim_requests",
        provisioning_pb.WatchScimRequestsRequest(scim_configuration_id=scim, recent=1),
    )
    for oldest_first in (True, False):
        await rpc(
            "list_sign_in_attempts",
            attempt_pb.ListSignInAttemptsRequest(
                sso_configuration_id=sso,
                filter=attempt_pb.SignInAttemptFilter(failed=True),
                oldest_first=oldest_first,
            ),
        )
    await rpc(
        "watch_sign_in_attempts",
        attempt_pb.WatchSignInAttemptsRequest(sso_configuration_id=sso, recent=1),
    )
    await rpc(
        "get_provisioning_status",
        provisioning_pb.GetProvisioningStatusRequest(scim_configuration_id=scim),
    )
    assigned = (
        await rpc(
            "assign_role",
            role_pb.AssignRoleRequest(
                principal=role_pb.RolePrincipal.USER,
                principal_id=str(member.user.id),
                role=role_pb.Role.ADMIN,
            ),
        )
    ).assigned_role
    await rpc("list_assigned_roles", role_pb.ListAssignedRolesRequest(principal_id=me))
    await rpc("get_effective_roles", role_pb.GetEffectiveRolesRequest(user_id=str(member.user.id)))
    await rpc("revoke_role", role_pb.RevokeRoleRequest(assigned_role_id=assigned.id))
    await rpc("get_membership", membership_pb.GetMembershipRequest(user_id=str(member.user.id)))
    await rpc(
        "preview_scim_configuration_deletion",
        membership_pb.PreviewScimConfigurationDeletionRequest(scim_configuration_id=scim),
    )
    for each in (
        await call("list_scim_configurations", scim_pb.ListSCIMConfigurationsRequest())
    ).scim_configurations:
        await rpc(
            "delete_scim_configuration",
            scim_pb.DeleteSCIMConfigurationRequest(scim_configuration_id=each.id),
        )
    await rpc(
        "delete_sso_configuration", sso_pb.DeleteSSOConfigurationRequest(sso_configuration_id=sso)
    )
    claim = (
        await rpc(
            "create_domain_verification",
            domain_pb.CreateDomainVerificationRequest(organization_id=org, domain="acme.com"),
        )
    ).domain_verification
    dns.publish(challenge(claim.verification_token))
    this = {"domain_verification_id": claim.id}
    await rpc("get_domain_verification", domain_pb.GetDomainVerificationRequest(**this))
    await rpc("get_domain_verification_status", GetDomainVerificationStatusRequest(**this))
    await rpc(
        "list_domain_verifications",
        domain_pb.ListDomainVerificationsRequest(organization_id=org, pagination=page),
    )
    await rpc("verify_domain", domain_pb.VerifyDomainRequest(**this))
    await joining(call, stranger, org, mailbox, called)
    await groups(call, org, member, called)
    await rpc("delete_domain_verification", domain_pb.DeleteDomainVerificationRequest(**this))
    await rpc("create_personal_access_token", pat_pb.CreatePersonalAccessTokenRequest(user_id=me))
    of_both = pat_pb.ListPersonalAccessTokensRequest.Filter(user_ids=[me, str(member.user.id)])
    tokens = (
        await rpc(
            "list_personal_access_tokens",
            pat_pb.ListPersonalAccessTokensRequest(filter=of_both, pagination=page),
        )
    ).personal_access_tokens
    tokens = (
        await rpc("list_personal_access_tokens", pat_pb.ListPersonalAccessTokensRequest())
    ).personal_access_tokens
    statuses = own_pat_pb.ListPersonalAccessTokenStatusesRequest(
        personal_access_token_ids=[token.id for token in tokens]
    )
    await rpc("list_personal_access_token_statuses", statuses)
    await rpc(
        "get_personal_access_token",
        pat_pb.GetPersonalAccessTokenRequest(personal_access_token_id=tokens[-1].id),
    )
    await rpc(
        "delete_personal_access_token",
        pat_pb.DeletePersonalAccessTokenRequest(personal_access_token_id=tokens[-1].id),
    )
    await rpc(
        "get_personal_access_token_policy",
        token_policy_pb.GetPersonalAccessTokenPolicyRequest(organization_id=org),
    )
    await rpc(
        "update_personal_access_token_policy",
        token_policy_pb.UpdatePersonalAccessTokenPolicyRequest(
            organization_id=org, max_token_age=Duration(seconds=90 * 86_400)
        ),
    )
    await machines(call, clients_for, called)
    entries = (await rpc("list_audit_logs", audit_pb.ListAuditLogsRequest(pagination=page))).entries
    await rpc("get_audit_log", audit_pb.GetAuditLogRequest(audit_log_entry_id=entries[0].id))
    for narrowed in (
        audit_pb.ListAuditLogsRequest.Filter(subject_ids=[org]),
        audit_pb.ListAuditLogsRequest.Filter(actor_ids=[me]),
        audit_pb.ListAuditLogsRequest.Filter(from_=entries[0].created_at),
    ):
        await rpc("list_audit_logs", audit_pb.ListAuditLogsRequest(filter=narrowed))
    await rpc("get_event", event_pb.GetEventRequest(event_id=entries[0].id))
    for newest_first in (True, False):
        place = (
            await rpc(
                "list_events", event_pb.ListEventsRequest(page_size=1, newest_first=newest_first)
            )
        ).cursor
    stream = call.event.watch_events(
        event_pb.WatchEventsRequest(cursor=place), headers=call.headers
    )
    called.add("watchevents")
    assert (await anext(stream)).response is not None
    await rpc(
        "update_organization", org_pb.UpdateOrganizationRequest(organization_id=org, name="x")
    )
    assert "event" in [(await anext(stream)).response.field for _ in range(2)]
    await stream.aclose()
    gone = str(member.user.id)
    await rpc("leave_organization", member_pb.LeaveOrganizationRequest(user_id=gone))
    await rpc("delete_user", user_pb.DeleteUserRequest(user_id=gone))
    await rpc("erase_member", erasure_pb.EraseMemberRequest(user_id=gone))
    await rpc("delete_organization", org_pb.DeleteOrganizationRequest(organization_id=org))


async def groups(call: Clients, org: str, member: Access, called: set[str]) -> None:
    """Calls every RPC about groups."""

    async def rpc(method: str, request: Any) -> Any:
        called.add(method.replace("_", ""))
        return await getattr(call.group, method)(request, headers=call.headers)

    made = (
        await rpc("create_group", group_pb.CreateGroupRequest(organization_id=org, name="Platform"))
    ).group.id
    this = {"group_id": made}
    await rpc("update_group", group_pb.UpdateGroupRequest(**this, name="New"))
    whom = identity_pb.Subject(id=str(member.user.id), principal=identity_pb.Principal.USER)
    get = group_pb.GetMembershipRequest(**this, subject=whom)
    await rpc("create_membership", group_pb.CreateMembershipRequest(**this, subject=whom))
    there = (await rpc("get_membership", get)).member.id
    for asked in (Oneof("id", made), Oneof("name", "New"), Oneof("name", "Not local")):
        with contextlib.suppress(ConnectError):
            await rpc("get_group", group_pb.GetGroupRequest(group=asked))
    for narrowed in GROUP_FILTERS:
        await rpc("list_groups", group_pb.ListGroupsRequest(filter=narrowed))
    for search in ("", "a"):
        of_those = group_pb.ListMembershipsRequest.Filter(search=search)
        await rpc("list_memberships", group_pb.ListMembershipsRequest(**this, filter=of_those))
    called.add("listmembergroups")
    await call(
        "list_member_groups",
        membership_pb.ListMemberGroupsRequest(user_id=str(member.user.id)),
    )
    role = group_pb.CreateRoleAssignmentRequest(
        **this,
        resource_type=audit_pb.ResourceType.ORGANIZATION,
        resource_id=org,
        resource_role=group_pb.ResourceRole.ORG_MEMBER,
    )
    assigned = (await rpc("create_role_assignment", role)).assignment.id
    for narrow in ({}, {"group_id": made}, {"user_id": str(member.user.id)}):
        of_those_roles = group_pb.ListRoleAssignmentsRequest.Filter(**narrow)
        await rpc(
            "list_role_assignments", group_pb.ListRoleAssignmentsRequest(filter=of_those_roles)
        )
    await rpc(
        "delete_role_assignment", group_pb.DeleteRoleAssignmentRequest(assignment_id=assigned)
    )
    await rpc("delete_membership", group_pb.DeleteMembershipRequest(membership_id=there))
    await rpc("delete_group", group_pb.DeleteGroupRequest(**this))


async def machines(admin: Clients, clients_for: ClientsFor, called: set[str]) -> None:
    """Calls every RPC about service accounts, as an administrator and as one."""

    async def rpc(by: Clients, method: str, request: Any) -> Any:
        called.add(method.replace("_", ""))
        return await by(method, request)

    until = Timestamp.from_datetime(datetime(2027, 1, 1, tzinfo=UTC))
    create = machine_pb.CreateServiceAccountRequest(name="deploy", valid_until=until)
    id = (await rpc(admin, "create_service_account", create)).service_account.id
    this: dict[str, Any] = {"service_account_id": id}
    await rpc(admin, "get_service_account", machine_pb.GetServiceAccountRequest(**this))
    narrowed = machine_pb.ListServiceAccountsRequest.Filter(service_account_ids=[id], search="d")
    for request in (
        machine_pb.ListServiceAccountsRequest(pagination=PaginationRequest(page_size=1)),
        machine_pb.ListServiceAccountsRequest(filter=narrowed),
    ):
        await rpc(admin, "list_service_accounts", request)
    rename = machine_pb.UpdateServiceAccountRequest(**this, name="ship")
    await rpc(admin, "update_service_account", rename)
    sooner = Timestamp.from_datetime(datetime(2026, 12, 1, tzinfo=UTC))
    shorten = UpdateServiceAccountValidityRequest(**this, valid_until=sooner)
    await rpc(admin, "update_service_account_validity", shorten)
    brief = machine_pb.CreateServiceAccountAccessTokenRequest(**this)
    made = (await rpc(admin, "create_service_account_access_token", brief)).token
    program = clients_for(made)
    token = await rpc(
        program, "create_service_account_token", machine_pb.CreateServiceAccountTokenRequest()
    )
    for by in (admin, program):
        listed = machine_pb.ListServiceAccountTokensRequest()
        await rpc(by, "list_service_account_tokens", listed)
    one: dict[str, Any] = {"service_account_token_id": token.service_account_token.id}
    get = machine_pb.GetServiceAccountTokenRequest(**one)
    await rpc(program, "get_service_account_token", get)
    delete = machine_pb.DeleteServiceAccountTokenRequest(**one)
    await rpc(program, "delete_service_account_token", delete)
    gone = machine_pb.DeleteServiceAccountRequest(**this)
    await rpc(admin, "delete_service_account", gone)


async def joining(
    call: Clients, stranger: Clients, org: str, mailbox: Mailbox, called: set[str]
) -> None:
    """Calls every RPC by which somebody becomes a member; acme.com is proven."""

    async def rpc(by: Clients, method: str, request: Any) -> Any:
        called.add(method.replace("_", ""))
        return await by(method, request)

    this = {"organization_id": org}
    await rpc(
        call,
        "get_organization_policies",
        organization_policies_pb.GetOrganizationPoliciesRequest(**this),
    )
    for restrict in (True, False):
        await rpc(
            call,
            "update_organization_policies",
            organization_policies_pb.UpdateOrganizationPoliciesRequest(
                **this, restrict_account_creation_to_scim=restrict
            ),
        )
    create = organization_invite_pb.CreateOrganizationInviteRequest(**this)
    for _ in range(2):
        await rpc(call, "create_organization_invite", create)
    get = organization_invite_pb.GetOrganizationInviteRequest(**this)
    invite = (await rpc(call, "get_organization_invite", get)).invite.invite_id
    summary = organization_invite_pb.GetOrganizationInviteSummaryRequest(invite_id=invite)
    await rpc(stranger, "get_organization_invite_summary", summary)
    redeem = own_joining_pb.RedeemInviteRequest(
        invite_id=invite, name="Eve", email="eve@acme.example"
    )
    await rpc(stranger, "redeem_invite", redeem)
    redeem.code = mailbox.code("eve@acme.example")
    await rpc(stranger, "redeem_invite", redeem)
    for _ in range(2):
        mailed = await rpc(
            call,
            "create_email_invite",
            email_invite_pb.CreateEmailInviteRequest(**this, email="fay@acme.example"),
        )
    await rpc(call, "list_email_invites", email_invite_pb.ListEmailInvitesRequest(**this))
    for asked, signing_in in (
        ("get_sso_login_url", login_pb.GetSSOLoginURLRequest(email="eve@acme.example")),
        ("list_sso_logins", login_pb.ListSSOLoginsRequest(email="eve@acme.example")),
        ("list_login_providers", of_invite(invite)),
        ("exchange_token", identity_pb.ExchangeTokenRequest(exchange_token=unknown())),
    ):
        with contextlib.suppress(ConnectError):  # nobody signs in there
            await rpc(stranger, asked, signing_in)
    revoke = email_invite_pb.RevokeEmailInviteRequest(email_invite_id=mailed.email_invite.id)
    await rpc(call, "revoke_email_invite", revoke)
    domains = org_pb.InviteDomains(domains=["acme.com", "globex.example"])
    await call(
        "update_organization", org_pb.UpdateOrganizationRequest(**this, invite_domains=domains)
    )
    await rpc(stranger, "prove_address", own_joining_pb.ProveAddressRequest())
    code = mailbox.code("hank@globex.example")
    await rpc(stranger, "prove_address", own_joining_pb.ProveAddressRequest(code=code))
    await rpc(
        stranger, "list_joinable_organizations", account_pb.ListJoinableOrganizationsRequest()
    )
    by_id: Oneof[Literal["organization_id"], str] = Oneof(field="organization_id", value=org)
    with pytest.raises(ConnectError):  # the domain is not proven
        await rpc(stranger, "join_organization", joining_pb.JoinOrganizationRequest(join_id=by_id))
    by_invite: Oneof[Literal["invite_id"], str] = Oneof(field="invite_id", value=invite)
    for _ in range(2):
        await rpc(
            stranger, "join_organization", joining_pb.JoinOrganizationRequest(join_id=by_invite)
        )
    await rpc(stranger, "get_account", account_pb.GetAccountRequest())
    create_new = org_pb.CreateOrganizationRequest(name="New", join_organization=True)
    new = (await rpc(stranger, "create_organization", create_new)).organization.id
    fetch = first_token_pb.CreateFirstTokenRequest(organization_id=new)
    await rpc(stranger, "create_first_token", fetch)


def of_invite(invite: str) -> login_pb.ListLoginProvidersRequest:
    wanted = login_pb.ListLoginProvidersRequest.Filter(invite_id=invite)
    return login_pb.ListLoginProvidersRequest(filter=wanted)


def unknown() -> str:
    return new_token(TokenKind.EXCHANGE).reveal()


async def test_no_statement_of_any_rpc_reads_a_whole_table(
    database: Database,
    database_url: str,
    admin: Clients,
    clients_for: ClientsFor,
    stranger: Clients,
    signed_in: Clients,
    acme: Founded,
    acme_member: Access,
    name_server: NameServer,
    mailbox: Mailbox,
) -> None:
    called: set[str] = set()
    with statements() as seen:
        await everything(
            admin, clients_for, stranger, signed_in, acme, acme_member, name_server, mailbox, called
        )
    others = (*OF_APPLICATIONS, *OF_OPERATORS)  # see below
    assert called == {method.name.lower() for method in OWN if method not in others}
    assert len(seen) > 20
    assert await wasteful(database, is_sqlite(database_url), seen) == {}


async def test_no_statement_of_an_operator_reads_a_whole_table(
    database: Database, database_url: str, operator: Operator, acme: Founded, globex: Founded
) -> None:
    with statements() as seen:
        page = PaginationRequest(page_size=1)
        await operator("list_organizations", pagination=page)
        await operator("get_organization", organization_id=str(acme.organization.id))
        await operator("create_organization", name="Initech", admin_email="ada@initech.example")
        await operator("delete_organization", organization_id=str(acme.organization.id))
        await operator.suspend(acme)
        await operator.resume(acme)
        for newest_first in (False, True):
            await operator("list_all_events", page_size=1, newest_first=newest_first)
        stream = operator.watch()
        await anext(stream)
        await operator.suspend(globex)
        await anext(stream)
    assert await wasteful(database, is_sqlite(database_url), seen) == {}


async def test_no_statement_of_a_sign_in_to_an_application_reads_a_whole_table(
    world: World,
    clients_for: ClientsFor,
    database: Database,
    database_url: str,
    clock: SettableClock,
) -> None:
    application = clients_for(world.registered.secret.reveal())
    with statements() as seen:
        told = json.loads((await world.token(code=await world.code())).text())
        assert (await world.userinfo(told["access_token"])).status == 200
        exchange = sign_in_pb.ExchangeCodeRequest(
            code=await world.code(), redirect_uri=APP, code_verifier=VERIFIER
        )
        found = (await application("exchange_code", exchange)).sign_in
        await application("get_sign_in", sign_in_pb.GetSignInRequest(sign_in_id=found.id))
        watch = application.call("watch_sign_outs", sign_in_pb.WatchSignOutsRequest())
        async with contextlib.aclosing(watch) as stream:
            await anext(stream)
            await world.token(code=(code := await world.code()))
            await world.token(code=code)  # ends it
            await anext(stream)
        id, now = world.configuration.id, clock.now
        await database.write(lambda unit: session.end_some(unit, id, now, 1))
        organization = world.owner.organization.id
        await database.write(
            lambda unit: session.end_some_of_organization(unit, organization, now, 1)
        )
    assert len(seen) > 20
    # Of keys there are two at most.
    assert await wasteful(database, is_sqlite(database_url), seen, but="signing_key") == {}


@pytest.mark.parametrize(("order", "index"), MEMBER_ORDERS)
async def test_every_order_of_members_is_an_indexes_own(
    database: Database,
    database_url: str,
    admin: Clients,
    acme: Founded,
    acme_member: Access,
    order: MemberSort | None,
    index: str,
) -> None:
    request = member_pb.ListMembersRequest(
        organization_id=str(acme.organization.id),
        sort=order,
        pagination=PaginationRequest(page_size=1),
    )
    with statements() as seen:
        page = await admin("list_members", request)
        request.pagination = PaginationRequest(page_size=1, token=page.pagination.next_token)
        await admin("list_members", request)
    lists = [statement for statement in seen.items() if "ORDER BY" in statement[0]]
    assert len(lists) == 2
    for statement in lists:
        steps = await plan(database, is_sqlite(database_url), statement)
        assert index in steps
        assert "Sort" not in steps
        assert "TEMP B-TREE" not in steps


@pytest.mark.parametrize("log", [scim_request, sign_in_attempt, sign_out])
async def test_logs_are_purged_without_reading_them_all(
    log: Any, database: Database, database_url: str
) -> None:
    name = log.table.name

    def purge(unit: UnitOfWork) -> None:
        log.TRAIL.purge(unit.connection, datetime.now(UTC), 10)
        log.TRAIL.purge_surplus(unit.connection, new_id(), 10, 10)

    with statements() as seen:
        await database.write(purge)
    reading = [statement for statement in seen.items() if name in statement[0]]
    assert len(reading) == 2
    for statement in reading:
        steps = await plan(database, is_sqlite(database_url), statement)
        # The oldest are the first of the table.
        assert whole_tables(steps) in ([], [f"SCAN {name}"])
        assert "TEMP B-TREE" not in steps
        assert "Sort" not in steps


async def test_of_who_can_act_nobody_elses_sign_ins_are_read(
    database: Database, database_url: str
) -> None:
    with statements() as seen:
        await database.read(lambda c: administration.administrators(c, OrganizationId(new_id())))
    (statement,) = seen.items()
    steps = await plan(database, is_sqlite(database_url), statement)
    # PostgreSQL, which knows nothing of tables so small, may ask for the configuration as well.
    assert re.search(r"ix_sso_binding_user_id|uq_sso_binding_configuration_id_user_id", steps)
    assert "ix_personal_access_token_user_id_read_only_expires_at" in steps
    assert whole_tables(steps) == []


async def test_letters_that_are_due_are_found_without_reading_them_all(
    database: Database, database_url: str
) -> None:
    with statements() as seen:
        await database.read(lambda c: outbox.due(c, datetime.now(UTC)))
    (statement,) = seen.items()
    steps = await plan(database, is_sqlite(database_url), statement)
    assert "ix_letter_attempt_at" in steps
    assert "TEMP B-TREE" not in steps


async def test_domains_that_are_due_are_found_without_reading_them_all(
    database: Database, database_url: str
) -> None:
    with statements() as seen:
        await database.read(lambda c: domain_verification.due(c, datetime.now(UTC), 10))
    (statement,) = seen.items()
    steps = await plan(database, is_sqlite(database_url), statement)
    assert "ix_domain_verification_check_at" in steps
    assert "TEMP B-TREE" not in steps


async def test_a_scan_of_a_whole_table_would_be_noticed(
    database: Database, database_url: str
) -> None:
    statement = ("SELECT * FROM scim_configuration WHERE name = 'x'", ())
    assert whole_tables(await plan(database, is_sqlite(database_url), statement))
