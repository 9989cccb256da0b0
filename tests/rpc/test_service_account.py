"""Service accounts and their tokens: who makes them, what they may do, and that nothing outlives its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import event_pb as audit_pb
from orgplane_api.gitpod.v1 import identity_pb, member_pb, user_pb
from orgplane_api.gitpod.v1 import organization_pb as org_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as pat_pb
from orgplane_api.gitpod.v1 import service_account_pb as pb
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import event_pb, role_pb
from orgplane_api.orgplane.v1 import service_account_pb as own_pb
from orgplane_server.domain.service_account import KEPT
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.retention import Retention
from people import Access, Machine, add_service_account
from protobuf.wkt import Duration, Timestamp
from rpc_clients import Clients, ClientsFor, reason

YEAR = timedelta(days=365)
Filter = pb.ListServiceAccountsRequest.Filter


def at(moment: datetime) -> Timestamp:
    return Timestamp.from_datetime(moment)


async def create(
    clients: Clients, valid_until: datetime, name: str = "deploy", description: str = ""
) -> pb.ServiceAccount:
    request = pb.CreateServiceAccountRequest(
        name=name, description=description, valid_until=at(valid_until)
    )
    made: pb.ServiceAccount = (await clients("create_service_account", request)).service_account
    return made


async def get(clients: Clients, id: str) -> pb.ServiceAccount:
    request = pb.GetServiceAccountRequest(service_account_id=id)
    found: pb.ServiceAccount = (await clients("get_service_account", request)).service_account
    return found


async def names(clients: Clients, narrowed: Filter | None = None) -> list[str]:
    request = pb.ListServiceAccountsRequest(filter=narrowed)
    answer = await clients("list_service_accounts", request)
    return [each.name for each in answer.service_accounts]


async def access_token(clients: Clients, id: str) -> str:
    request = pb.CreateServiceAccountAccessTokenRequest(service_account_id=id)
    token: str = (await clients("create_service_account_access_token", request)).token
    return token


async def create_token(
    clients: Clients, description: str = "", valid_for: timedelta | None = None
) -> pb.CreateServiceAccountTokenResponse:
    lasting = None if valid_for is None else Duration.from_timedelta(valid_for)
    request = pb.CreateServiceAccountTokenRequest(description=description, valid_for=lasting)
    made: pb.CreateServiceAccountTokenResponse = await clients(
        "create_service_account_token", request
    )
    return made


async def tokens(clients: Clients) -> list[pb.ServiceAccountToken]:
    answer = await clients("list_service_account_tokens", pb.ListServiceAccountTokensRequest())
    found: list[pb.ServiceAccountToken] = answer.tokens
    return found


async def validity(clients: Clients, id: object, **fields: Any) -> pb.ServiceAccount:
    request = own_pb.UpdateServiceAccountValidityRequest(service_account_id=str(id), **fields)
    answer = await clients("update_service_account_validity", request)
    changed: pb.ServiceAccount = answer.service_account
    return changed


async def whoami(clients: Clients) -> identity_pb.Subject:
    answer = await clients(
        "get_authenticated_identity", identity_pb.GetAuthenticatedIdentityRequest()
    )
    subject: identity_pb.Subject = answer.subject
    return subject


async def refusal(call: Any) -> tuple[Code, str]:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value.code, reason(caught.value)


@pytest.fixture
async def machine(database: Database, acme: Founded, clock: SettableClock) -> Machine:
    return await add_service_account(database, acme, clock.now)


@pytest.fixture
def program(machine: Machine, clients_for: ClientsFor) -> Clients:
    """A service account of Acme, with a token."""
    return clients_for(machine.token.reveal())


async def test_an_account_is_what_was_asked_for_and_changes_as_named(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    until = clock.now + YEAR
    made = await create(admin, until, "deploy", "of the pipeline")
    assert (made.name, made.description) == ("deploy", "of the pipeline")
    assert made.organization_id == str(acme.organization.id)
    assert made.creator == identity_pb.Subject(
        id=str(acme.administrator.id), principal=identity_pb.Principal.USER
    )
    assert (made.created_at, made.valid_until) == (at(clock.now), at(until))
    assert (made.suspended, made.system_managed) == (False, False)
    assert await get(admin, made.id) == made
    request = pb.UpdateServiceAccountRequest(service_account_id=made.id, description="")
    changed = (await admin("update_service_account", request)).service_account
    assert (changed.name, changed.description) == ("deploy", "")
    request = pb.UpdateServiceAccountRequest(service_account_id=made.id, name="ship")
    await admin("update_service_account", request)
    assert (await get(admin, made.id)).name == "ship"
    assert await names(admin) == ["ship"]


async def test_accounts_are_listed_a_page_at_a_time_and_narrowed(
    admin: Clients, clock: SettableClock
) -> None:
    until = clock.now + YEAR
    made = [
        await create(admin, until, name, description)
        for name, description in (("Ärger", ""), ("deploy", "100%_sure"), ("backup", "nightly"))
    ]
    await validity(admin, made[2].id, suspended=True)
    request = pb.ListServiceAccountsRequest(pagination=PaginationRequest(page_size=1))
    first = await admin("list_service_accounts", request)
    request.pagination.token = first.pagination.next_token
    second = await admin("list_service_accounts", request)
    assert [each.name for page in (first, second) for each in page.service_accounts] == [
        "Ärger",
        "deploy",
    ]
    assert second.pagination.next_token == ""
    everyone = ["Ärger", "deploy", "backup"]
    for narrowed, expected in (
        (Filter(include_suspended=True), everyone),
        (Filter(search="ärG"), ["Ärger"]),
        (Filter(search="%_S"), ["deploy"]),
        (Filter(search="nightly"), []),
        (Filter(search="nightly", include_suspended=True), ["backup"]),
        (Filter(service_account_ids=[made[1].id, made[2].id, str(uuid4())]), ["deploy"]),
    ):
        assert await names(admin, narrowed) == expected
    request.filter = Filter(include_suspended=True)  # a token of another list
    assert await refusal(admin("list_service_accounts", request)) == (
        Code.INVALID_ARGUMENT,
        "INVALID_PAGE_TOKEN",
    )


async def test_an_end_lies_ahead(admin: Clients, clock: SettableClock) -> None:
    wrong = (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert await refusal(create(admin, clock.now)) == wrong
    missing = pb.CreateServiceAccountRequest(name="deploy")
    assert await refusal(admin("create_service_account", missing)) == wrong
    made = await create(admin, clock.now + YEAR)
    assert await refusal(validity(admin, made.id, valid_until=at(clock.now))) == wrong
    assert await validity(admin, made.id) == made


async def test_a_person_acts_as_an_account_for_an_hour_and_makes_its_first_token(
    admin: Clients, clients_for: ClientsFor, acme: Founded, clock: SettableClock
) -> None:
    made = await create(admin, clock.now + YEAR)
    brief = clients_for(await access_token(admin, made.id))
    assert await whoami(brief) == identity_pb.Subject(
        id=made.id, principal=identity_pb.Principal.SERVICE_ACCOUNT
    )
    first = await create_token(brief, "pipeline", timedelta(days=30))
    kept = first.service_account_token
    assert (kept.service_account_id, kept.description) == (made.id, "pipeline")
    assert kept.creator == identity_pb.Subject(
        id=made.id, principal=identity_pb.Principal.SERVICE_ACCOUNT
    )
    assert kept.expires_at == at(clock.now + timedelta(days=30))
    assert kept.last_used is None
    program = clients_for(first.token)
    assert (await whoami(program)).id == made.id
    async with asyncio.timeout(60):  # uses are noted soon, while nobody waits for it
        while (listed := (await tokens(program))[0]).last_used is None:
            pass
    assert (listed.id, listed.last_used) == (kept.id, at(clock.now))
    clock.advance(hours=1)
    assert await refusal(whoami(brief)) == (Code.UNAUTHENTICATED, "TOKEN_EXPIRED")
    assert (await whoami(program)).id == made.id
    assert (await get(program, made.id)).name == "deploy"


async def test_a_program_rotates_its_own_token(
    program: Clients, machine: Machine, clients_for: ClientsFor
) -> None:
    (old,) = await tokens(program)
    new = clients_for((await create_token(program, "the next one")).token)
    gone = pb.DeleteServiceAccountTokenRequest(service_account_token_id=old.id)
    await new("delete_service_account_token", gone)
    assert await refusal(whoami(program)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
    assert [each.description for each in await tokens(new)] == ["the next one"]
    brief = clients_for(await access_token(new, str(machine.account.id)))
    assert (await whoami(brief)).id == str(machine.account.id)
    assert len(await tokens(new)) == 1


async def test_no_token_lives_longer_than_its_account(
    admin: Clients, clients_for: ClientsFor, clock: SettableClock
) -> None:
    end = clock.now + timedelta(minutes=30)
    made = await create(admin, end)
    brief = clients_for(await access_token(admin, made.id))
    assert await refusal(create_token(brief, valid_for=timedelta(minutes=31))) == (
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
    )
    kept = (await create_token(brief)).service_account_token
    assert kept.expires_at == at(end)
    clock.advance(minutes=30)
    assert await refusal(whoami(brief)) == (Code.UNAUTHENTICATED, "TOKEN_EXPIRED")
    assert await refusal(access_token(admin, made.id)) == (
        Code.FAILED_PRECONDITION,
        "SERVICE_ACCOUNT_ENDED",
    )
    await validity(admin, made.id, valid_until=at(clock.now + YEAR))
    assert await refusal(whoami(brief)) == (Code.UNAUTHENTICATED, "TOKEN_EXPIRED")
    assert await access_token(admin, made.id)


async def test_an_earlier_end_is_that_of_every_token(
    admin: Clients, program: Clients, machine: Machine, clock: SettableClock
) -> None:
    await whoami(program)
    sooner = clock.now + timedelta(minutes=1)
    await validity(admin, machine.account.id, valid_until=at(sooner))
    (token,) = await tokens(program)
    assert token.expires_at == at(sooner)
    clock.advance(minutes=1)
    assert await refusal(whoami(program)) == (Code.UNAUTHENTICATED, "TOKEN_EXPIRED")


async def test_suspension_is_in_force_with_the_answer_until_it_is_lifted(
    admin: Clients, program: Clients, machine: Machine
) -> None:
    await whoami(program)
    id = machine.account.id
    assert (await validity(admin, id, suspended=True)).suspended
    assert await refusal(whoami(program)) == (Code.UNAUTHENTICATED, "SERVICE_ACCOUNT_SUSPENDED")
    assert await refusal(access_token(admin, str(id))) == (
        Code.FAILED_PRECONDITION,
        "SERVICE_ACCOUNT_SUSPENDED",
    )
    assert not (await validity(admin, id, suspended=False)).suspended
    assert (await whoami(program)).id == str(id)


async def test_a_deleted_account_leaves_no_token(
    admin: Clients, program: Clients, machine: Machine
) -> None:
    id = str(machine.account.id)
    await whoami(program)
    await admin("delete_service_account", pb.DeleteServiceAccountRequest(service_account_id=id))
    assert await refusal(whoami(program)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
    assert await refusal(get(admin, id)) == (Code.NOT_FOUND, "SERVICE_ACCOUNT_NOT_FOUND")
    assert await tokens(admin) == []


async def test_the_tokens_of_a_deleted_organization_work_no_more(
    admin: Clients, program: Clients, acme: Founded
) -> None:
    gone = org_pb.DeleteOrganizationRequest(organization_id=str(acme.organization.id))
    await admin("delete_organization", gone)
    assert await refusal(whoami(program)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")


async def test_nobody_else_knows_of_an_account_or_its_tokens(
    database: Database,
    admin: Clients,
    stranger: Clients,
    acme: Founded,
    globex: Founded,
    program: Clients,
    clients_for: ClientsFor,
    clock: SettableClock,
) -> None:
    (own,) = await tokens(program)
    other = await add_service_account(database, acme, clock.now, name="other")
    foreign = await add_service_account(database, globex, clock.now)
    id = own.service_account_id
    this: dict[str, Any] = {"service_account_id": id}
    for rpc, request in (
        ("get_service_account", pb.GetServiceAccountRequest(**this)),
        ("update_service_account", pb.UpdateServiceAccountRequest(**this, name="x")),
        ("delete_service_account", pb.DeleteServiceAccountRequest(**this)),
        ("create_service_account_access_token", pb.CreateServiceAccountAccessTokenRequest(**this)),
        (
            "update_service_account_validity",
            own_pb.UpdateServiceAccountValidityRequest(**this, suspended=True),
        ),
    ):
        expected = (Code.NOT_FOUND, "SERVICE_ACCOUNT_NOT_FOUND")
        assert await refusal(stranger(rpc, request)) == expected
    by_others = stranger, *(clients_for(each.token.reveal()) for each in (other, foreign))
    for someone in by_others:
        for rpc, request in (
            (
                "get_service_account_token",
                pb.GetServiceAccountTokenRequest(service_account_token_id=own.id),
            ),
            (
                "delete_service_account_token",
                pb.DeleteServiceAccountTokenRequest(service_account_token_id=own.id),
            ),
        ):
            expected = (Code.NOT_FOUND, "SERVICE_ACCOUNT_TOKEN_NOT_FOUND")
            assert await refusal(someone(rpc, request)) == expected
        assert own.id not in [each.id for each in await tokens(someone)]
    assert await names(stranger) == ["deploy"]
    assert [each.service_account_id for each in await tokens(admin)] == [
        id,
        str(other.account.id),
    ]


async def test_what_takes_a_person_is_refused_by_name(
    program: Clients, machine: Machine, acme: Founded
) -> None:
    for rpc, request in (
        ("get_authenticated_user", user_pb.GetAuthenticatedUserRequest()),
        ("list_personal_access_tokens", pat_pb.ListPersonalAccessTokensRequest()),
        (
            "create_personal_access_token",
            pat_pb.CreatePersonalAccessTokenRequest(user_id=str(machine.account.id)),
        ),
        (
            "leave_organization",
            member_pb.LeaveOrganizationRequest(user_id=str(machine.account.id)),
        ),
        ("create_organization", org_pb.CreateOrganizationRequest(name="Mine")),
        (
            "delete_organization",
            org_pb.DeleteOrganizationRequest(organization_id=str(acme.organization.id)),
        ),
    ):
        assert await refusal(program(rpc, request)) == (Code.PERMISSION_DENIED, "USER_NEEDED"), rpc


async def test_a_program_is_no_member(
    admin: Clients, program: Clients, machine: Machine, acme: Founded
) -> None:
    request = member_pb.ListMembersRequest(organization_id=str(acme.organization.id))
    by_program = await program("list_members", request)
    assert [each.user_id for each in by_program.members] == [str(acme.administrator.id)]
    for rpc, wanted in (
        ("get_user", user_pb.GetUserRequest(user_id=str(machine.account.id))),
        (
            "set_suspended",
            user_pb.SetSuspendedRequest(user_id=str(machine.account.id), suspended=True),
        ),
    ):
        assert await refusal(admin(rpc, wanted)) == (Code.NOT_FOUND, "USER_NOT_FOUND")


async def test_a_person_makes_no_lasting_token(admin: Clients, member: Clients) -> None:
    for someone in (admin, member):
        assert await refusal(create_token(someone)) == (
            Code.PERMISSION_DENIED,
            "SERVICE_ACCOUNT_NEEDED",
        )


async def test_the_trail_tells_of_accounts_tokens_and_what_programs_do(
    admin: Clients, clients_for: ClientsFor, clock: SettableClock
) -> None:
    made = await create(admin, clock.now + YEAR)
    program = clients_for(
        (await create_token(clients_for(await access_token(admin, made.id)))).token
    )
    (own,) = await tokens(program)
    await create_token(program, "next")
    listed = await admin("list_events", event_pb.ListEventsRequest(page_size=1, newest_first=True))
    (event,) = listed.events
    assert event.actor.kind == event_pb.ActorKind.SERVICE_ACCOUNT
    assert (event.actor.id, event.actor.token_id) == (made.id, own.id)
    assert event.resource_type == audit_pb.ResourceType.SERVICE_ACCOUNT_TOKEN
    assert [each.field for each in event.changes if each.secret] == ["token"]
    narrowed = audit_pb.ListAuditLogsRequest.Filter(
        actor_ids=[made.id], actor_principals=[identity_pb.Principal.SERVICE_ACCOUNT]
    )
    request = audit_pb.ListAuditLogsRequest(filter=narrowed)
    entries = (await admin("list_audit_logs", request)).entries
    assert [each.actor_principal for each in entries] == [identity_pb.Principal.SERVICE_ACCOUNT] * 2
    narrowed = audit_pb.ListAuditLogsRequest.Filter(
        subject_types=[audit_pb.ResourceType.SERVICE_ACCOUNT]
    )
    request = audit_pb.ListAuditLogsRequest(filter=narrowed)
    (entry,) = (await admin("list_audit_logs", request)).entries
    assert (entry.action, entry.subject_id) == ("create", made.id)


async def test_what_an_administrator_began_before_they_were_suspended_makes_no_token(
    database: Database, acme: Founded, acme_member: Access, clock: SettableClock
) -> None:
    """As everywhere: what the call was let in by is looked at again in the transaction that makes the token."""
    from dataclasses import replace

    from orgplane_server.domain.errors import Unauthenticated
    from orgplane_server.usecases.paging import PageTokens
    from orgplane_server.usecases.sealing import Sealer
    from orgplane_server.usecases.service_account_token import ServiceAccountTokens

    machine = await add_service_account(database, acme, clock.now)
    made = ServiceAccountTokens(database, clock, PageTokens(Sealer(bytes(32))))
    stale = replace(acme.caller, token_id=uuid4())
    with pytest.raises(Unauthenticated):
        await made.create_brief(stale, machine.account.id)


async def test_tokens_that_ended_are_forgotten_after_some_days(
    database: Database, admin: Clients, program: Clients, clock: SettableClock
) -> None:
    await create_token(program, "short", timedelta(minutes=1))
    retention = Retention(database, clock, service_account_tokens=KEPT)
    clock.advance(minutes=1)
    assert await retention.purge() == {"service_account_tokens": 0}
    assert [each.description for each in await tokens(program)] == ["test", "short"]
    clock.advance(days=KEPT.days, seconds=1)
    assert await retention.purge() == {"service_account_tokens": 1}
    assert [each.description for each in await tokens(program)] == ["test"]


async def test_a_role_that_is_assigned_to_an_account_is_in_force_until_it_is_revoked(
    admin: Clients, clients_for: ClientsFor, clock: SettableClock
) -> None:
    account = await create(admin, clock.now + YEAR)
    program = clients_for(await access_token(admin, account.id))
    read_log = audit_pb.ListAuditLogsRequest()
    with pytest.raises(ConnectError) as caught:
        await program("list_audit_logs", read_log)
    assert caught.value.code is Code.PERMISSION_DENIED
    assign = role_pb.AssignRoleRequest(
        principal=role_pb.RolePrincipal.SERVICE_ACCOUNT,
        principal_id=account.id,
        role=role_pb.Role.AUDIT_LOG_READER,
    )
    assigned = (await admin.role.assign_role(assign, headers=admin.headers)).assigned_role
    assert assigned.principal_name == "deploy"
    await program("list_audit_logs", read_log)
    revoke = role_pb.RevokeRoleRequest(assigned_role_id=assigned.id)
    await admin.role.revoke_role(revoke, headers=admin.headers)
    with pytest.raises(ConnectError):
        await program("list_audit_logs", read_log)

    await admin.role.assign_role(assign, headers=admin.headers)
    await admin(
        "delete_service_account", pb.DeleteServiceAccountRequest(service_account_id=account.id)
    )
    listed = await admin.role.list_assigned_roles(
        role_pb.ListAssignedRolesRequest(), headers=admin.headers
    )
    assert list(listed.assigned_roles) == []
    with pytest.raises(ConnectError) as caught:
        await admin.role.assign_role(assign, headers=admin.headers)
    assert reason(caught.value) == "SERVICE_ACCOUNT_NOT_FOUND"


async def test_an_account_that_sees_all_tokens_revokes_its_own_alone(
    admin: Clients, clients_for: ClientsFor, clock: SettableClock
) -> None:
    auditor = await create(admin, clock.now + YEAR, "auditor")
    assign = role_pb.AssignRoleRequest(
        principal=role_pb.RolePrincipal.SERVICE_ACCOUNT,
        principal_id=auditor.id,
        role=role_pb.Role.SECURITY_ADMIN,
    )
    await admin.role.assign_role(assign, headers=admin.headers)
    deploy = await create(admin, clock.now + YEAR)
    watching = clients_for(await access_token(admin, auditor.id))
    theirs = await create_token(clients_for(await access_token(admin, deploy.id)))
    own = await create_token(watching)
    this = pb.GetServiceAccountTokenRequest(
        service_account_token_id=theirs.service_account_token.id
    )
    await watching("get_service_account_token", this)
    revoke = pb.DeleteServiceAccountTokenRequest(
        service_account_token_id=theirs.service_account_token.id
    )
    with pytest.raises(ConnectError) as caught:
        await watching("delete_service_account_token", revoke)
    assert caught.value.code is Code.PERMISSION_DENIED
    assert [each.id for each in await tokens(clients_for(theirs.token))] == [
        theirs.service_account_token.id
    ]
    mine = pb.DeleteServiceAccountTokenRequest(
        service_account_token_id=own.service_account_token.id
    )
    await watching("delete_service_account_token", mine)


async def drained(stream: AsyncIterator[Any]) -> None:
    """Raises what a stream ends with."""
    async with asyncio.timeout(60):
        async for _ in stream:
            pass


@pytest.mark.parametrize("ended", ["suspended", "earlier", "token", "role", "deleted"])
async def test_what_ends_an_account_or_its_rights_ends_its_open_streams(
    admin: Clients, clients_for: ClientsFor, clock: SettableClock, ended: str
) -> None:
    account = await create(admin, clock.now + YEAR)
    assign = role_pb.AssignRoleRequest(
        principal=role_pb.RolePrincipal.SERVICE_ACCOUNT,
        principal_id=account.id,
        role=role_pb.Role.AUDIT_LOG_READER,
    )
    assigned = (await admin.role.assign_role(assign, headers=admin.headers)).assigned_role
    made = await create_token(clients_for(await access_token(admin, account.id)))
    program = clients_for(made.token)
    stream = program.event.watch_events(event_pb.WatchEventsRequest(), headers=program.headers)
    await anext(stream)
    match ended:
        case "suspended":
            await validity(admin, account.id, suspended=True)
        case "earlier":
            await validity(admin, account.id, valid_until=at(clock.now + timedelta(minutes=1)))
            clock.advance(minutes=1)
            rename = org_pb.UpdateOrganizationRequest(
                organization_id=account.organization_id, name="New"
            )
            await admin("update_organization", rename)
        case "token":
            gone = pb.DeleteServiceAccountTokenRequest(
                service_account_token_id=made.service_account_token.id
            )
            await admin("delete_service_account_token", gone)
        case "role":
            revoke = role_pb.RevokeRoleRequest(assigned_role_id=assigned.id)
            await admin.role.revoke_role(revoke, headers=admin.headers)
        case "deleted":
            this = pb.DeleteServiceAccountRequest(service_account_id=account.id)
            await admin("delete_service_account", this)
    with pytest.raises(ConnectError) as caught:
        await drained(stream)
    assert (
        reason(caught.value)
        == {
            "suspended": "SERVICE_ACCOUNT_SUSPENDED",
            "earlier": "TOKEN_EXPIRED",
            "token": "TOKEN_UNKNOWN",
            "role": "PERMISSION_DENIED",
            "deleted": "TOKEN_UNKNOWN",
        }[ended]
    )
