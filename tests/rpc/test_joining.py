"""Joining as API clients see it: the same over every protocol. Its rules are in tests/usecases."""

from __future__ import annotations

from mailbox import Mailbox
from typing import Any, Literal

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from operating import Operator
from orgplane_api.gitpod.v1 import account_pb, joining_pb, member_pb, organization_pb, user_pb
from orgplane_api.gitpod.v1 import event_pb as audit_pb
from orgplane_api.gitpod.v1 import organization_invite_pb as invite_pb
from orgplane_api.gitpod.v1 import organization_policies_pb as policies_pb
from orgplane_api.google.rpc.error_details_pb import BadRequest
from orgplane_api.orgplane.v1 import first_token_pb
from orgplane_api.orgplane.v1 import joining_pb as own_pb
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.organization import Founded
from protobuf import Oneof
from protobuf.wkt import Duration
from pyqwest import Client
from rpc_clients import ORIGIN, Clients, ClientsFor, reason

HANK = "hank@globex.example"


def by_invite(id: str) -> joining_pb.JoinOrganizationRequest:
    where: Oneof[Literal["invite_id"], str] = Oneof(field="invite_id", value=id)
    return joining_pb.JoinOrganizationRequest(join_id=where)


def by_id(id: str) -> joining_pb.JoinOrganizationRequest:
    where: Oneof[Literal["organization_id"], str] = Oneof(field="organization_id", value=id)
    return joining_pb.JoinOrganizationRequest(join_id=where)


async def invite(admin: Clients, owner: Founded) -> str:
    request = invite_pb.CreateOrganizationInviteRequest(organization_id=str(owner.organization.id))
    made: str = (await admin("create_organization_invite", request)).invite.invite_id
    return made


async def prove(clients: Clients, email: str, mailbox: Mailbox) -> None:
    sent = (await clients("prove_address", own_pb.ProveAddressRequest())).outcome
    assert (sent.field, sent.value.email) == ("code_sent", email)
    request = own_pb.ProveAddressRequest(code=mailbox.code(email))
    proof = (await clients("prove_address", request)).outcome
    assert (proof.field, proof.value.email) == ("proof", email)


async def test_from_an_invite_to_a_member_who_acts(
    admin: Clients, clients_for: ClientsFor, acme: Founded, mailbox: Mailbox
) -> None:
    nobody, made = clients_for(""), await invite(admin, acme)
    organization = str(acme.organization.id)
    summary = await nobody(
        "get_organization_invite_summary",
        invite_pb.GetOrganizationInviteSummaryRequest(invite_id=made),
    )
    assert summary == invite_pb.GetOrganizationInviteSummaryResponse(
        organization_id=organization, organization_name="Acme", organization_member_count=1
    )
    request = own_pb.RedeemInviteRequest(invite_id=made, name="Eve", email="eve@acme.example")
    sent = (await nobody("redeem_invite", request)).outcome
    assert (sent.field, sent.value.email) == ("code_sent", "eve@acme.example")
    request.code = mailbox.code("eve@acme.example")
    joined = (await nobody("redeem_invite", request)).outcome
    assert (joined.field, joined.value.organization_id) == ("joined", organization)
    assert joined.value.member.role == member_pb.OrganizationRole.MEMBER
    assert joined.value.token_expires_at is not None
    eve = clients_for(joined.value.token)
    me = (await eve("get_authenticated_user", user_pb.GetAuthenticatedUserRequest())).user
    assert (me.id, me.name) == (joined.value.member.user_id, "Eve")
    with pytest.raises(ConnectError) as again:
        await nobody("redeem_invite", request)
    assert (again.value.code, reason(again.value)) == (Code.FAILED_PRECONDITION, "CODE_NOT_VALID")


async def test_from_a_token_of_one_organization_to_a_member_of_another(
    admin: Clients,
    stranger: Clients,
    acme: Founded,
    globex: Founded,
    mailbox: Mailbox,
    database: Database,
    clock: SettableClock,
    operator: Operator,
) -> None:
    organization = str(acme.organization.id)
    domains = organization_pb.InviteDomains(domains=["globex.example"])
    await admin(
        "update_organization",
        organization_pb.UpdateOrganizationRequest(
            organization_id=organization, invite_domains=domains
        ),
    )
    with pytest.raises(ConnectError) as unproven:
        await stranger("join_organization", by_id(organization))
    assert reason(unproven.value) == "ADDRESS_NOT_PROVEN"
    await prove(stranger, HANK, mailbox)
    with pytest.raises(ConnectError) as uninvited:
        await stranger("join_organization", by_id(organization))
    assert (uninvited.value.code, reason(uninvited.value)) == (
        Code.NOT_FOUND,
        "ORGANIZATION_NOT_FOUND",
    )
    await Vouching(database, clock).vouch(acme.organization.id, "globex.example", private=True)
    request = account_pb.ListJoinableOrganizationsRequest()
    listed = await stranger("list_joinable_organizations", request)
    assert [each.organization_name for each in listed.joinable_organizations] == ["Acme"]
    await operator.suspend(acme)
    none = await stranger("list_joinable_organizations", request)
    assert none == account_pb.ListJoinableOrganizationsResponse(pagination=none.pagination)
    await operator.resume(acme)
    member = (await stranger("join_organization", by_id(organization))).member
    assert (member.full_name, member.email) == ("Hank", HANK)
    account = (await stranger("get_account", account_pb.GetAccountRequest())).account
    assert account.id == str(globex.administrator.id)
    assert [(each.organization_name, each.user_id) for each in account.memberships] == [
        ("Globex", str(globex.administrator.id)),
        ("Acme", member.user_id),
    ]
    assert (await stranger("join_organization", by_invite(await invite(admin, acme)))).member == (
        member
    )
    with pytest.raises(ConnectError) as neither:
        await stranger("join_organization", joining_pb.JoinOrganizationRequest())
    assert neither.value.code is Code.INVALID_ARGUMENT
    assert neither.value.message.startswith("join_id: ")


async def test_from_a_token_to_an_organization_of_ones_own(
    stranger: Clients, clients_for: ClientsFor, globex: Founded
) -> None:
    request = organization_pb.CreateOrganizationRequest(name="New", join_organization=True)
    made = await stranger("create_organization", request)
    assert (made.organization.name, made.member.full_name, made.member.email) == (
        *("New", "Hank"),
        HANK,
    )
    assert made.member.role == member_pb.OrganizationRole.ADMIN
    fetch = first_token_pb.CreateFirstTokenRequest(organization_id=made.organization.id)
    first = await stranger("create_first_token", fetch)
    assert first.member == made.member
    there = clients_for(first.token)
    me = (await there("get_authenticated_user", user_pb.GetAuthenticatedUserRequest())).user
    assert (me.id, me.organization_id) == (made.member.user_id, made.organization.id)
    with pytest.raises(ConnectError) as again:
        await stranger("create_first_token", fetch)
    assert (again.value.code, reason(again.value)) == (
        Code.FAILED_PRECONDITION,
        "FIRST_TOKEN_GIVEN",
    )
    account = (await there("get_account", account_pb.GetAccountRequest())).account
    assert account.id == str(globex.administrator.id)
    with pytest.raises(ConnectError) as short:
        await stranger("create_organization", organization_pb.CreateOrganizationRequest(name="N"))
    assert short.value.code is Code.INVALID_ARGUMENT
    assert short.value.message.startswith("name: ")


async def test_policies_are_read_with_their_defaults_and_one_is_changed(
    admin: Clients, clients_for: ClientsFor, acme: Founded
) -> None:
    this = {"organization_id": str(acme.organization.id)}

    async def read() -> Any:
        request = policies_pb.GetOrganizationPoliciesRequest(**this)
        return (await admin("get_organization_policies", request)).policies

    assert await read() == policies_pb.OrganizationPolicies(
        **this, agent_policy=policies_pb.AgentPolicy()
    )
    request = policies_pb.UpdateOrganizationPoliciesRequest(
        **this, restrict_account_creation_to_scim=True
    )
    await admin("update_organization_policies", request)
    assert (await read()).restrict_account_creation_to_scim
    kind = audit_pb.ResourceType.ORGANIZATION_POLICY
    narrowed = audit_pb.ListAuditLogsRequest.Filter(subject_types=[kind])
    told = await admin("list_audit_logs", audit_pb.ListAuditLogsRequest(filter=narrowed))
    assert len(told.entries) == 1
    made = await invite(admin, acme)
    nobody, email = clients_for(""), "eve@acme.example"
    await nobody(
        "redeem_invite", own_pb.RedeemInviteRequest(invite_id=made, name="Eve", email=email)
    )


#: Something for every policy that has no effect here.
WITHOUT_EFFECT: dict[str, Any] = {
    "maximum_environment_timeout": Duration(seconds=3600),
    "members_require_projects": False,
    "members_create_projects": True,
    "allowed_editor_ids": ["vscode"],
    "default_editor_id": "",
    "allow_local_runners": True,
    "maximum_running_environments_per_user": 0,
    "maximum_environments_per_user": 1,
    "default_environment_image": "x",
    "port_sharing_disabled": True,
    "delete_archived_environments_after": Duration(),
    "agent_policy": policies_pb.UpdateOrganizationPoliciesRequest.UpdateAgentPolicy(),
    "maximum_environment_lifetime": Duration(),
    "require_custom_domain_access": False,
    "editor_version_restrictions": {"vscode": policies_pb.EditorVersionPolicy()},
    "security_agent_policy": (
        policies_pb.UpdateOrganizationPoliciesRequest.UpdateSecurityAgentPolicy()
    ),
    "veto_exec_policy": policies_pb.VetoExecPolicy(),
    "maximum_environment_lifetime_strict": False,
    "web_browser_disabled": False,
    "disable_from_scratch": True,
    "veto_file_policy": policies_pb.VetoFilePolicy(),
    "security_policy_id": "01a20abd-f271-72d4-9a6b-055019bca2f2",
    "archive_environments_after": Duration(seconds=86400),
}


async def test_every_policy_without_effect_is_refused_by_name_and_changes_nothing(
    admin: Clients, http: Client, acme: Founded
) -> None:
    request_type = policies_pb.UpdateOrganizationPoliciesRequest
    names = {field.local_name for field in request_type.desc().fields}
    assert names - WITHOUT_EFFECT.keys() == {
        "organization_id",
        "restrict_account_creation_to_scim",
    }
    this = {"organization_id": str(acme.organization.id)}
    for name, value in WITHOUT_EFFECT.items():
        request = request_type(**this, restrict_account_creation_to_scim=True, **{name: value})
        with pytest.raises(ConnectError) as caught:
            await admin("update_organization_policies", request)
        assert caught.value.code is Code.INVALID_ARGUMENT, name
        (bad,) = [each for each in caught.value.details if each.type_name.endswith(".BadRequest")]
        details = bad.value(BadRequest)
        assert details is not None
        assert [each.field for each in details.field_violations] == [name]
    # The one whose type no message here has: in binary it would get lost.
    body = request_type(**this).to_binary() + bytes([22 << 3 & 0x7F | 0x80, 22 >> 4, 1])
    answer = await http.execute(
        "POST",
        f"{ORIGIN}/gitpod.v1.OrganizationService/UpdateOrganizationPolicies",
        headers={**admin.headers, "content-type": "application/proto"},
        content=body,
    )
    assert answer.status == 400
    assert "max_port_admission_level" in answer.text()
    found = await admin(
        "get_organization_policies", policies_pb.GetOrganizationPoliciesRequest(**this)
    )
    assert not found.policies.restrict_account_creation_to_scim


async def test_a_get_changes_nothing_and_redeems_nothing(
    admin: Clients, http: Client, acme: Founded
) -> None:
    """Scanners of mail fetch every link first."""
    made = await invite(admin, acme)
    query = f"?connect=v1&encoding=json&message=%7B%22inviteId%22%3A%22{made}%22%7D"
    for path, status in (
        ("gitpod.v1.OrganizationService/GetOrganizationInviteSummary", 200),
        ("orgplane.v1.MembershipService/RedeemInvite", 405),
        ("gitpod.v1.OrganizationService/JoinOrganization", 405),
    ):
        assert (await http.execute("GET", f"{ORIGIN}/{path}{query}")).status == status
