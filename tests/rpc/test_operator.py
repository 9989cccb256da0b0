"""Whoever runs the server acts on organizations, from outside; a suspended one does nothing but show itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from mailbox import Mailbox
from typing import Any
from uuid import UUID, uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from operating import Operator, OperatorFor
from orgplane_api.gitpod.v1 import event_pb as audit_pb
from orgplane_api.gitpod.v1 import joining_pb
from orgplane_api.gitpod.v1 import organization_invite_pb as invite_pb
from orgplane_api.gitpod.v1 import organization_pb as org_pb
from orgplane_api.gitpod.v1.count_pb import CountResponse, CountResponseRelation
from orgplane_api.gitpod.v1.identity_pb import GetAuthenticatedIdentityRequest
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import event_pb
from orgplane_api.orgplane.v1 import operator_pb as pb
from orgplane_api.orgplane.v1.joining_pb import RedeemInviteRequest
from orgplane_server.domain.audit import ActorKind, AuditFilter, Subject
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.user import Role
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.deletion import Sweeper
from orgplane_server.usecases.operator import Operations
from orgplane_server.usecases.operator_token import OperatorTokens
from orgplane_server.usecases.organization import Founded
from people import Access, add_service_account, add_user
from protobuf import Oneof
from provisioning import administration
from pyqwest import Client
from rpc_clients import Clients, ClientsFor, reason
from scim_client import Scim, user

SUSPENDED = (Code.FAILED_PRECONDITION, "ORGANIZATION_SUSPENDED")


async def outcome(call: Any) -> tuple[Code, str] | None:
    try:
        await call
    except ConnectError as error:
        return error.code, reason(error)
    return None


async def test_they_see_every_organization_and_how_much_it_is_used(
    operator: Operator,
    acme: Founded,
    globex: Founded,
    acme_member: Access,
    database: Database,
    clock: SettableClock,
) -> None:
    await administration(database, clock, acme).create()
    first = await operator("list_organizations", pagination=PaginationRequest(page_size=1))
    token = first.pagination.next_token
    rest = await operator("list_organizations", pagination=PaginationRequest(token=token))
    assert rest.pagination.next_token == ""
    listed = [*first.organizations, *rest.organizations]
    assert [each.name for each in listed] == ["Acme", "Globex"]
    seen = listed[0]
    assert seen.state == pb.OrganizationState.ACTIVE
    assert seen.suspended_at is None
    assert seen.usage.members == CountResponse(value=2, relation=CountResponseRelation.EQ)
    assert (seen.usage.scim_configurations, seen.usage.sso_configurations) == (1, 0)
    assert seen.usage.changed_at.to_datetime() == clock.now
    got = await operator("get_organization", organization_id=str(acme.organization.id))
    assert got.organization == seen
    answer = await outcome(operator("get_organization", organization_id=str(uuid4())))
    assert answer == (Code.NOT_FOUND, "ORGANIZATION_NOT_FOUND")


async def test_a_suspended_organization_shows_itself_and_nothing_else_until_it_is_resumed(
    operator: Operator,
    admin: Clients,
    stranger: Clients,
    acme: Founded,
    database: Database,
    clients_for: ClientsFor,
    clock: SettableClock,
) -> None:
    machine = clients_for((await add_service_account(database, acme, clock.now)).token.reveal())
    who = GetAuthenticatedIdentityRequest()
    for clients in (admin, machine, stranger):
        await clients("get_authenticated_identity", who)  # so that each is presumed to be good
    clock.advance(seconds=1)
    suspended = await operator.suspend(acme)
    assert suspended.state == pb.OrganizationState.SUSPENDED
    assert suspended.suspended_at.to_datetime() == clock.now
    assert await outcome(admin("get_authenticated_identity", who)) == SUSPENDED
    assert await outcome(machine("get_authenticated_identity", who)) == SUSPENDED
    await stranger("get_authenticated_identity", who)
    itself = org_pb.GetOrganizationRequest(organization_id=str(acme.organization.id))
    for clients in (admin, machine):
        assert (await clients("get_organization", itself)).organization.name == "Acme"
    clock.advance(seconds=1)
    assert await operator.suspend(acme) == suspended, "it is so already"
    resumed = await operator.resume(acme)
    assert (resumed.state, resumed.suspended_at) == (pb.OrganizationState.ACTIVE, None)
    for clients in (admin, machine):
        await clients("get_authenticated_identity", who)


@pytest.mark.parametrize("protocol", ["connect-proto"], indirect=True)
async def test_open_streams_of_a_suspended_organization_end(
    operator: Operator, admin: Clients, acme: Founded
) -> None:
    stream = admin.event.watch_events(event_pb.WatchEventsRequest(), headers=admin.headers)
    await anext(stream)  # that it is heard
    await operator.suspend(acme)
    with pytest.raises(ConnectError) as refused:
        async for _ in stream:
            pass
    assert (refused.value.code, reason(refused.value)) == SUSPENDED


@pytest.mark.parametrize("protocol", ["connect-proto"], indirect=True)
async def test_identity_providers_of_a_suspended_organization_are_to_try_again_in_an_hour(
    operator: Operator, acme: Founded, database: Database, clock: SettableClock, http: Client
) -> None:
    _, token = await administration(database, clock, acme).create()
    scim = Scim(http, token)
    made = await scim("POST", "/Users", user("cid@acme.example"))
    await operator.suspend(acme)
    for call in (
        scim("GET", "/Users"),
        scim("POST", "/Users", user("bob@acme.example")),
        scim("DELETE", f"/Users/{made.json['id']}"),
    ):
        answer = await call
        assert (answer.status, answer.headers["retry-after"]) == (429, "3600")
        assert "suspended" in answer.detail
    await operator.resume(acme)
    assert (await scim("GET", "/Users")).json["totalResults"] == 1


async def test_the_audit_log_says_that_the_operator_did_it_and_with_which_token(
    operator: Operator, acme: Founded, database: Database, clock: SettableClock
) -> None:
    await operator.suspend(acme)
    (token,) = await OperatorTokens(database, clock).list()
    (event,) = await database.read(
        lambda connection: audit.page(
            connection,
            acme.organization.id,
            AuditFilter(actor_kinds=frozenset({ActorKind.OPERATOR})),
            None,
            10,
            newest_first=True,
        )
    )
    assert (event.subject, event.subject_id) == (Subject.ORGANIZATION, acme.organization.id)
    assert (event.actor_id, event.actor_token_id) == (None, token.id)
    assert event.changes["suspended_at"].after is not None


@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_a_read_only_token_only_reads_and_a_revoked_one_does_nothing(
    operator_for: OperatorFor, acme: Founded, database: Database, clock: SettableClock
) -> None:
    tokens = OperatorTokens(database, clock)
    minted = await tokens.create("reports", read_only=True)
    reads = operator_for(minted.token.reveal())
    await reads("list_organizations")
    found = reads("create_organization", name="X", admin_email="x@x.example")
    assert await outcome(found) == (Code.PERMISSION_DENIED, "TOKEN_READ_ONLY")
    for change in (reads.suspend, reads.resume):
        assert await outcome(change(acme)) == (Code.PERMISSION_DENIED, "TOKEN_READ_ONLY")
    await tokens.revoke(minted.kept.id)
    answer = await outcome(reads("list_organizations"))
    assert answer == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")


async def test_a_suspended_organizations_read_only_members_are_no_exception(
    operator: Operator,
    acme: Founded,
    database: Database,
    clients_for: ClientsFor,
    clock: SettableClock,
) -> None:
    access = await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
    await operator.suspend(acme)
    clients = clients_for(access.token.reveal())
    answer = await outcome(clients("get_authenticated_identity", GetAuthenticatedIdentityRequest()))
    assert answer == SUSPENDED


async def test_nobody_joins_a_suspended_organization_nor_is_shown_where_an_invite_leads(
    operator: Operator,
    admin: Clients,
    stranger: Clients,
    clients_for: ClientsFor,
    acme: Founded,
    mailbox: Mailbox,
) -> None:
    invite = invite_pb.CreateOrganizationInviteRequest(organization_id=str(acme.organization.id))
    made = (await admin("create_organization_invite", invite)).invite.invite_id
    redeem = RedeemInviteRequest(invite_id=made, name="Eve", email="eve@acme.example")
    nobody = clients_for("")
    await nobody("redeem_invite", redeem)
    redeem.code = mailbox.code("eve@acme.example")
    summary = invite_pb.GetOrganizationInviteSummaryRequest(invite_id=made)
    join = joining_pb.JoinOrganizationRequest(join_id=Oneof(field="invite_id", value=made))
    await operator.suspend(acme)
    again = RedeemInviteRequest(invite_id=made, name="Bob", email="bob@acme.example")
    for clients, rpc, request in (
        (nobody, "redeem_invite", redeem),
        (nobody, "redeem_invite", again),
        (nobody, "get_organization_invite_summary", summary),
        (stranger, "join_organization", join),
    ):
        assert await outcome(clients(rpc, request)) == SUSPENDED, rpc
    await operator.resume(acme)
    found = await nobody("get_organization_invite_summary", summary)
    assert found.organization_name == "Acme"
    assert (await nobody("redeem_invite", redeem)).outcome.field == "joined"


async def test_a_new_organization_has_an_administrator_whom_the_machine_lets_in(
    operator: Operator, clients_for: ClientsFor, database: Database, clock: SettableClock
) -> None:
    made = await operator("create_organization", name="Initech", admin_email="ada@initech.example")
    id = OrganizationId(UUID(made.organization.id))
    assert made.organization.usage.members.value == 1
    operations = Operations(database, clock)
    (overview,) = [each for each in await operations.organizations() if each.organization.id == id]
    assert overview.acting == [], "no credential was made"
    let_in = await operations.create_token(id, "ada@initech.example")
    ada = clients_for(let_in.token.reveal())
    itself = org_pb.GetOrganizationRequest(organization_id=str(id))
    assert (await ada("get_organization", itself)).organization.name == "Initech"
    answer = await outcome(operator("create_organization", name="X", admin_email="no address"))
    assert answer == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_a_deletion_waits_seven_days_in_which_it_can_be_taken_back(
    operator: Operator, admin: Clients, acme: Founded, database: Database, clock: SettableClock
) -> None:
    this, sweeper = {"organization_id": str(acme.organization.id)}, Sweeper(database, clock)
    who = GetAuthenticatedIdentityRequest()
    left = (await operator("delete_organization", **this)).organization
    assert left.state == pb.OrganizationState.DELETING
    assert left.deletes_at.to_datetime() == clock.now + timedelta(days=7)
    assert await outcome(admin("get_authenticated_identity", who)) == SUSPENDED
    assert (await operator.resume(acme)).state == pb.OrganizationState.ACTIVE
    clock.advance(days=8)
    await sweeper.sweep()
    await admin("get_authenticated_identity", who)
    await operator("delete_organization", **this)
    clock.advance(days=6)
    await sweeper.sweep()
    assert (await operator("get_organization", **this)).organization.name == "Acme"
    clock.advance(days=1)
    await sweeper.sweep()
    gone = (Code.NOT_FOUND, "ORGANIZATION_NOT_FOUND")
    assert await outcome(operator("get_organization", **this)) == gone
    answer = await outcome(admin("get_authenticated_identity", who))
    assert answer == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")


async def test_one_is_deleted_at_once_if_it_is_said_so(
    operator: Operator, stranger: Clients, globex: Founded, acme: Founded
) -> None:
    this = {"organization_id": str(globex.organization.id)}
    assert (await operator("delete_organization", **this, now=True)).organization is None
    answer = await outcome(
        stranger("get_authenticated_identity", GetAuthenticatedIdentityRequest())
    )
    assert answer == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
    assert [each.name for each in (await operator("list_organizations")).organizations] == ["Acme"]


Operation, Type = audit_pb.ResourceOperation, audit_pb.ResourceType


async def listed(operator: Operator, **fields: Any) -> pb.ListAllEventsResponse:
    response: pb.ListAllEventsResponse = await operator("list_all_events", **fields)
    return response


def owners(events: Iterable[event_pb.Event]) -> list[str]:
    return [each.organization_id for each in events]


async def rename(clients: Clients, owner: Founded, name: str) -> None:
    id = str(owner.organization.id)
    await clients(
        "update_organization", org_pb.UpdateOrganizationRequest(organization_id=id, name=name)
    )


async def told(
    stream: AsyncIterator[pb.WatchAllEventsResponse], count: int
) -> list[event_pb.Event]:
    """The next events, past heartbeats."""
    events: list[event_pb.Event] = []
    async with asyncio.timeout(60):
        while len(events) < count:
            response = (await anext(stream)).response
            assert response is not None
            if isinstance(response.value, event_pb.Event):
                events.append(response.value)
    return events


async def test_one_list_has_what_happens_in_all_organizations_each_by_its_id(
    operator: Operator, admin: Clients, stranger: Clients, acme: Founded, globex: Founded
) -> None:
    begin = (await listed(operator, newest_first=True, page_size=1)).events[0].cursor
    first, second = (str(each.organization.id) for each in (acme, globex))
    await rename(admin, acme, "A")
    await rename(stranger, globex, "G")
    await operator.suspend(acme)
    found = await listed(operator, cursor=begin, page_size=2)
    assert (owners(found.events), found.more) == ([first, second], True)
    rest = await listed(operator, cursor=found.events[-1].cursor)
    assert (owners(rest.events), rest.more) == ([first], False), "suspended, and told of"
    back = await listed(operator, newest_first=True, page_size=3)
    assert [each.id for each in back.events] == [
        each.id for each in reversed([*found.events, *rest.events])
    ]
    of_one = await listed(operator, cursor=begin, organization_id=second)
    assert owners(of_one.events) == [second]
    narrowed = event_pb.EventFilter(resource_ids=[first])
    assert owners((await listed(operator, cursor=begin, filter=narrowed)).events) == [first] * 2
    (mine,) = (
        await stranger("list_events", event_pb.ListEventsRequest(page_size=1, newest_first=True))
    ).events
    assert mine.id == of_one.events[0].id
    for other in (listed(operator, cursor=mine.cursor), listed(operator, cursor="x")):
        assert await outcome(other) == (Code.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
    none = await listed(operator, cursor=begin, organization_id=str(uuid4()))
    assert (none.events, none.more) == ([], False)


async def test_an_organization_that_was_deleted_ends_with_the_event_that_says_so(
    operator: Operator, globex: Founded, database: Database, clock: SettableClock
) -> None:
    id = str(globex.organization.id)
    await operator("delete_organization", organization_id=id, now=True)
    await Sweeper(database, clock).sweep()
    (last,) = (await listed(operator, organization_id=id, newest_first=True, page_size=1)).events
    assert (last.operation, last.resource_type) == (Operation.DELETE, Type.ORGANIZATION)
    (token,) = await OperatorTokens(database, clock).list()
    assert last.actor == event_pb.Actor(kind=event_pb.ActorKind.OPERATOR, token_id=str(token.id))


async def test_a_watch_tells_of_all_organizations_and_goes_on_from_a_cursor(
    operator: Operator, admin: Clients, stranger: Clients, acme: Founded, globex: Founded
) -> None:
    first, second = (str(each.organization.id) for each in (acme, globex))
    stream, of_one = operator.watch(), operator.watch(organization_id=second)
    for each in (stream, of_one):
        await anext(each)
    await rename(admin, acme, "A")
    (seen,) = await told(stream, 1)
    await rename(stranger, globex, "G")
    await operator.suspend(acme)
    assert owners([seen, *await told(stream, 2)]) == [first, second, first]
    assert owners(await told(of_one, 1)) == [second]
    again = operator.watch(cursor=seen.cursor)
    assert owners(await told(again, 2)) == [second, first]


@pytest.mark.parametrize("protocol", ["connect-proto"], indirect=True)
async def test_nothing_is_told_with_a_token_that_was_revoked(
    operator_for: OperatorFor,
    admin: Clients,
    acme: Founded,
    database: Database,
    clock: SettableClock,
) -> None:
    tokens = OperatorTokens(database, clock)
    minted = await tokens.create("siem", read_only=True)
    stream = operator_for(minted.token.reveal()).watch()
    await anext(stream)
    await tokens.revoke(minted.kept.id)
    await rename(admin, acme, "A")
    with pytest.raises(ConnectError) as refused:
        await told(stream, 1)
    assert (refused.value.code, reason(refused.value)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
