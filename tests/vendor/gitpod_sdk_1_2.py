"""Calls all that Orgplane serves with the vendor's Python SDK of the 1.x generation, and prints the results.

Arguments: the base URL, one whose first answer is 503, a token, the ids of its organization, its user and
another member, and where somebody has just signed in (as JSON).
Prints a JSON object: what was tried -> "works", or how it failed.
"""

import contextlib
import json
import sys
import urllib.request

import ona_sdk
from buf.validate import validate_pb2
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from gitpod.v1 import (
    account_pb2,
    event_pb2,
    group_pb2,
    identity_pb2,
    organization_pb2,
    pagination_pb2,
    service_account_pb2,
    user_pb2,
)
from google.protobuf import timestamp_pb2

base_url, _flaky_url, token, organization_id, user_id, member_id, sign_in = sys.argv[1:]
sign_in = json.loads(sign_in)
client = ona_sdk.create_client(api_key=token, base_url=base_url)
services = client.services
organization = services.organization
results = {}


@contextlib.contextmanager
def trying(what):
    try:
        yield
        results[what] = "works"
    except Exception as error:
        results[what] = f"fails: {type(error).__name__}: {error}"


there = ona_sdk.create_client(api_key="none yet", base_url=sign_in["baseUrl"]).services
login_url = f"{sign_in['publicUrl']}/login/sso/{sign_in['ssoConfigurationId']}"
with trying("ExchangeToken"):
    made = there.identity.exchange_token(
        identity_pb2.ExchangeTokenRequest(exchange_token=sign_in["exchangeToken"])
    )
    member = ona_sdk.create_client(api_key=made.access_token, base_url=sign_in["baseUrl"]).services
    who = member.identity.get_authenticated_identity(identity_pb2.GetAuthenticatedIdentityRequest())
    assert who.subject.id == sign_in["userId"]
with trying("GetSSOLoginURL"):
    found = there.account.get_sso_login_url(
        account_pb2.GetSSOLoginURLRequest(email=sign_in["email"])
    )
    assert found.login_url == login_url
with trying("ListSSOLogins"):
    (login,) = there.account.list_sso_logins(
        account_pb2.ListSSOLoginsRequest(email=sign_in["email"])
    ).logins
    assert login.login_url == login_url
    assert login.display_name
with trying("ListLoginProviders"):
    (provider,) = there.account.list_login_providers(
        account_pb2.ListLoginProvidersRequest(
            filter=account_pb2.ListLoginProvidersRequest.Filter(email=sign_in["email"])
        )
    ).login_providers
    assert (provider.provider, provider.login_url) == ("custom", login_url)

with trying("GetAuthenticatedIdentity"):
    who = services.identity.get_authenticated_identity(
        identity_pb2.GetAuthenticatedIdentityRequest()
    )
    assert (who.organization_id, who.subject.id) == (organization_id, user_id)
with trying("GetAuthenticatedUser"):
    found = services.user.get_authenticated_user(user_pb2.GetAuthenticatedUserRequest())
    assert found.user.id == user_id
with trying("GetOrganization"):
    found = organization.get_organization(
        organization_pb2.GetOrganizationRequest(organization_id=organization_id)
    )
    assert found.organization.id == organization_id
with trying("UpdateOrganization"):
    changed = organization.update_organization(
        organization_pb2.UpdateOrganizationRequest(organization_id=organization_id, name="Initech")
    )
    assert changed.organization.name == "Initech"

with trying("ListMembers"):
    members = organization.list_members(
        organization_pb2.ListMembersRequest(organization_id=organization_id)
    ).members
    assert {member.user_id for member in members} == {user_id, member_id}
with trying("GetUser"):
    found = services.user.get_user(user_pb2.GetUserRequest(user_id=member_id))
    assert found.user.id == member_id
with trying("SetRole"):
    organization.set_role(
        organization_pb2.SetRoleRequest(
            organization_id=organization_id, user_id=member_id, role="ORGANIZATION_ROLE_ADMIN"
        )
    )
with trying("SetSuspended"):
    services.user.set_suspended(user_pb2.SetSuspendedRequest(user_id=member_id, suspended=True))

groups, mel = services.group, identity_pb2.Subject(id=member_id, principal="PRINCIPAL_USER")
with trying("CreateGroup"):
    group = groups.create_group(
        group_pb2.CreateGroupRequest(
            organization_id=organization_id, name="Platform", description="Runs it all"
        )
    ).group
    assert (group.name, group.member_count) == ("Platform", 0)
with trying("GetGroup"):
    for asked in ({"id": group.id}, {"name": "Platform"}, {"group_id": group.id}):
        assert groups.get_group(group_pb2.GetGroupRequest(**asked)).group == group
with trying("UpdateGroup"):
    changed = groups.update_group(
        group_pb2.UpdateGroupRequest(group_id=group.id, name="Platform team")
    ).group
    assert (changed.name, changed.description) == ("Platform team", "")
with trying("ListGroups"):
    local = group_pb2.ListGroupsRequest.Filter(system_managed=False, search="team")
    (found,) = groups.list_groups(group_pb2.ListGroupsRequest(filter=local)).groups
    assert found == changed
with trying("CreateMembership"):
    made = groups.create_membership(
        group_pb2.CreateMembershipRequest(group_id=group.id, subject=mel)
    ).member
    assert made.subject == mel
with trying("GetMembership"):
    asked = group_pb2.GetMembershipRequest(group_id=group.id, subject=mel)
    assert groups.get_membership(asked).member == made
with trying("ListMemberships"):
    listed = groups.list_memberships(group_pb2.ListMembershipsRequest(group_id=group.id))
    assert list(listed.members) == [made]
with trying("DeleteMembership"):
    groups.delete_membership(group_pb2.DeleteMembershipRequest(membership_id=made.id))
    assert not groups.get_membership(asked).HasField("member")
with trying("CreateRoleAssignment"):
    assigned = groups.create_role_assignment(
        group_pb2.CreateRoleAssignmentRequest(
            group_id=group.id,
            resource_type=event_pb2.RESOURCE_TYPE_ORGANIZATION,
            resource_id=organization_id,
            resource_role=group_pb2.RESOURCE_ROLE_ORG_AUDIT_LOG_READER,
        )
    ).assignment
    assert (assigned.group_id, assigned.organization_id) == (group.id, organization_id)
with trying("ListRoleAssignments"):
    of_group = group_pb2.ListRoleAssignmentsRequest.Filter(group_id=group.id)
    of_role = group_pb2.ListRoleAssignmentsRequest(filter=of_group)
    assert list(groups.list_role_assignments(of_role).assignments) == [assigned]
with trying("DeleteRoleAssignment"):
    groups.delete_role_assignment(group_pb2.DeleteRoleAssignmentRequest(assignment_id=assigned.id))
    assert not groups.list_role_assignments(of_role).assignments
with trying("DeleteGroup"):
    groups.delete_group(group_pb2.DeleteGroupRequest(group_id=group.id))
    assert not groups.list_groups(group_pb2.ListGroupsRequest(filter=local)).groups

with trying("CreateSSOConfiguration"):
    sso_id = organization.create_sso_configuration(
        organization_pb2.CreateSSOConfigurationRequest(
            organization_id=organization_id,
            client_id="client",
            client_secret="secret",
            issuer_url="https://idp.example",
            email_domains=["acme.example"],
        )
    ).sso_configuration.id
with trying("UpdateSSOConfiguration"):
    organization.update_sso_configuration(
        organization_pb2.UpdateSSOConfigurationRequest(
            sso_configuration_id=sso_id,
            state=organization_pb2.SSO_CONFIGURATION_STATE_ACTIVE,
        )
    )
with trying("GetSSOConfiguration"):
    found = organization.get_sso_configuration(
        organization_pb2.GetSSOConfigurationRequest(sso_configuration_id=sso_id)
    )
    assert found.sso_configuration.state == organization_pb2.SSO_CONFIGURATION_STATE_ACTIVE
with trying("ListSSOConfigurations"):
    listed = organization.list_sso_configurations(
        organization_pb2.ListSSOConfigurationsRequest(organization_id=organization_id)
    )
    assert [one.id for one in listed.sso_configurations] == [sso_id]

with trying("CreateDomainVerification"):
    domain_id = organization.create_domain_verification(
        organization_pb2.CreateDomainVerificationRequest(
            organization_id=organization_id, domain="Acme.com"
        )
    ).domain_verification.id
with trying("GetDomainVerification"):
    found = organization.get_domain_verification(
        organization_pb2.GetDomainVerificationRequest(domain_verification_id=domain_id)
    ).domain_verification
    assert found.domain == "acme.com"
    assert found.state == organization_pb2.DOMAIN_VERIFICATION_STATE_PENDING
with trying("ListDomainVerifications"):
    vouched, listed = organization.list_domain_verifications(
        organization_pb2.ListDomainVerificationsRequest(organization_id=organization_id)
    ).domain_verifications
    assert listed.id == domain_id
with trying("VerifyDomain"):
    verified = organization.verify_domain(
        organization_pb2.VerifyDomainRequest(domain_verification_id=vouched.id)
    ).domain_verification
    assert verified.state == organization_pb2.DOMAIN_VERIFICATION_STATE_VERIFIED
with trying("DeleteDomainVerification"):
    organization.delete_domain_verification(
        organization_pb2.DeleteDomainVerificationRequest(domain_verification_id=domain_id)
    )

with trying("CreateOrganizationInvite"):
    invite_id = organization.create_organization_invite(
        organization_pb2.CreateOrganizationInviteRequest(organization_id=organization_id)
    ).invite.invite_id
with trying("GetOrganizationInvite"):
    found = organization.get_organization_invite(
        organization_pb2.GetOrganizationInviteRequest(organization_id=organization_id)
    )
    assert found.invite.invite_id == invite_id
with trying("GetOrganizationInviteSummary"):
    summary = organization.get_organization_invite_summary(
        organization_pb2.GetOrganizationInviteSummaryRequest(invite_id=invite_id)
    )
    assert summary.organization_name == "Initech"
with trying("JoinOrganization"):
    joined = organization.join_organization(
        organization_pb2.JoinOrganizationRequest(invite_id=invite_id)
    )
    assert joined.member.user_id == user_id
with trying("UpdateOrganizationPolicies"):
    organization.update_organization_policies(
        organization_pb2.UpdateOrganizationPoliciesRequest(
            organization_id=organization_id, restrict_account_creation_to_scim=True
        )
    )
with trying("GetOrganizationPolicies"):
    policies = organization.get_organization_policies(
        organization_pb2.GetOrganizationPoliciesRequest(organization_id=organization_id)
    ).policies
    assert policies.restrict_account_creation_to_scim
with trying("GetAccount"):
    account = services.account.get_account(account_pb2.GetAccountRequest()).account
    assert [each.user_id for each in account.memberships] == [user_id]
with trying("ListJoinableOrganizations"):
    listed = services.account.list_joinable_organizations(
        account_pb2.ListJoinableOrganizationsRequest()
    )
    assert not listed.joinable_organizations

with trying("CreateSCIMConfiguration"):
    ids = [
        organization.create_scim_configuration(
            organization_pb2.CreateSCIMConfigurationRequest(
                organization_id=organization_id, sso_configuration_id=sso_id, name=str(number)
            )
        ).scim_configuration.id
        for number in range(5)
    ]
with trying("UpdateSCIMConfiguration"):
    updated = organization.update_scim_configuration(
        organization_pb2.UpdateSCIMConfigurationRequest(scim_configuration_id=ids[0], enabled=False)
    )
    assert (updated.scim_configuration.enabled, updated.scim_configuration.name) == (False, "0")
with trying("GetSCIMConfiguration"):
    found = organization.get_scim_configuration(
        organization_pb2.GetSCIMConfigurationRequest(scim_configuration_id=ids[0])
    )
    assert found.scim_configuration == updated.scim_configuration
with trying("RegenerateSCIMToken"):
    assert organization.regenerate_scim_token(
        organization_pb2.RegenerateSCIMTokenRequest(scim_configuration_id=ids[0])
    ).token
with trying("ListSCIMConfigurations"), trying("a list to its end, page by page"):
    seen, next_token = [], ""
    while True:
        page = organization.list_scim_configurations(
            organization_pb2.ListSCIMConfigurationsRequest(
                pagination=pagination_pb2.PaginationRequest(page_size=2, token=next_token)
            )
        )
        seen += [one.id for one in page.scim_configurations]
        next_token = page.pagination.next_token
        if not next_token:
            break
    assert seen == ids

accounts = services.service_account
with trying("CreateServiceAccount"):
    until = timestamp_pb2.Timestamp(seconds=4_000_000_000)
    account = accounts.create_service_account(
        service_account_pb2.CreateServiceAccountRequest(name="deploy", valid_until=until)
    ).service_account
    assert (account.creator.id, account.valid_until) == (user_id, until)
    this = {"service_account_id": account.id}
with trying("GetServiceAccount"):
    found = accounts.get_service_account(service_account_pb2.GetServiceAccountRequest(**this))
    assert found.service_account == account
with trying("UpdateServiceAccount"):
    changed = accounts.update_service_account(
        service_account_pb2.UpdateServiceAccountRequest(**this, description="of the pipeline")
    ).service_account
    assert (changed.name, changed.description) == ("deploy", "of the pipeline")
with trying("ListServiceAccounts"):
    narrowed = service_account_pb2.ListServiceAccountsRequest.Filter(search="PIPE")
    (found,) = accounts.list_service_accounts(
        service_account_pb2.ListServiceAccountsRequest(filter=narrowed)
    ).service_accounts
    assert found.id == account.id
with trying("CreateServiceAccountAccessToken"):
    brief = accounts.create_service_account_access_token(
        service_account_pb2.CreateServiceAccountAccessTokenRequest(**this)
    ).token
    program = ona_sdk.create_client(api_key=brief, base_url=base_url).services
    who = program.identity.get_authenticated_identity(
        identity_pb2.GetAuthenticatedIdentityRequest()
    ).subject
    assert (who.id, who.principal) == (account.id, identity_pb2.PRINCIPAL_SERVICE_ACCOUNT)
with trying("CreateServiceAccountToken"):
    made = program.service_account.create_service_account_token(
        service_account_pb2.CreateServiceAccountTokenRequest(description="pipeline")
    )
    program = ona_sdk.create_client(api_key=made.token, base_url=base_url).services
    this_token = {"service_account_token_id": made.service_account_token.id}
with trying("ListServiceAccountTokens"):
    listed = service_account_pb2.ListServiceAccountTokensRequest()
    for by in (services, program):
        (found,) = by.service_account.list_service_account_tokens(listed).tokens
        assert found.id == made.service_account_token.id
with trying("GetServiceAccountToken"):
    found = program.service_account.get_service_account_token(
        service_account_pb2.GetServiceAccountTokenRequest(**this_token)
    )
    assert found.token.description == "pipeline"
with trying("DeleteServiceAccountToken"):
    accounts.delete_service_account_token(
        service_account_pb2.DeleteServiceAccountTokenRequest(**this_token)
    )
    try:
        program.service_account.list_service_account_tokens(listed)
    except ConnectError as error:
        assert error.code == Code.UNAUTHENTICATED
    else:
        raise AssertionError("a revoked token works")
with trying("DeleteServiceAccount"):
    accounts.delete_service_account(service_account_pb2.DeleteServiceAccountRequest(**this))

with trying("CreatePersonalAccessToken"):
    made = services.user.create_personal_access_token(
        user_pb2.CreatePersonalAccessTokenRequest(user_id=user_id, description="to be revoked")
    )
    assert made.token
with trying("ListPersonalAccessTokens"):
    tokens = services.user.list_personal_access_tokens(
        user_pb2.ListPersonalAccessTokensRequest()
    ).personal_access_tokens
    assert len(tokens) == 2
with trying("GetPersonalAccessToken"):
    found = services.user.get_personal_access_token(
        user_pb2.GetPersonalAccessTokenRequest(personal_access_token_id=tokens[-1].id)
    )
    assert found.pat.description == "to be revoked"
with trying("DeletePersonalAccessToken"):
    services.user.delete_personal_access_token(
        user_pb2.DeletePersonalAccessTokenRequest(personal_access_token_id=tokens[-1].id)
    )

with trying("ListAuditLogs"):
    entries = services.event.list_audit_logs(
        event_pb2.ListAuditLogsRequest(
            filter=event_pb2.ListAuditLogsRequest.Filter(subject_ids=[ids[0]])
        )
    ).entries
    assert [entry.action for entry in entries][-1] == "create"
with trying("GetAuditLog"):
    found = services.event.get_audit_log(
        event_pb2.GetAuditLogRequest(audit_log_entry_id=entries[0].id)
    )
    assert found.entry.id == entries[0].id
with trying("WatchEvents"):
    stream = services.event.watch_events(event_pb2.WatchEventsRequest(organization=True))
    assert next(stream).resource_id == ""  # the watch has begun
    organization.update_scim_configuration(
        organization_pb2.UpdateSCIMConfigurationRequest(scim_configuration_id=ids[0], enabled=True)
    )
    event = next(one for one in stream if one.resource_id)
    assert event.resource_id == ids[0]
    stream.close()

with trying("errors by class, with their details"):
    try:
        organization.update_scim_configuration(
            organization_pb2.UpdateSCIMConfigurationRequest(scim_configuration_id="no")
        )
        raise AssertionError("accepted")
    except ConnectError as error:
        assert error.code == Code.INVALID_ARGUMENT
        types = {detail.type_name for detail in error.details}
        assert validate_pb2.Violations.DESCRIPTOR.full_name in types, types
        assert {"google.rpc.ErrorInfo", "google.rpc.BadRequest"} <= types, types
    try:
        organization.get_scim_configuration(
            organization_pb2.GetSCIMConfigurationRequest(scim_configuration_id=user_id)
        )
        raise AssertionError("found")
    except ConnectError as error:
        assert error.code == Code.NOT_FOUND

with trying("DeleteSCIMConfiguration"):
    for id in ids:
        organization.delete_scim_configuration(
            organization_pb2.DeleteSCIMConfigurationRequest(scim_configuration_id=id)
        )
with trying("DeleteSSOConfiguration"):
    organization.delete_sso_configuration(
        organization_pb2.DeleteSSOConfigurationRequest(sso_configuration_id=sso_id)
    )
with trying("CreateOrganization"):
    made = organization.create_organization(
        organization_pb2.CreateOrganizationRequest(name="Another", join_organization=True)
    )
    assert made.organization.name == "Another"
    assert made.member.role == organization_pb2.ORGANIZATION_ROLE_ADMIN
    # Without a token there nobody could act for it any more, once the one here is gone.
    fetched = urllib.request.Request(
        f"{base_url}/orgplane.v1.MembershipService/CreateFirstToken",
        json.dumps({"organizationId": made.organization.id}).encode(),
        {"authorization": f"Bearer {token}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(fetched):
        pass
with trying("LeaveOrganization"):
    organization.leave_organization(organization_pb2.LeaveOrganizationRequest(user_id=member_id))
with trying("DeleteUser"):
    services.user.delete_user(user_pb2.DeleteUserRequest(user_id=member_id))
with trying("DeleteOrganization"):
    organization.delete_organization(
        organization_pb2.DeleteOrganizationRequest(organization_id=organization_id)
    )

print(json.dumps(results))
