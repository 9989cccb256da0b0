"""The audit log as clients of the vendor's contract see it: the same over every protocol."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import event_pb as pb
from orgplane_api.gitpod.v1 import organization_pb as org_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as pat_pb
from orgplane_api.gitpod.v1.identity_pb import Principal
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest, Sort, SortOrder
from orgplane_server.domain.audit import Action, ActorKind, Subject
from orgplane_server.rpc.audit_log import OPERATIONS, PRINCIPALS, RESOURCE_TYPES
from orgplane_server.usecases.organization import Founded
from protobuf import Oneof
from protobuf.wkt import Timestamp
from rpc_clients import Clients, reason

Entry = pb.ListAuditLogsResponse.AuditLogEntry
Filter = pb.ListAuditLogsRequest.Filter
Narrowed = pb.WatchEventsRequest.ResourceTypeFilter


async def entries(clients: Clients, **fields: Any) -> list[Entry]:
    response = await clients("list_audit_logs", pb.ListAuditLogsRequest(**fields))
    return list(response.entries)


async def rename(clients: Clients, owner: Founded, name: str) -> None:
    id = str(owner.organization.id)
    await clients(
        "update_organization", org_pb.UpdateOrganizationRequest(organization_id=id, name=name)
    )


async def refused(call: Any) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value


def test_whatever_can_happen_has_its_name_in_the_contract() -> None:
    assert set(RESOURCE_TYPES) == set(Subject)
    assert set(OPERATIONS) == set(Action)
    assert set(PRINCIPALS) == set(ActorKind)


async def test_an_entry_says_who_did_what_to_what_and_when(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    clock.advance(minutes=1)
    await rename(admin, acme, "New")
    entry = (await entries(admin))[0]
    assert entry == Entry(
        id=entry.id,
        actor_id=str(acme.administrator.id),
        actor_principal=Principal.USER,
        subject_id=str(acme.organization.id),
        subject_type=pb.ResourceType.ORGANIZATION,
        action="update",
        created_at=Timestamp.from_datetime(clock.now),
        kind=pb.AuditLogEntryKind.RESOURCE_CHANGE,
    )
    response = await admin("get_audit_log", pb.GetAuditLogRequest(audit_log_entry_id=entry.id))
    assert response.entry == entry
    assert response.details is None


async def test_an_entry_that_is_not_there_or_another_organizations_is_not_found(
    admin: Clients, stranger: Clients
) -> None:
    foreign = (await entries(stranger))[0].id
    texts = set()
    for id in (str(uuid4()), foreign):
        error = await refused(admin("get_audit_log", pb.GetAuditLogRequest(audit_log_entry_id=id)))
        assert (error.code, reason(error)) == (Code.NOT_FOUND, "AUDIT_LOG_ENTRY_NOT_FOUND")
        texts.add(error.message)
    assert len(texts) == 1
    assert {entry.subject_id for entry in await entries(admin)}.isdisjoint(
        {entry.subject_id for entry in await entries(stranger)}
    )


async def test_the_newest_come_first_unless_asked_otherwise(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    for name in "abc":
        clock.advance(seconds=1)
        await rename(admin, acme, name)
    newest = await entries(admin)
    assert newest == await entries(admin, sort=Sort(field="created_at", order=SortOrder.DESC))
    assert newest == await entries(admin, sort=Sort())
    oldest = await entries(admin, sort=Sort(field="created_at", order=SortOrder.ASC))
    assert oldest == newest[::-1]
    assert oldest[0].action == "create"
    error = await refused(entries(admin, sort=Sort(field="id")))
    assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert "sort.field" in error.message


@pytest.mark.parametrize("order", [SortOrder.ASC, SortOrder.DESC])
async def test_pages_stay_whole_while_entries_come(
    admin: Clients, acme: Founded, order: SortOrder
) -> None:
    """The clock stands still: all of them happen at the same instant."""
    for number in range(5):
        await rename(admin, acme, f"before {number}")
    sort = Sort(field="created_at", order=order)
    before = await entries(admin, sort=sort)
    seen: list[Entry] = []
    token = ""
    while True:
        response = await admin(
            "list_audit_logs",
            pb.ListAuditLogsRequest(
                sort=sort, pagination=PaginationRequest(page_size=2, token=token)
            ),
        )
        seen += response.entries
        await rename(admin, acme, f"after {len(seen)}")
        token = response.pagination.next_token
        if not token or len(seen) >= len(before):
            break
    assert seen[: len(before)] == before


async def test_a_page_token_is_good_for_its_list_only(admin: Clients, acme: Founded) -> None:
    await rename(admin, acme, "New")
    first = await admin(
        "list_audit_logs", pb.ListAuditLogsRequest(pagination=PaginationRequest(page_size=1))
    )
    page = PaginationRequest(token=first.pagination.next_token)
    assert await entries(admin, pagination=page)
    for other in (
        {"filter": Filter(actor_ids=[str(acme.administrator.id)])},
        {"sort": Sort(order=SortOrder.ASC)},
    ):
        error = await refused(entries(admin, pagination=page, **other))
        assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")


async def test_filters_narrow_and_what_this_server_lacks_matches_nothing(
    admin: Clients, acme: Founded, clock: SettableClock
) -> None:
    begin = clock.now
    clock.advance(minutes=1)
    await rename(admin, acme, "New")
    created = await admin(
        "create_personal_access_token",
        pat_pb.CreatePersonalAccessTokenRequest(user_id=str(acme.administrator.id)),
    )
    assert created.token
    later = Timestamp.from_datetime(clock.now)
    everything = await entries(admin)

    async def check(wanted: Any, **fields: Any) -> None:
        found = await entries(admin, filter=Filter(**fields))
        assert found == [entry for entry in everything if wanted(entry)], fields

    await check(lambda entry: True)
    await check(lambda entry: True, actor_ids=[str(acme.administrator.id)])
    await check(lambda entry: False, actor_ids=[str(uuid4())])
    await check(lambda entry: True, actor_principals=[Principal.USER])
    await check(lambda entry: False, actor_principals=[Principal.SERVICE_ACCOUNT])
    await check(lambda entry: False, actor_principals=[Principal.RUNNER])
    org = str(acme.organization.id)
    await check(lambda entry: entry.subject_id == org, subject_ids=[org])
    token_type = pb.ResourceType.PERSONAL_ACCESS_TOKEN
    await check(lambda entry: entry.subject_type == token_type, subject_types=[token_type])
    await check(lambda entry: False, subject_types=[pb.ResourceType.RUNNER])
    await check(lambda entry: entry.created_at == later, from_=later)
    await check(lambda entry: entry.created_at != later, to=later)
    await check(
        lambda entry: entry.created_at == later and entry.subject_id == org,
        from_=later,
        subject_ids=[org],
    )
    await check(lambda entry: False, to=Timestamp.from_datetime(begin))


@pytest.mark.parametrize("protocol", ["connect-proto", "grpc", "grpc-web"], indirect=True)
async def test_a_moment_that_is_none_is_refused(admin: Clients) -> None:
    beyond = Timestamp(seconds=1 << 60)
    error = await refused(entries(admin, filter=Filter(from_=beyond)))
    assert error.code is Code.INVALID_ARGUMENT


class TestWatch:
    async def test_changes_are_told_after_the_first_heartbeat(
        self, admin: Clients, acme: Founded
    ) -> None:
        stream = admin.audit_log.watch_events(
            pb.WatchEventsRequest(scope=Oneof(field="organization", value=True)),
            headers=admin.headers,
        )
        assert await anext(stream) == pb.WatchEventsResponse()
        await rename(admin, acme, "New")
        assert await anext(stream) == pb.WatchEventsResponse(
            operation=pb.ResourceOperation.UPDATE,
            resource_type=pb.ResourceType.ORGANIZATION,
            resource_id=str(acme.organization.id),
        )
        await stream.aclose()

    async def test_filters_let_through_what_passes_one_of_them(
        self, admin: Clients, acme: Founded
    ) -> None:
        org = str(acme.organization.id)
        stream = admin.audit_log.watch_events(
            pb.WatchEventsRequest(
                resource_type_filters=[
                    Narrowed(
                        resource_type=pb.ResourceType.ORGANIZATION, resource_ids=[str(uuid4())]
                    ),
                    Narrowed(resource_type=pb.ResourceType.PERSONAL_ACCESS_TOKEN),
                ]
            ),
            headers=admin.headers,
        )
        await anext(stream)
        await rename(admin, acme, "New")
        await admin(
            "create_personal_access_token",
            pat_pb.CreatePersonalAccessTokenRequest(user_id=str(acme.administrator.id)),
        )
        told = await anext(stream)
        assert told.resource_type == pb.ResourceType.PERSONAL_ACCESS_TOKEN
        assert told.operation == pb.ResourceOperation.CREATE
        assert told.resource_id != org
        await stream.aclose()

    @pytest.mark.parametrize(
        "request_",
        [
            pb.WatchEventsRequest(scope=Oneof(field="environment_id", value=str(uuid4()))),
            pb.WatchEventsRequest(
                resource_type_filters=[
                    Narrowed(resource_type=pb.ResourceType.USER, creator_ids=[str(uuid4())])
                ]
            ),
            pb.WatchEventsRequest(resource_type_filters=[Narrowed()]),
        ],
    )
    async def test_what_cannot_be_told_is_refused(
        self, admin: Clients, request_: pb.WatchEventsRequest
    ) -> None:
        stream = admin.audit_log.watch_events(request_, headers=admin.headers)
        error = await refused(anext(stream))
        assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
