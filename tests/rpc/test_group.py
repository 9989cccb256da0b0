"""Groups: local ones, which administrators keep, and those of identity providers, which are read-only here."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import event_pb, identity_pb, member_pb, scim_configuration_pb, user_pb
from orgplane_api.gitpod.v1 import group_pb as pb
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import membership_pb, role_pb
from orgplane_server.domain.group import LocalMembership
from orgplane_server.domain.identifier import GroupId, GroupMembershipId, UserId
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.group import local_memberships
from orgplane_server.store.user import users
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded
from people import Access, add_service_account, add_user
from protobuf import Oneof
from provisioning import Administration, administration
from pyqwest import Client
from rpc_clients import Clients, reason
from scim_client import ENTERPRISE, Scim


def subject(id: object) -> identity_pb.Subject:
    return identity_pb.Subject(id=str(id), principal=identity_pb.Principal.USER)


async def refusal(call: Awaitable[Any]) -> tuple[Code, str]:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value.code, reason(caught.value)


class Keeper:
    """Somebody who calls the RPCs about groups."""

    def __init__(self, clients: Clients, organization_id: object) -> None:
        self.clients = clients
        self.organization_id = str(organization_id)

    async def __call__(self, method: str, request: Any) -> Any:
        return await getattr(self.clients.group, method)(request, headers=self.clients.headers)

    async def create(self, name: str, description: str = "") -> pb.Group:
        request = pb.CreateGroupRequest(
            organization_id=self.organization_id, name=name, description=description
        )
        made: pb.Group = (await self("create_group", request)).group
        return made

    async def get(self, id: str) -> pb.Group:
        request = pb.GetGroupRequest(group=Oneof("id", id))
        found: pb.Group = (await self("get_group", request)).group
        return found

    async def named(self, name: str) -> pb.Group:
        request = pb.GetGroupRequest(group=Oneof("name", name))
        found: pb.Group = (await self("get_group", request)).group
        return found

    async def names(self, page_size: int = 100, **narrowed: Any) -> list[str]:
        """Of all groups that the filter lets through, read page by page."""
        found, token = [], ""
        while True:
            page = await self(
                "list_groups",
                pb.ListGroupsRequest(
                    filter=pb.ListGroupsRequest.Filter(**narrowed),
                    pagination=PaginationRequest(page_size=page_size, token=token),
                ),
            )
            assert len(page.groups) <= page_size
            found += [group.name for group in page.groups]
            token = page.pagination.next_token
            if not token:
                return found

    async def add(self, group: str, who: object) -> pb.GroupMembership:
        request = pb.CreateMembershipRequest(group_id=group, subject=subject(who))
        made: pb.GroupMembership = (await self("create_membership", request)).member
        return made

    async def is_in(self, group: str, who: object) -> pb.GroupMembership | None:
        request = pb.GetMembershipRequest(group_id=group, subject=subject(who))
        found: pb.GroupMembership | None = (await self("get_membership", request)).member
        return found

    async def members(self, group: str, page_size: int = 100, search: str = "") -> list[str]:
        """The ids of who is in a group, read page by page."""
        found, token = [], ""
        while True:
            page = await self(
                "list_memberships",
                pb.ListMembershipsRequest(
                    group_id=group,
                    filter=pb.ListMembershipsRequest.Filter(search=search),
                    pagination=PaginationRequest(page_size=page_size, token=token),
                ),
            )
            assert len(page.members) <= page_size
            found += [member.subject.id for member in page.members]
            token = page.pagination.next_token
            if not token:
                return found


@pytest.fixture
def keeper(admin: Clients, acme: Founded) -> Keeper:
    return Keeper(admin, acme.organization.id)


@pytest.fixture
def reader(member: Clients, acme: Founded) -> Keeper:
    return Keeper(member, acme.organization.id)


@pytest.fixture
def acts(database: Database, clock: SettableClock, acme: Founded) -> Administration:
    return administration(database, clock, acme)


@pytest.fixture
async def okta(acts: Administration, http: Client) -> Scim:
    return Scim(http, (await acts.create(linking=True))[1])


async def pushed_by(scim: Scim, name: str, *members: str) -> str:
    """The id of a group that a provider pushes."""
    id: str = (await scim.create_group(name, *members))["id"]
    return id


async def test_administrators_keep_local_groups(
    keeper: Keeper, acme: Founded, acme_member: Access, clock: SettableClock
) -> None:
    made = await keeper.create("Platform", "Runs it all")
    assert (made.organization_id, made.name, made.description, made.member_count) == (
        str(acme.organization.id),
        "Platform",
        "Runs it all",
        0,
    )
    assert (made.system_managed, made.direct_share) == (False, False)
    assert made.created_at == made.updated_at
    assert await keeper.get(made.id) == made
    clock.advance(minutes=1)
    changed = (
        await keeper("update_group", pb.UpdateGroupRequest(group_id=made.id, name="Platform team"))
    ).group
    assert (changed.name, changed.description, changed.id) == ("Platform team", "", made.id)
    assert changed.updated_at.to_datetime() == clock.now
    member = await keeper.add(made.id, acme_member.user.id)
    assert (member.group_id, member.subject, member.name) == (
        made.id,
        subject(acme_member.user.id),
        "Mel",
    )
    assert (await keeper.get(made.id)).member_count == 1
    await keeper("delete_membership", pb.DeleteMembershipRequest(membership_id=member.id))
    assert await keeper.members(made.id) == []
    await keeper.add(made.id, acme_member.user.id)
    await keeper("delete_group", pb.DeleteGroupRequest(group_id=made.id))
    assert await refusal(keeper.get(made.id)) == (Code.NOT_FOUND, "GROUP_NOT_FOUND")
    assert await keeper.names() == []


async def test_members_see_groups_and_change_none(
    keeper: Keeper, reader: Keeper, acme_member: Access
) -> None:
    made = await keeper.create("Platform")
    member = await keeper.add(made.id, acme_member.user.id)
    assert await reader.names() == ["Platform"]
    assert await reader.members(made.id) == [str(acme_member.user.id)]
    assert await reader.is_in(made.id, acme_member.user.id) == member
    for change in (
        reader.create("Mine"),
        reader.add(made.id, acme_member.user.id),
        reader("update_group", pb.UpdateGroupRequest(group_id=made.id, name="Mine")),
        reader("delete_group", pb.DeleteGroupRequest(group_id=made.id)),
        reader("delete_membership", pb.DeleteMembershipRequest(membership_id=member.id)),
    ):
        assert await refusal(change) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")


async def test_another_organization_knows_nothing_of_them(
    keeper: Keeper, stranger: Clients, globex: Founded, acme: Founded, acme_member: Access
) -> None:
    made = await keeper.create("Platform")
    member = await keeper.add(made.id, acme_member.user.id)
    theirs = Keeper(stranger, globex.organization.id)
    assert await theirs.names() == []
    assert await theirs.names(group_ids=[made.id]) == []
    for call in (
        theirs.get(made.id),
        theirs.named("Platform"),
        theirs.members(made.id),
        theirs.is_in(made.id, acme_member.user.id),
        theirs.add(made.id, globex.administrator.id),
        theirs("update_group", pb.UpdateGroupRequest(group_id=made.id, name="Mine")),
        theirs("delete_group", pb.DeleteGroupRequest(group_id=made.id)),
    ):
        assert await refusal(call) == (Code.NOT_FOUND, "GROUP_NOT_FOUND")
    gone = theirs("delete_membership", pb.DeleteMembershipRequest(membership_id=member.id))
    assert await refusal(gone) == (Code.NOT_FOUND, "GROUP_MEMBERSHIP_NOT_FOUND")
    there = Keeper(stranger, acme.organization.id).create("There")
    assert await refusal(there) == (Code.NOT_FOUND, "ORGANIZATION_NOT_FOUND")
    own = await theirs.create("Platform")
    whom = theirs.add(own.id, acme_member.user.id)
    assert await refusal(whom) == (Code.NOT_FOUND, "USER_NOT_FOUND")


async def test_a_name_is_one_local_groups(keeper: Keeper, okta: Scim) -> None:
    made = await keeper.create("Platform")
    other = await keeper.create("Other")
    for taking in (
        keeper.create("PLATFORM"),
        keeper("update_group", pb.UpdateGroupRequest(group_id=other.id, name="platform")),
    ):
        assert await refusal(taking) == (Code.ALREADY_EXISTS, "ALREADY_EXISTS")
    # A provider knows nothing of it.
    pushed = await pushed_by(okta, "Platform")
    assert (await keeper.named("platform")).id == made.id
    await keeper("delete_group", pb.DeleteGroupRequest(group_id=made.id))
    assert (await keeper.named("PlatForm")).id == pushed
    assert await keeper.names() == ["Other", "Platform"]


async def test_a_name_that_several_providers_use_tells_no_group(
    keeper: Keeper, okta: Scim, acts: Administration, http: Client
) -> None:
    entra = Scim(http, (await acts.create())[1])
    for scim in (okta, entra):
        await pushed_by(scim, "Everyone")
    assert await refusal(keeper.named("everyone")) == (
        Code.FAILED_PRECONDITION,
        "GROUP_NAME_AMBIGUOUS",
    )


async def test_an_id_may_come_in_the_older_field(keeper: Keeper) -> None:
    made = await keeper.create("Platform")
    found = await keeper("get_group", pb.GetGroupRequest(group_id=made.id))
    assert found.group == made
    for wrong in ("", "no"):
        asking = keeper("get_group", pb.GetGroupRequest(group_id=wrong))
        assert (await refusal(asking))[0] is Code.INVALID_ARGUMENT


async def test_a_providers_groups_are_read_only(
    keeper: Keeper, okta: Scim, acme_member: Access
) -> None:
    ann = await okta.create_user("ann@acme.example")
    id = await pushed_by(okta, "A", ann["id"])
    found = await keeper.get(id)
    assert (found.name, found.system_managed, found.member_count) == ("A", True, 1)
    member = await keeper.is_in(id, ann["id"])
    assert member is not None
    assert (member.subject, member.group_id) == (subject(ann["id"]), id)
    assert await keeper.members(id) == [ann["id"]]
    assert await keeper.is_in(id, acme_member.user.id) is None
    for change in (
        keeper.add(id, acme_member.user.id),
        keeper("update_group", pb.UpdateGroupRequest(group_id=id, name="Mine")),
        keeper("delete_group", pb.DeleteGroupRequest(group_id=id)),
        keeper("delete_membership", pb.DeleteMembershipRequest(membership_id=member.id)),
    ):
        assert await refusal(change) == (Code.FAILED_PRECONDITION, "GROUP_OF_PROVIDER")
    assert await keeper.get(id) == found


async def test_a_provider_sees_no_local_group(keeper: Keeper, okta: Scim) -> None:
    ann = await okta.create_user("ann@acme.example")
    made = await keeper.create("Platform")
    await keeper.add(made.id, ann["id"])
    assert (await okta("GET", "/Groups")).json["totalResults"] == 0
    assert await okta.found('displayName eq "Platform"', "/Groups") == []
    for method in ("GET", "DELETE"):
        assert (await okta(method, f"/Groups/{made.id}")).status == 404
    assert "groups" not in (await okta("GET", f"/Users/{ann['id']}")).json
    assert await keeper.members(made.id) == [ann["id"]]


async def test_groups_of_a_configuration_go_with_it(
    keeper: Keeper, admin: Clients, okta: Scim, acme: Founded
) -> None:
    ann = await okta.create_user("ann@acme.example")
    made = await keeper.create("Platform")
    await keeper.add(made.id, ann["id"])
    id = await pushed_by(okta, "Pushed", ann["id"])
    assert await keeper.names() == ["Platform", "Pushed"]
    listed = await admin(
        "list_scim_configurations", scim_configuration_pb.ListSCIMConfigurationsRequest()
    )
    await admin(
        "delete_scim_configuration",
        scim_configuration_pb.DeleteSCIMConfigurationRequest(
            scim_configuration_id=listed.scim_configurations[0].id
        ),
    )
    assert await keeper.names() == ["Platform"]
    assert await refusal(keeper.get(id)) == (Code.NOT_FOUND, "GROUP_NOT_FOUND")
    assert await keeper.members(made.id) == [ann["id"]]


async def test_who_leaves_is_in_no_local_group(
    keeper: Keeper, admin: Clients, okta: Scim, acme_member: Access
) -> None:
    ann = (await okta.create_user("ann@acme.example"))["id"]
    made = await keeper.create("Platform")
    mel = acme_member.user.id
    for who in (ann, mel):
        await keeper.add(made.id, who)
        await admin("set_suspended", user_pb.SetSuspendedRequest(user_id=str(who), suspended=True))
    assert len(await keeper.members(made.id)) == 2
    await admin("leave_organization", member_pb.LeaveOrganizationRequest(user_id=str(mel)))
    assert await keeper.members(made.id) == [ann]
    assert await refusal(keeper.add(made.id, mel)) == (Code.FAILED_PRECONDITION, "USER_LEFT")
    assert (await okta("DELETE", f"/Users/{ann}")).status == 204
    assert (await keeper.get(made.id)).member_count == 0
    await keeper.add(made.id, (await okta.create_user("bob@acme.example"))["id"])
    (bob,) = await keeper.members(made.id)
    await admin("delete_user", user_pb.DeleteUserRequest(user_id=bob))
    assert await keeper.members(made.id) == []


async def test_only_members_are_in_groups_and_once(keeper: Keeper, acme_member: Access) -> None:
    made = await keeper.create("Platform")
    await keeper.add(made.id, acme_member.user.id)
    again = keeper.add(made.id, acme_member.user.id)
    assert await refusal(again) == (Code.ALREADY_EXISTS, "ALREADY_EXISTS")
    nobody = keeper.add(made.id, uuid4())
    assert await refusal(nobody) == (Code.NOT_FOUND, "USER_NOT_FOUND")
    for wrong in (
        identity_pb.Subject(principal=identity_pb.Principal.USER),
        identity_pb.Subject(id=str(acme_member.user.id)),
        identity_pb.Subject(
            id=str(acme_member.user.id), principal=identity_pb.Principal.ENVIRONMENT
        ),
    ):
        for method, request in (
            ("create_membership", pb.CreateMembershipRequest(group_id=made.id, subject=wrong)),
            ("get_membership", pb.GetMembershipRequest(group_id=made.id, subject=wrong)),
        ):
            assert (await refusal(keeper(method, request)))[0] is Code.INVALID_ARGUMENT


async def test_who_adds_a_service_account_to_a_group_is_told_to_assign_it_roles(
    keeper: Keeper, database: Database, acme: Founded, clock: SettableClock
) -> None:
    machine = await add_service_account(database, acme, clock.now)
    made = await keeper.create("Platform")
    subject = identity_pb.Subject(
        id=str(machine.account.id), principal=identity_pb.Principal.SERVICE_ACCOUNT
    )
    request = pb.CreateMembershipRequest(group_id=made.id, subject=subject)
    with pytest.raises(
        ConnectError, match=r"subject\.principal.*assign roles to a service account itself"
    ) as refused:
        await keeper("create_membership", request)
    assert refused.value.code is Code.INVALID_ARGUMENT


async def test_lists_are_narrowed_and_read_page_by_page(
    keeper: Keeper,
    okta: Scim,
    database: Database,
    acme: Founded,
    clock: SettableClock,
) -> None:
    local = [await keeper.create(f"Team {number}", f"Désk {number}") for number in range(3)]
    await pushed_by(okta, "Pushed 1")
    await keeper.create("Last")
    await pushed_by(okta, "Pushed 2")
    everything = ["Team 0", "Team 1", "Team 2", "Pushed 1", "Last", "Pushed 2"]
    for page_size in (1, 2, 5, 6, 7):
        assert await keeper.names(page_size) == everything
    assert await keeper.names(system_managed=True) == ["Pushed 1", "Pushed 2"]
    assert await keeper.names(system_managed=False) == ["Team 0", "Team 1", "Team 2", "Last"]
    assert await keeper.names(search="PUSH") == ["Pushed 1", "Pushed 2"]
    assert await keeper.names(1, search="dÉsk") == ["Team 0", "Team 1", "Team 2"]
    assert await keeper.names(search="%") == []
    assert await keeper.names(search=local[1].id[:-4].upper()) == ["Team 1"]
    assert await keeper.names(group_ids=[local[2].id, local[0].id]) == ["Team 0", "Team 2"]
    assert await keeper.names(direct_share=True) == []
    assert await keeper.names(direct_share=False) == everything
    people = [
        (await add_user(database, acme, clock.now, name=f"N{index}", email=f"{index}@x.example"))
        for index in range(5)
    ]
    ids = sorted(str(each.user.id) for each in people)
    for id in ids:
        await keeper.add(local[0].id, id)
    for page_size in (1, 2, 5):
        assert await keeper.members(local[0].id, page_size) == ids
    assert await keeper.members(local[0].id, search="n3") == [str(people[3].user.id)]
    assert await keeper.members(local[0].id, search="4@X") == [str(people[4].user.id)]


async def test_groups_with_a_role_on_the_organization_are_left_out_when_asked(
    keeper: Keeper, admin: Clients, okta: Scim, acme: Founded
) -> None:
    await keeper.create("Platform")
    pushed = await pushed_by(okta, "Administrators")
    await admin(
        "assign_role",
        role_pb.AssignRoleRequest(
            principal=role_pb.RolePrincipal.GROUP, principal_id=pushed, role=role_pb.Role.ADMIN
        ),
    )
    everything = ["Platform", "Administrators"]
    for kind, id, names in (
        (event_pb.ResourceType.ORGANIZATION, acme.organization.id, ["Platform"]),
        (event_pb.ResourceType.ORGANIZATION, uuid4(), everything),
        (event_pb.ResourceType.PROJECT, acme.organization.id, everything),
    ):
        resource = pb.ListGroupsRequest.Filter.ExcludeAssignedToResource(
            resource_type=kind, resource_id=str(id)
        )
        assert await keeper.names(exclude_assigned_to_resource=resource) == names


async def test_it_tells_what_providers_say_of_a_member_and_in_which_groups_they_are(
    keeper: Keeper, reader: Keeper, admin: Clients, stranger: Clients, okta: Scim
) -> None:
    boss = (await okta.create_user("boss@acme.example"))["id"]
    work = {"department": "Engines", "manager": {"value": boss}}
    ann = (
        await okta.create_user(
            "ann@acme.example", externalId="00u1", title="Engineer", **{ENTERPRISE: work}
        )
    )["id"]
    asked = membership_pb.GetMembershipRequest(user_id=ann)
    (link,) = (await admin("get_membership", asked)).membership.links
    assert (link.user_name, link.external_id) == ("ann@acme.example", "00u1")
    assert (link.title, link.department, link.manager_id) == ("Engineer", "Engines", boss)
    names = [f"Group {number}" for number in range(5)]
    for number, name in enumerate(names):
        if number % 2:
            await pushed_by(okta, name, ann)
        else:
            await keeper.add((await keeper.create(name)).id, ann)
    for page_size in (1, 2, 5):
        found, token = [], ""
        while True:
            page = await reader.clients(
                "list_member_groups",
                membership_pb.ListMemberGroupsRequest(
                    user_id=ann, pagination=PaginationRequest(page_size=page_size, token=token)
                ),
            )
            found += [group.name for group in page.groups]
            token = page.pagination.next_token
            if not token:
                break
        assert found == names
    theirs = stranger("list_member_groups", membership_pb.ListMemberGroupsRequest(user_id=ann))
    assert await refusal(theirs) == (Code.NOT_FOUND, "USER_NOT_FOUND")


async def test_lists_of_members_leave_out_those_in_groups(
    keeper: Keeper, admin: Clients, okta: Scim, acme: Founded, acme_member: Access
) -> None:
    ann = (await okta.create_user("ann@acme.example"))["id"]
    made = await keeper.create("Platform")
    await keeper.add(made.id, acme_member.user.id)
    pushed = await pushed_by(okta, "Pushed", ann)
    listed = await admin(
        "list_members",
        member_pb.ListMembersRequest(
            organization_id=str(acme.organization.id),
            filter=member_pb.ListMembersRequest.Filter(exclude_group_ids=[made.id, pushed]),
        ),
    )
    assert [member.user_id for member in listed.members] == [str(acme.administrator.id)]


async def test_the_audit_log_tells_of_changes(
    keeper: Keeper, admin: Clients, acme: Founded, acme_member: Access, clock: SettableClock
) -> None:
    made = await keeper.create("Platform")
    member = await keeper.add(made.id, acme_member.user.id)
    rename = pb.UpdateGroupRequest(group_id=made.id, name="Renamed")
    for _ in range(2):  # the second changes nothing
        await keeper("update_group", rename)
    await keeper("delete_membership", pb.DeleteMembershipRequest(membership_id=member.id))
    clock.advance(seconds=1)
    await keeper("delete_group", pb.DeleteGroupRequest(group_id=made.id))
    entries = (
        await admin(
            "list_audit_logs",
            event_pb.ListAuditLogsRequest(
                filter=event_pb.ListAuditLogsRequest.Filter(
                    subject_types=[event_pb.ResourceType.GROUP]
                )
            ),
        )
    ).entries
    assert [entry.action for entry in reversed(entries)] == [
        *("create", "update", "update", "update", "delete"),
    ]
    assert {(entry.subject_id, entry.actor_id) for entry in entries} == {
        (made.id, str(acme.administrator.id))
    }


@pytest.mark.parametrize("number", [120, pytest.param(50_000, marks=pytest.mark.long)])
async def test_every_page_of_a_large_group_goes_on_where_the_one_before_ended(
    keeper: Keeper, database: Database, acme: Founded, clock: SettableClock, number: int
) -> None:
    made = await keeper.create("Everybody")
    people = [
        replace(acme.administrator, id=UserId(new_id()), name=f"N{index}", email=f"n{index}@x.test")
        for index in range(number)
    ]

    def fill(unit: UnitOfWork) -> None:
        for each in people:
            membership = LocalMembership(
                GroupMembershipId(new_id()),
                GroupId(UUID(made.id)),
                each.id,
                acme.organization.id,
                clock.now,
            )
            unit.run(users.inserting(each), local_memberships.inserting(membership))

    await database.write(fill)
    assert (await keeper.get(made.id)).member_count == number
    assert await keeper.members(made.id) == [str(each.id) for each in people]
    gone = pb.DeleteGroupRequest(group_id=made.id)
    await keeper("delete_group", gone)
    assert await refusal(keeper.members(made.id)) == (Code.NOT_FOUND, "GROUP_NOT_FOUND")


def role_on(
    organization: object, group: str, role: pb.ResourceRole, **other: Any
) -> pb.CreateRoleAssignmentRequest:
    return pb.CreateRoleAssignmentRequest(
        **{
            "group_id": group,
            "resource_type": event_pb.ResourceType.ORGANIZATION,
            "resource_id": str(organization),
            "resource_role": role,
            **other,
        }
    )


async def test_a_role_of_a_group_is_in_force_until_it_is_taken(
    keeper: Keeper, member: Clients, acme: Founded, acme_member: Access
) -> None:
    org, role = acme.organization.id, pb.ResourceRole.ORG_AUDIT_LOG_READER
    made, other = await keeper.create("Auditors"), await keeper.create("Others")
    await keeper.add(made.id, acme_member.user.id)
    asked = event_pb.ListAuditLogsRequest()
    assert (await refusal(member("list_audit_logs", asked)))[0] is Code.PERMISSION_DENIED
    given = (await keeper("create_role_assignment", role_on(org, made.id, role))).assignment
    assert given == pb.RoleAssignment(
        id=given.id,
        group_id=made.id,
        organization_id=str(org),
        resource_id=str(org),
        resource_type=event_pb.ResourceType.ORGANIZATION,
        resource_role=role,
    )
    await member("list_audit_logs", asked)
    again = refusal(keeper("create_role_assignment", role_on(org, made.id, role)))
    assert (await again)[0] is Code.ALREADY_EXISTS

    async def listed(**narrowed: Any) -> list[str]:
        request = pb.ListRoleAssignmentsRequest(
            filter=pb.ListRoleAssignmentsRequest.Filter(**narrowed)
        )
        return [each.id for each in (await keeper("list_role_assignments", request)).assignments]

    mine, user, theirs = str(org), str(acme_member.user.id), str(uuid4())
    both = [pb.ResourceRole.ORG_ADMIN, role]
    for through in (
        *({}, {"group_id": made.id}, {"user_id": user}, {"resource_id": mine}),
        *({"resource_ids": [mine]}, {"resource_roles": both}),
        {"resource_types": [event_pb.ResourceType.ORGANIZATION]},
    ):
        assert await listed(**through) == [given.id], through
    for held in (
        *({"group_id": other.id}, {"user_id": str(acme.administrator.id)}),
        *({"resource_id": theirs}, {"resource_ids": [theirs]}),
        *({"resource_roles": [pb.ResourceRole.ORG_ADMIN]}, {"resource_roles": [50]}),
        {"resource_types": [event_pb.ResourceType.PROJECT]},
    ):
        assert await listed(**held) == [], held

    taken = pb.DeleteRoleAssignmentRequest(assignment_id=given.id)
    assert (await refusal(Keeper(member, org)("delete_role_assignment", taken)))[0] is (
        Code.PERMISSION_DENIED
    )
    await keeper("delete_role_assignment", taken)
    assert (await refusal(member("list_audit_logs", asked)))[0] is Code.PERMISSION_DENIED
    assert (await refusal(keeper("delete_role_assignment", taken)))[0] is Code.NOT_FOUND


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"resource_type": event_pb.ResourceType.PROJECT}, "resource_type"),
        ({"resource_type": event_pb.ResourceType.UNSPECIFIED}, "resource_type"),
        ({"resource_role": pb.ResourceRole.PROJECT_ADMIN}, "resource_role"),
        ({"resource_role": pb.ResourceRole.UNSPECIFIED}, "resource_role"),
    ],
)
async def test_a_role_that_is_none_here_is_refused_by_name(
    keeper: Keeper, acme: Founded, wrong: dict[str, Any], field: str
) -> None:
    made = await keeper.create("Auditors")
    asked = role_on(acme.organization.id, made.id, pb.ResourceRole.ORG_MEMBER, **wrong)
    with pytest.raises(ConnectError) as caught:
        await keeper("create_role_assignment", asked)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert field in str(caught.value)


async def test_a_role_is_of_a_group_and_on_the_callers_organization_alone(
    keeper: Keeper, admin: Clients, acme: Founded, acme_member: Access
) -> None:
    org, role = acme.organization.id, pb.ResourceRole.ORG_MEMBER
    made = await keeper.create("Everybody")
    for asked in (role_on(uuid4(), made.id, role), role_on(org, str(uuid4()), role)):
        assert (await refusal(keeper("create_role_assignment", asked)))[0] is Code.NOT_FOUND
    for field in ("group_id", "user_id", "resource_id"):
        narrowed = pb.ListRoleAssignmentsRequest.Filter(**{field: "none"})
        with pytest.raises(ConnectError) as caught:
            await keeper("list_role_assignments", pb.ListRoleAssignmentsRequest(filter=narrowed))
        assert caught.value.code is Code.INVALID_ARGUMENT
        assert f"filter.{field}" in str(caught.value)
    own = await admin.role.assign_role(
        role_pb.AssignRoleRequest(
            principal=role_pb.RolePrincipal.USER,
            principal_id=str(acme_member.user.id),
            role=role_pb.Role.AUDIT_LOG_READER,
        ),
        headers=admin.headers,
    )
    listed = await keeper("list_role_assignments", pb.ListRoleAssignmentsRequest())
    assert list(listed.assignments) == []
    taken = pb.DeleteRoleAssignmentRequest(assignment_id=own.assigned_role.id)
    assert (await refusal(keeper("delete_role_assignment", taken)))[0] is Code.NOT_FOUND
