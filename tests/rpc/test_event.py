"""Events as clients see them: the same over every protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import event_pb as audit_pb
from orgplane_api.gitpod.v1 import member_pb
from orgplane_api.gitpod.v1 import organization_pb as org_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as pat_pb
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_api.gitpod.v1.identity_pb import Principal
from orgplane_api.orgplane.v1 import event_pb as pb
from orgplane_server.app.build import Server
from orgplane_server.domain.audit import ActorKind
from orgplane_server.domain.user import Role
from orgplane_server.rpc.event import _ACTOR_KINDS
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.expiry import ExpiryWarnings
from orgplane_server.usecases.organization import Founded
from people import add_user
from protobuf.wkt import Duration, Timestamp
from pyqwest import Client
from rpc_clients import ORIGIN, Clients, ClientsFor, reason

Operation, Type = audit_pb.ResourceOperation, audit_pb.ResourceType


async def refused(call: Any) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value


async def rename(clients: Clients, owner: Founded, name: str) -> None:
    id = str(owner.organization.id)
    await clients(
        "update_organization", org_pb.UpdateOrganizationRequest(organization_id=id, name=name)
    )


async def listed(clients: Clients, **fields: Any) -> pb.ListEventsResponse:
    response: pb.ListEventsResponse = await clients("list_events", pb.ListEventsRequest(**fields))
    return response


async def newest(clients: Clients) -> pb.Event:
    (event,) = (await listed(clients, page_size=1, newest_first=True)).events
    return event


def watch(clients: Clients, **fields: Any) -> AsyncIterator[pb.WatchEventsResponse]:
    stream: AsyncIterator[pb.WatchEventsResponse] = clients.event.watch_events(
        pb.WatchEventsRequest(**fields), headers=clients.headers
    )
    return stream


async def told(stream: AsyncIterator[pb.WatchEventsResponse], count: int) -> list[pb.Event]:
    """The next events, past heartbeats."""
    events: list[pb.Event] = []
    async with asyncio.timeout(60):
        while len(events) < count:
            response = (await anext(stream)).response
            assert response is not None
            if isinstance(response.value, pb.Event):
                events.append(response.value)
    return events


def changes(event: pb.Event) -> dict[str, tuple[Any, Any] | str]:
    """What an event says is different, a secret as `secret`."""
    result: dict[str, tuple[Any, Any] | str] = {}
    for change in event.changes:
        if change.secret:
            assert change.before is None
            assert change.after is None
            result[change.field] = "secret"
        else:
            assert change.before is not None
            assert change.after is not None
            result[change.field] = (change.before.to_python(), change.after.to_python())
    return result


def test_every_kind_of_actor_has_its_name() -> None:
    assert set(_ACTOR_KINDS) == set(ActorKind)


class TestContents:
    async def test_an_event_says_who_what_when_and_from_where(
        self, admin: Clients, acme: Founded, clock: SettableClock
    ) -> None:
        clock.advance(minutes=1)
        admin.headers["x-request-id"] = "request-7"
        await rename(admin, acme, "New")
        event = await newest(admin)
        assert event.occurred_at == Timestamp.from_datetime(clock.now)
        assert event.organization_id == str(acme.organization.id)
        assert event.actor == pb.Actor(
            kind=pb.ActorKind.USER,
            id=str(acme.administrator.id),
            token_id=str(acme.caller.token_id),
        )
        assert (event.operation, event.resource_type) == (Operation.UPDATE, Type.ORGANIZATION)
        assert event.resource_id == str(acme.organization.id)
        assert changes(event) == {"name": ("Acme", "New")}
        assert event.request_id == "request-7"
        assert event.peer.rpartition(":")[2].isdigit()
        got = await admin("get_event", pb.GetEventRequest(event_id=event.id))
        assert got.event.changes == event.changes
        entry = await admin(
            "get_audit_log", audit_pb.GetAuditLogRequest(audit_log_entry_id=event.id)
        )
        assert entry.entry.subject_id == event.resource_id

    async def test_a_warning_before_a_credential_ends_is_an_update_by_the_server(
        self,
        database: Database,
        admin: Clients,
        acme: Founded,
        clock: SettableClock,
    ) -> None:
        clock.advance(days=80)
        cursor = (await listed(admin)).cursor
        await ExpiryWarnings(database, clock).announce()
        (event,) = (await listed(admin, cursor=cursor)).events
        assert event.actor == pb.Actor(kind=pb.ActorKind.OPERATOR)
        assert (event.operation, event.resource_type) == (Operation.UPDATE, Type.ORGANIZATION)
        assert event.resource_id == str(acme.organization.id)
        assert changes(event) == {
            "expiry_warning": (
                None,
                {
                    "days": 14,
                    "expires_at": "2026-05-30T12:00:00.123456Z",
                    "user_id": str(acme.administrator.id),
                },
            )
        }
        entry = await admin(
            "get_audit_log", audit_pb.GetAuditLogRequest(audit_log_entry_id=event.id)
        )
        assert (entry.entry.action, entry.entry.actor_id) == ("update", "")

    async def test_every_change_of_an_sso_configuration(
        self, admin: Clients, acme: Founded
    ) -> None:
        response = await admin(
            "create_sso_configuration",
            sso_pb.CreateSSOConfigurationRequest(
                organization_id=str(acme.organization.id),
                client_id="client",
                client_secret="hunter2",
                issuer_url="https://idp.example",
                email_domains=["acme.example"],
            ),
        )
        id = response.sso_configuration.id
        created = await newest(admin)
        assert (created.operation, created.resource_type) == (Operation.CREATE, Type.SSO_CONFIG)
        assert created.resource_id == id
        assert changes(created) == {
            "client_id": (None, "client"),
            "client_secret": "secret",
            "issuer_url": (None, "https://idp.example"),
            "state": (None, "inactive"),
            "binding_claim": (None, "sub"),
            "client_authentication": (None, "client_secret"),
            "email_domains": (None, ["acme.example"]),
        }
        await admin(
            "update_sso_configuration",
            sso_pb.UpdateSSOConfigurationRequest(
                sso_configuration_id=id,
                client_secret="hunter3",
                state=sso_pb.SSOConfigurationState.ACTIVE,
                claims={"email": "mail"},
                additional_scopes=sso_pb.AdditionalScopesUpdate(scopes=["groups"]),
            ),
        )
        updated = await newest(admin)
        assert updated.operation == Operation.UPDATE
        assert changes(updated) == {
            "client_secret": "secret",
            "state": ("inactive", "active"),
            "claims": ({}, {"email": "mail"}),
            "additional_scopes": ([], ["groups"]),
        }
        assert b"hunter" not in created.to_binary() + updated.to_binary()
        await admin(
            "delete_sso_configuration",
            sso_pb.DeleteSSOConfigurationRequest(sso_configuration_id=id),
        )
        deleted = await newest(admin)
        assert (deleted.operation, deleted.resource_id) == (Operation.DELETE, id)
        assert changes(deleted) == {
            "client_id": ("client", None),
            "client_secret": "secret",
            "issuer_url": ("https://idp.example", None),
            "state": ("active", None),
            "binding_claim": ("sub", None),
            "client_authentication": ("client_secret", None),
            "claims": ({"email": "mail"}, None),
            "email_domains": (["acme.example"], None),
            "additional_scopes": (["groups"], None),
        }
        assert b"hunter" not in deleted.to_binary()

    async def test_every_change_of_a_scim_configuration(
        self, admin: Clients, acme: Founded, clock: SettableClock
    ) -> None:
        sso = await admin(
            "create_sso_configuration",
            sso_pb.CreateSSOConfigurationRequest(
                organization_id=str(acme.organization.id),
                client_id="client",
                client_secret="secret",
                issuer_url="https://idp.example",
            ),
        )
        sso_id = sso.sso_configuration.id
        response = await admin(
            "create_scim_configuration",
            scim_pb.CreateSCIMConfigurationRequest(
                organization_id=str(acme.organization.id),
                sso_configuration_id=sso_id,
                name="Okta",
                token_expires_in=Duration(seconds=86400),
            ),
        )
        id = response.scim_configuration.id
        created = await newest(admin)
        assert created.resource_type == Type.SCIM_CONFIGURATION
        assert changes(created) == {
            "name": (None, "Okta"),
            "enabled": (None, True),
            "sso_configuration_id": (None, sso_id),
            "allow_unverified_email_account_linking": (None, False),
            "token": "secret",
            "token_lifetime": (None, 86400),
            "token_expires_at": (None, "2026-03-02T12:00:00.123456Z"),
        }
        await admin(
            "update_scim_configuration",
            scim_pb.UpdateSCIMConfigurationRequest(
                scim_configuration_id=id, enabled=False, sso_configuration_id=""
            ),
        )
        assert changes(await newest(admin)) == {
            "enabled": (True, False),
            "sso_configuration_id": (sso_id, None),
        }
        clock.advance(days=1)
        regenerated = await admin(
            "regenerate_scim_token", scim_pb.RegenerateSCIMTokenRequest(scim_configuration_id=id)
        )
        event = await newest(admin)
        assert changes(event) == {
            "token": "secret",
            "token_expires_at": ("2026-03-02T12:00:00.123456Z", "2026-03-03T12:00:00.123456Z"),
        }
        assert regenerated.token.encode() not in event.to_binary()
        await admin(
            "delete_scim_configuration",
            scim_pb.DeleteSCIMConfigurationRequest(scim_configuration_id=id),
        )
        deleted = await newest(admin)
        assert (deleted.operation, deleted.resource_id) == (Operation.DELETE, id)
        assert changes(deleted) == {
            "name": ("Okta", None),
            "enabled": (False, None),
            "allow_unverified_email_account_linking": (False, None),
            "token": "secret",
            "token_lifetime": (86400, None),
            "token_expires_at": ("2026-03-03T12:00:00.123456Z", None),
        }

    async def test_every_change_of_a_personal_access_token(
        self, admin: Clients, acme: Founded
    ) -> None:
        me = str(acme.administrator.id)
        response = await admin(
            "create_personal_access_token",
            pat_pb.CreatePersonalAccessTokenRequest(user_id=me, description="ci", read_only=True),
        )
        created = await newest(admin)
        assert created.resource_type == Type.PERSONAL_ACCESS_TOKEN
        assert changes(created) == {
            "user_id": (None, me),
            "creator_id": (None, me),
            "description": (None, "ci"),
            "read_only": (None, True),
            "token": "secret",
            "expires_at": (None, "2026-05-30T12:00:00.123456Z"),
        }
        assert response.token.encode() not in created.to_binary()
        await admin(
            "delete_personal_access_token",
            pat_pb.DeletePersonalAccessTokenRequest(personal_access_token_id=created.resource_id),
        )
        deleted = await newest(admin)
        assert (deleted.operation, deleted.resource_id) == (Operation.DELETE, created.resource_id)
        assert changes(deleted) == {
            name: change if change == "secret" else (change[1], None)
            for name, change in changes(created).items()
        }

    async def test_an_identity_provider_is_the_scim_configuration_it_came_through(
        self, admin: Clients, acme: Founded, http: Client
    ) -> None:
        sso = await admin(
            "create_sso_configuration",
            sso_pb.CreateSSOConfigurationRequest(
                organization_id=str(acme.organization.id),
                client_id="client",
                client_secret="secret",
                issuer_url="https://idp.example",
            ),
        )
        made = await admin(
            "create_scim_configuration",
            scim_pb.CreateSCIMConfigurationRequest(
                organization_id=str(acme.organization.id),
                sso_configuration_id=sso.sso_configuration.id,
            ),
        )
        response = await http.post(
            f"{ORIGIN}/scim/v2/Users",
            headers={
                "content-type": "application/scim+json",
                "authorization": f"Bearer {made.token}",
                "x-request-id": "request-9",
            },
            content=b'{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],'
            b' "userName": "grace@acme.example"}',
        )
        assert response.status == 201
        event = await newest(admin)
        assert event.actor == pb.Actor(
            kind=pb.ActorKind.SCIM_CONFIGURATION, id=made.scim_configuration.id
        )
        assert (event.operation, event.resource_type) == (Operation.CREATE, Type.USER)
        assert event.resource_id == response.json()["id"]
        assert event.request_id == "request-9"
        entry = await admin(
            "get_audit_log", audit_pb.GetAuditLogRequest(audit_log_entry_id=event.id)
        )
        assert entry.entry.actor_principal == Principal.SERVICE_ACCOUNT
        assert entry.entry.actor_id == made.scim_configuration.id

    async def test_what_changed_nothing_or_failed_leaves_no_event(
        self, admin: Clients, acme: Founded
    ) -> None:
        before = await newest(admin)
        await rename(admin, acme, "Acme")
        await refused(
            admin(
                "update_scim_configuration",
                scim_pb.UpdateSCIMConfigurationRequest(
                    scim_configuration_id=str(uuid4()), enabled=False
                ),
            )
        )
        assert (await newest(admin)).id == before.id


class TestList:
    async def test_pages_lead_through_all_events_either_way(
        self, admin: Clients, acme: Founded
    ) -> None:
        for number in range(5):
            await rename(admin, acme, f"{number}")
        whole = [event.id for event in (await listed(admin, page_size=100)).events]
        assert len(whole) == 8
        for newest_first in (False, True):
            seen: list[str] = []
            cursor, more = "", True
            while more:
                page = await listed(admin, cursor=cursor, page_size=3, newest_first=newest_first)
                seen += [event.id for event in page.events]
                cursor, more = page.cursor, page.more
            assert seen == (whole[::-1] if newest_first else whole)

    async def test_the_last_cursor_leads_to_what_comes(self, admin: Clients, acme: Founded) -> None:
        end = await listed(admin)
        assert not end.more
        assert not (await listed(admin, cursor=end.cursor)).events
        await rename(admin, acme, "New")
        (event,) = (await listed(admin, cursor=end.cursor)).events
        assert changes(event) == {"name": ("Acme", "New")}
        assert not (await listed(admin, cursor=event.cursor)).events

    async def test_filters(self, admin: Clients, acme: Founded) -> None:
        org, me = str(acme.organization.id), str(acme.administrator.id)
        await rename(admin, acme, "New")
        everything = list((await listed(admin)).events)

        async def check(wanted: Any, **fields: Any) -> None:
            page = await listed(admin, filter=pb.EventFilter(**fields))
            assert [e.id for e in page.events] == [e.id for e in everything if wanted(e)]
            assert not page.more

        await check(lambda event: True)
        await check(lambda event: True, actor_ids=[me])
        await check(lambda event: False, actor_ids=[org])
        await check(lambda event: event.resource_id == org, resource_ids=[org])
        await check(lambda event: event.resource_type == Type.USER, resource_types=[Type.USER])
        await check(lambda event: False, resource_types=[Type.WEBHOOK])

    async def test_a_cursor_is_good_for_its_organization_only(
        self, admin: Clients, stranger: Clients
    ) -> None:
        foreign = (await listed(stranger)).cursor
        own = (await listed(admin)).cursor
        tampered = own[:-2] + ("AA" if own[-2:] != "AA" else "BB")
        for wrong in (foreign, tampered, "x", "é", "===="):
            error = await refused(listed(admin, cursor=wrong))
            assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
            error = await refused(anext(watch(admin, cursor=wrong)))
            assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")

    async def test_an_event_of_another_organization_is_not_found(
        self, admin: Clients, stranger: Clients
    ) -> None:
        foreign = (await newest(stranger)).id
        for id in (foreign, str(uuid4())):
            error = await refused(admin("get_event", pb.GetEventRequest(event_id=id)))
            assert (error.code, reason(error)) == (Code.NOT_FOUND, "AUDIT_LOG_ENTRY_NOT_FOUND")


class TestWatch:
    async def test_tells_what_comes_after_a_first_heartbeat(
        self, admin: Clients, acme: Founded, server: Server
    ) -> None:
        stream = watch(admin)
        first = (await anext(stream)).response
        assert first is not None
        assert first.field == "heartbeat"
        for number in range(3):
            await rename(admin, acme, f"{number}")
        events = await told(stream, 3)
        assert [changes(event)["name"][1] for event in events] == ["0", "1", "2"]
        await stream.aclose()  # type: ignore[attr-defined]

    async def test_goes_on_behind_any_cursor(self, admin: Clients, acme: Founded) -> None:
        for number in range(4):
            await rename(admin, acme, f"{number}")
        whole = list((await listed(admin)).events)
        for position, event in enumerate(whole[:-1]):
            stream = watch(admin, cursor=event.cursor)
            rest = await told(stream, len(whole) - position - 1)
            assert [e.id for e in rest] == [e.id for e in whole[position + 1 :]]
            await stream.aclose()  # type: ignore[attr-defined]

    async def test_shows_nothing_of_another_organization(
        self, admin: Clients, stranger: Clients, acme: Founded, globex: Founded
    ) -> None:
        stream = watch(admin)
        await anext(stream)
        await rename(stranger, globex, "theirs")
        await rename(admin, acme, "ours")
        (event,) = await told(stream, 1)
        assert event.organization_id == str(acme.organization.id)
        await stream.aclose()  # type: ignore[attr-defined]

    async def test_a_client_that_goes_leaves_nothing_behind(
        self, admin: Clients, server: Server
    ) -> None:
        streams = [watch(admin) for _ in range(5)]
        for stream in streams:
            await anext(stream)
        assert server.watches.watchers == 5
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        async with asyncio.timeout(60):
            while server.watches.watchers:  # noqa: ASYNC110  (nobody else needs to know)
                await asyncio.sleep(0.01)

    async def test_ends_when_the_token_is_revoked(
        self, admin: Clients, acme: Founded, clients_for: ClientsFor
    ) -> None:
        response = await admin(
            "create_personal_access_token",
            pat_pb.CreatePersonalAccessTokenRequest(user_id=str(acme.administrator.id)),
        )
        id = (await newest(admin)).resource_id
        stream = watch(clients_for(response.token))
        await anext(stream)
        await admin(
            "delete_personal_access_token",
            pat_pb.DeletePersonalAccessTokenRequest(personal_access_token_id=id),
        )
        error = await refused(told(stream, 1))
        assert (error.code, reason(error)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")

    async def test_ends_with_the_membership_and_with_the_organization(
        self,
        admin: Clients,
        acme: Founded,
        clients_for: ClientsFor,
        database: Database,
        clock: SettableClock,
    ) -> None:
        zoe = await add_user(database, acme, clock.now, role=Role.ADMIN)
        theirs, own = watch(clients_for(zoe.token.reveal())), watch(admin)
        await anext(theirs)
        await anext(own)
        gone = member_pb.LeaveOrganizationRequest(user_id=str(zoe.user.id))
        await admin("leave_organization", gone)
        error = await refused(told(theirs, 2))
        assert (error.code, reason(error)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
        (event,) = await told(own, 1)
        assert event.resource_id == str(zoe.user.id)
        id = str(acme.organization.id)
        await admin("delete_organization", org_pb.DeleteOrganizationRequest(organization_id=id))
        error = await refused(told(own, 2))
        assert (error.code, reason(error)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")

    async def test_ends_when_the_server_stops(self, admin: Clients, server: Server) -> None:
        stream = watch(admin)
        await anext(stream)
        server.drain()
        error = await refused(anext(stream))
        assert (error.code, reason(error)) == (Code.UNAVAILABLE, "SERVER_STOPPING")

    @pytest.mark.parametrize("service", ["event", "audit_log"])
    async def test_takes_an_administrators_token_which_may_be_read_only(
        self,
        admin: Clients,
        member: Clients,
        clients_for: ClientsFor,
        database: Database,
        acme: Founded,
        clock: SettableClock,
        service: str,
    ) -> None:
        def watching(clients: Clients) -> Any:
            request = {"event": pb, "audit_log": audit_pb}[service].WatchEventsRequest()
            return getattr(clients, service).watch_events(request, headers=clients.headers)

        error = await refused(anext(watching(clients_for(""))))
        assert (error.code, reason(error)) == (Code.UNAUTHENTICATED, "UNAUTHENTICATED")
        error = await refused(anext(watching(member)))
        assert (error.code, reason(error)) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")
        reader = await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
        stream = watching(clients_for(reader.token.reveal()))
        await anext(stream)
        await stream.aclose()
