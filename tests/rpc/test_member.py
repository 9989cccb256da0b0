from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import member_pb as pb
from orgplane_api.gitpod.v1 import organization_pb
from orgplane_api.gitpod.v1.count_pb import CountRequest, CountResponse, CountResponseRelation
from orgplane_api.gitpod.v1.login_provider_pb import LoginProviderKind
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest, SortOrder
from orgplane_api.gitpod.v1.user_pb import (
    GetUserRequest,
    SetSuspendedRequest,
    User,
    UserStatus,
)
from orgplane_server.domain import user
from orgplane_server.domain.user import Role
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from people import Access, add_user
from provisioning import administration
from pyqwest import Client
from rpc_clients import Clients, ClientsFor, reason
from scim_client import Scim

Filter = pb.ListMembersRequest.Filter
Sort = pb.ListMembersRequest.Sort
SortField = pb.ListMembersRequest.SortField


async def list_members(clients: Clients, owner: Founded, **fields: Any) -> pb.ListMembersResponse:
    request = pb.ListMembersRequest(organization_id=str(owner.organization.id), **fields)
    response: pb.ListMembersResponse = await clients("list_members", request)
    return response


async def names(clients: Clients, owner: Founded, **fields: Any) -> list[str]:
    return [m.full_name for m in (await list_members(clients, owner, **fields)).members]


async def filtered(clients: Clients, owner: Founded, **parts: Any) -> list[str]:
    return await names(clients, owner, filter=Filter(**parts))


async def pages(
    clients: Clients, owner: Founded, size: int, **fields: Any
) -> Sequence[Sequence[str]]:
    found, token = [], ""
    while True:
        response = await list_members(
            clients, owner, pagination=PaginationRequest(page_size=size, token=token), **fields
        )
        found.append([m.full_name for m in response.members])
        assert response.pagination is not None
        token = response.pagination.next_token
        if not token:
            return found


@dataclass(frozen=True)
class People:
    ada: user.User
    zoe: Access
    bob: Access
    old: Access


@pytest.fixture
async def people(
    database: Database, acme: Founded, globex: Founded, clock: SettableClock
) -> People:
    """Ada, who founded Acme, and three more, each a day after the one before."""

    async def add(name: str, email: str, **other: Any) -> Access:
        clock.advance(days=1)
        return await add_user(database, acme, clock.now, name=name, email=email, **other)

    return People(
        acme.administrator,
        await add("zoë Ångström", "Zoe@acme.example"),
        await add("Bob 50%_off", "bob@other.example", status=user.UserStatus.SUSPENDED),
        await add("Old Hand", "old@acme.example", status=user.UserStatus.LEFT),
    )


async def test_members_see_each_other_and_nobody_else(
    admin: Clients, clients_for: ClientsFor, people: People, acme: Founded
) -> None:
    joined = Sort(field=SortField.DATE_JOINED)
    response = await list_members(admin, acme, sort=joined)
    zoe_sees = await list_members(clients_for(people.zoe.token.reveal()), acme, sort=joined)
    assert zoe_sees == response
    ada, zoe, bob = response.members
    assert (ada.full_name, ada.role, ada.status, ada.email, ada.user_id) == (
        "Ada",
        pb.OrganizationRole.ADMIN,
        UserStatus.ACTIVE,
        "ada@acme.example",
        str(people.ada.id),
    )
    assert (zoe.full_name, zoe.role, zoe.email) == (
        "zoë Ångström",
        pb.OrganizationRole.MEMBER,
        "Zoe@acme.example",
    )
    assert zoe.member_since is not None
    assert zoe.member_since.to_datetime() == people.zoe.user.created_at
    assert (bob.full_name, bob.status) == ("Bob 50%_off", UserStatus.SUSPENDED)
    assert {m.login_provider for m in response.members} == {"none"}
    assert response.count is None
    assert response.pagination is not None
    assert response.pagination.next_token == ""


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ({}, ["Ada", "Bob", "zoë"]),
        ({"search": "ZOË å"}, ["zoë"]),
        ({"search": "zoe@"}, ["zoë"]),
        ({"search": "acme"}, ["Ada", "zoë"]),
        ({"search": "zoe\u0308"}, ["zoë"]),
        ({"search": "%"}, ["Bob"]),
        ({"search": "0%_O"}, ["Bob"]),
        ({"search": "_"}, ["Bob"]),
        ({"search": "/"}, []),
        ({"search": "nobody"}, []),
        ({"statuses": [UserStatus.SUSPENDED]}, ["Bob"]),
        ({"statuses": [UserStatus.LEFT]}, ["Old"]),
        ({"statuses": [UserStatus.LEFT, UserStatus.ACTIVE]}, ["Ada", "Old", "zoë"]),
        ({"roles": [pb.OrganizationRole.ADMIN]}, ["Ada"]),
        ({"roles": [pb.OrganizationRole.MEMBER]}, ["Bob", "zoë"]),
        ({"roles": [pb.OrganizationRole.MEMBER], "search": "acme"}, ["zoë"]),
        ({"email": "zoe@ACME.example"}, ["zoë"]),
        ({"email": "zoe@acme"}, []),
        ({"login_provider": LoginProviderKind.SSO}, []),
        ({"login_provider": LoginProviderKind.GITHUB}, []),
    ],
)
async def test_a_filter_lets_through_whoever_meets_all_of_it(
    admin: Clients, people: People, acme: Founded, parts: dict[str, Any], wanted: list[str]
) -> None:
    assert [name.split()[0] for name in await filtered(admin, acme, **parts)] == wanted


async def test_users_are_asked_for_by_id_and_strangers_never_found(
    admin: Clients, people: People, acme: Founded, globex: Founded
) -> None:
    ids = [people.bob.user.id, people.zoe.user.id, globex.administrator.id, uuid4()]
    found = await filtered(admin, acme, user_ids=[str(id) for id in ids])
    assert [name.split()[0] for name in found] == ["Bob", "zoë"]


@pytest.mark.parametrize("sort", [None, Sort()])
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_without_an_order_the_caller_comes_first_then_the_others_by_name(
    admin: Clients,
    clients_for: ClientsFor,
    people: People,
    acme: Founded,
    sort: Sort | None,
    size: int,
) -> None:
    zoe = clients_for(people.zoe.token.reveal())
    for caller, wanted in ((admin, ["Ada", "Bob", "zoë"]), (zoe, ["zoë", "Ada", "Bob"])):
        found = await pages(caller, acme, size, sort=sort)
        assert [name.split()[0] for page in found for name in page] == wanted
        assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
    assert await pages(zoe, acme, size, sort=sort, filter=Filter(search="ada")) == [["Ada"]]


async def test_who_comes_or_goes_between_two_pages_moves_nobody_else(
    database: Database,
    clients_for: ClientsFor,
    admin: Clients,
    people: People,
    acme: Founded,
    clock: SettableClock,
) -> None:
    zoe = clients_for(people.zoe.token.reveal())
    present = Filter(statuses=[UserStatus.ACTIVE])
    await add_user(database, acme, clock.now, name="Carl", email="carl@acme.example")
    dora = await add_user(database, acme, clock.now, name="Dora", email="dora@acme.example")
    seen, token = [], ""
    for number in range(4):
        page = PaginationRequest(page_size=1, token=token)
        response = await list_members(zoe, acme, filter=present, pagination=page)
        seen += [m.full_name for m in response.members]
        assert response.pagination is not None
        token = response.pagination.next_token
        match number:
            case 0:  # she has seen nobody but herself
                name = {"name": "Aaron", "email": "aaron@acme.example"}
                await add_user(database, acme, clock.now, **name)
            case 1:
                await set_suspended(admin, dora.user.id, True)
                await add_user(database, acme, clock.now, name="A", email="too-late@acme.example")
    assert seen == ["zoë Ångström", "Aaron", "Ada", "Carl"]
    assert token == ""


@pytest.mark.parametrize(
    ("field", "order", "wanted"),
    [
        (SortField.UNSPECIFIED, SortOrder.ASC, ["Ada", "zoë", "Bob"]),
        (SortField.UNSPECIFIED, SortOrder.DESC, ["Bob", "zoë", "Ada"]),
        (SortField.DATE_JOINED, SortOrder.ASC, ["Ada", "zoë", "Bob"]),
        (SortField.DATE_JOINED, SortOrder.DESC, ["Bob", "zoë", "Ada"]),
        (SortField.NAME, SortOrder.UNSPECIFIED, ["Ada", "Bob", "zoë"]),
        (SortField.NAME, SortOrder.DESC, ["zoë", "Bob", "Ada"]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_every_order_is_paged_without_gap_or_repetition(
    admin: Clients,
    people: People,
    acme: Founded,
    size: int,
    field: SortField,
    order: SortOrder,
    wanted: list[str],
) -> None:
    found = await pages(admin, acme, size, sort=Sort(field=field, order=order))
    assert [name.split()[0] for page in found for name in page] == wanted
    assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)


async def test_members_of_one_name_or_one_moment_are_all_on_some_page(
    database: Database, admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    for number in range(5):
        await add_user(database, acme, clock.now, name="Sam", email=f"{number}@acme.example")
    for field in (SortField.NAME, SortField.DATE_JOINED):
        for order in (SortOrder.ASC, SortOrder.DESC):
            seen, token = [], ""
            while not seen or token:
                response = await list_members(
                    admin,
                    acme,
                    sort=Sort(field=field, order=order),
                    pagination=PaginationRequest(page_size=2, token=token),
                )
                seen += [m.email for m in response.members]
                assert response.pagination is not None
                token = response.pagination.next_token
            assert len(seen) == len(set(seen)) == 6


async def test_the_count_is_of_all_that_the_filter_lets_through(
    admin: Clients, people: People, acme: Founded
) -> None:
    asked = {"count": CountRequest(include=True), "pagination": PaginationRequest(page_size=1)}
    response = await list_members(admin, acme, **asked)
    assert len(response.members) == 1
    assert response.count == CountResponse(value=3, relation=CountResponseRelation.EQ)
    narrowed = await list_members(admin, acme, filter=Filter(search="bob"), **asked)
    assert narrowed.count == CountResponse(value=1, relation=CountResponseRelation.EQ)
    silent = await list_members(admin, acme, count=CountRequest())
    assert silent.count is None


async def test_a_token_is_good_for_its_list_only(
    admin: Clients, clients_for: ClientsFor, people: People, acme: Founded
) -> None:
    first = await list_members(admin, acme, pagination=PaginationRequest(page_size=1))
    assert first.pagination is not None
    page = PaginationRequest(page_size=1, token=first.pagination.next_token)
    others: list[dict[str, Any]] = [
        {"sort": Sort(field=SortField.NAME)},
        {"sort": Sort(field=SortField.DATE_JOINED)},
        {"sort": Sort(order=SortOrder.DESC)},
        {"filter": Filter(search="a")},
        {"filter": Filter(roles=[pb.OrganizationRole.MEMBER])},
    ]
    for fields in others:
        with pytest.raises(ConnectError) as caught:
            await list_members(admin, acme, pagination=page, **fields)
        assert reason(caught.value) == "INVALID_PAGE_TOKEN"
    with pytest.raises(ConnectError) as caught:  # hers begins with her
        await list_members(clients_for(people.zoe.token.reveal()), acme, pagination=page)
    assert reason(caught.value) == "INVALID_PAGE_TOKEN"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"filter": Filter(statuses=[UserStatus.UNSPECIFIED])}, "filter.statuses[0]"),
        ({"filter": Filter(roles=[pb.OrganizationRole.ADMIN, 0])}, "filter.roles[1]"),
        ({"filter": Filter(search="x" * 257)}, "filter.search"),
        ({"filter": Filter(email="x" * 321)}, "filter.email"),
        ({"filter": Filter(user_ids=["x"])}, "filter.user_ids[0]"),
        ({"filter": Filter(search="a\0b")}, "filter.search"),
        ({"filter": Filter(email="a\0b")}, "filter.email"),
        (
            {"filter": Filter(exclude_members_in_any_team=True)},
            "filter.exclude_members_in_any_team",
        ),
    ],
)
async def test_what_no_member_can_meet_is_refused_by_name(
    admin: Clients, acme: Founded, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(ConnectError) as caught:
        await list_members(admin, acme, **fields)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"filter": Filter(roles=[99])}, "filter.roles[0]"),
        ({"filter": Filter(statuses=[99])}, "filter.statuses[0]"),
        ({"filter": Filter(login_provider=99)}, "filter.login_provider"),
        ({"sort": Sort(field=9)}, "sort.field"),
        ({"sort": Sort(order=9)}, "sort.order"),
    ],
)
async def test_values_that_the_contract_does_not_define_are_refused(
    admin: Clients, protocol: dict[str, Any], acme: Founded, fields: dict[str, Any], field: str
) -> None:
    if "codec" in protocol:
        field = field.replace("login_provider", "loginProvider")  # as the caller wrote it
    with pytest.raises(ConnectError) as caught:
        await list_members(admin, acme, **fields)
    assert caught.value.message.startswith(f"{field}: ")


async def test_another_organization_is_not_found(
    admin: Clients, acme: Founded, globex: Founded
) -> None:
    with pytest.raises(ConnectError) as caught:
        await list_members(admin, globex)
    assert reason(caught.value) == "ORGANIZATION_NOT_FOUND"
    for call in (
        set_role(admin, globex, globex.administrator.id, pb.OrganizationRole.MEMBER),
        set_role(admin, acme, globex.administrator.id, pb.OrganizationRole.MEMBER),
        set_suspended(admin, globex.administrator.id, True),
        get_user(admin, globex.administrator.id),
    ):
        with pytest.raises(ConnectError) as caught:
            await call
        assert caught.value.code is Code.NOT_FOUND


async def get_user(clients: Clients, id: object) -> User:
    response = await clients("get_user", GetUserRequest(user_id=str(id)))
    found: User = response.user
    return found


async def set_role(clients: Clients, owner: Founded, id: object, role: int) -> None:
    await clients(
        "set_role",
        pb.SetRoleRequest(
            organization_id=str(owner.organization.id),
            user_id=str(id),
            role=role,  # type: ignore[arg-type]
        ),
    )


async def set_suspended(clients: Clients, id: object, suspended: bool) -> None:
    await clients("set_suspended", SetSuspendedRequest(user_id=str(id), suspended=suspended))


async def test_everybody_looks_up_everybody_also_who_left(
    clients_for: ClientsFor, people: People
) -> None:
    zoe = clients_for(people.zoe.token.reveal())
    found = await get_user(zoe, people.old.user.id)
    assert (found.name, found.status) == ("Old Hand", UserStatus.LEFT)
    assert (await get_user(zoe, people.ada.id)).email == "ada@acme.example"


async def test_an_administrator_promotes_and_demotes(
    admin: Clients, clients_for: ClientsFor, people: People, acme: Founded
) -> None:
    zoe = clients_for(people.zoe.token.reveal())
    rename = organization_pb.UpdateOrganizationRequest(
        organization_id=str(acme.organization.id), name="Acme 2"
    )
    await set_role(admin, acme, people.zoe.user.id, pb.OrganizationRole.ADMIN)
    await zoe("update_organization", rename)
    await set_role(zoe, acme, people.ada.id, pb.OrganizationRole.MEMBER)
    with pytest.raises(ConnectError) as caught:
        await admin("update_organization", rename)
    assert caught.value.code is Code.PERMISSION_DENIED


async def test_a_role_must_be_one(admin: Clients, people: People, acme: Founded) -> None:
    for role in (0, 7):
        with pytest.raises(ConnectError) as caught:
            await set_role(admin, acme, people.zoe.user.id, role)
        assert caught.value.code is Code.INVALID_ARGUMENT
        assert caught.value.message.startswith("role: ")


async def test_a_suspended_members_tokens_are_refused_until_they_are_back(
    admin: Clients, clients_for: ClientsFor, people: People, acme: Founded
) -> None:
    zoe = clients_for(people.zoe.token.reveal())
    await set_suspended(admin, people.zoe.user.id, True)
    with pytest.raises(ConnectError) as caught:
        await list_members(zoe, acme)
    assert reason(caught.value) == "USER_SUSPENDED"
    assert (await get_user(admin, people.zoe.user.id)).status == UserStatus.SUSPENDED
    await set_suspended(admin, people.zoe.user.id, False)
    assert await names(zoe, acme)


async def test_the_last_active_administrator_stays(
    database: Database, admin: Clients, people: People, acme: Founded, clock: SettableClock
) -> None:
    away = await add_user(
        database, acme, clock.now, role=Role.ADMIN, status=user.UserStatus.SUSPENDED
    )
    for change in (
        set_role(admin, acme, people.ada.id, pb.OrganizationRole.MEMBER),
        set_suspended(admin, people.ada.id, True),
    ):
        with pytest.raises(ConnectError) as caught:
            await change
        assert caught.value.code is Code.PERMISSION_DENIED
        assert reason(caught.value) == "LAST_ADMINISTRATOR"
    await set_suspended(admin, away.user.id, False)
    await set_suspended(admin, people.ada.id, True)
    with pytest.raises(ConnectError) as caught:
        await get_user(admin, people.ada.id)
    assert reason(caught.value) == "USER_SUSPENDED"


async def test_nothing_about_who_left_changes(
    admin: Clients, people: People, acme: Founded
) -> None:
    for change in (
        set_role(admin, acme, people.old.user.id, pb.OrganizationRole.ADMIN),
        set_suspended(admin, people.old.user.id, False),
    ):
        with pytest.raises(ConnectError) as caught:
            await change
        assert reason(caught.value) == "USER_LEFT"


async def test_the_time_of_joining_pages_to_the_microsecond(
    database: Database, admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    for number in range(4):
        at = clock.now + timedelta(microseconds=number + 1)
        await add_user(database, acme, at, name=str(number), email=f"{number}@acme.example")
    joined = Sort(field=SortField.DATE_JOINED)
    assert await pages(admin, acme, 1, sort=joined) == [["Ada"], ["0"], ["1"], ["2"], ["3"]]


async def test_members_that_a_provider_provisioned_say_so_and_groups_leave_them_out(
    database: Database, http: Client, admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    _, token = await administration(database, clock, acme).create()
    scim = Scim(http, token)
    eve = await scim.create_user("eve@acme.example", displayName="Eve")
    await scim.create_user("dan@acme.example", displayName="Dan", active=False)
    team = await scim.create_group("Engineers", eve)
    response = await list_members(admin, acme, sort=Sort(field=SortField.NAME))
    assert [(m.full_name, m.login_provider, m.status) for m in response.members] == [
        ("Ada", "none", UserStatus.ACTIVE),
        ("Dan", "sso", UserStatus.SUSPENDED),
        ("Eve", "sso", UserStatus.ACTIVE),
    ]
    assert await filtered(admin, acme, login_provider=LoginProviderKind.SSO) == ["Dan", "Eve"]
    outside = {"exclude_group_ids": [team["id"], str(uuid4())]}
    assert await filtered(admin, acme, **outside) == ["Ada", "Dan"]
    await scim("DELETE", f"/Users/{eve['id']}")
    assert await filtered(admin, acme, **outside) == ["Ada", "Dan"]
    assert await filtered(admin, acme, statuses=[UserStatus.LEFT]) == ["Eve"]


async def test_what_an_administrator_says_and_what_a_provider_says_are_two_things(
    database: Database, http: Client, admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    configuration, token = await administration(database, clock, acme).create()
    scim = Scim(http, token)
    eve = await scim.create_user("eve@acme.example")

    async def active() -> tuple[bool, UserStatus]:
        seen = (await scim("GET", f"/Users/{eve['id']}")).json
        assert await scim.found(f"active eq {str(seen['active']).lower()}") == ["eve@acme.example"]
        return seen["active"], (await get_user(admin, eve["id"])).status

    async def provider(wants: bool) -> None:
        operation = {"op": "replace", "path": "active", "value": wants}
        assert (await scim.patch(f"/Users/{eve['id']}", operation)).status == 200

    await set_suspended(admin, eve["id"], True)
    assert await active() == (True, UserStatus.SUSPENDED)
    await provider(True)
    assert await active() == (True, UserStatus.SUSPENDED)
    await set_suspended(admin, eve["id"], False)
    assert await active() == (True, UserStatus.ACTIVE)
    await provider(False)
    assert await active() == (False, UserStatus.SUSPENDED)
    with pytest.raises(ConnectError) as caught:
        await set_suspended(admin, eve["id"], False)
    assert caught.value.code is Code.FAILED_PRECONDITION
    assert reason(caught.value) == "SUSPENDED_BY_PROVIDER"
    assert str(configuration.id) in caught.value.message
    assert await active() == (False, UserStatus.SUSPENDED)
    await provider(True)
    assert await active() == (True, UserStatus.ACTIVE)
