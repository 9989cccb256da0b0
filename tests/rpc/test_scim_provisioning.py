"""Administrators see what their identity providers sent, and nobody else does."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_api.gitpod.v1.member_pb import OrganizationRole, SetRoleRequest
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.gitpod.v1.user_pb import SetSuspendedRequest
from orgplane_api.orgplane.v1 import scim_provisioning_pb as pb
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import ScimProvisioningServiceClient
from orgplane_server.app.build import Server, build
from orgplane_server.domain.identifier import ScimConfigurationId
from orgplane_server.domain.token import Token, TokenKind
from orgplane_server.domain.user import Role
from orgplane_server.store.engine.database import Database
from orgplane_server.store.scim_request import following
from orgplane_server.telemetry import logs
from orgplane_server.usecases.deletion import Sweeper
from orgplane_server.usecases.organization import Founded
from people import Access, add_user
from protobuf.wkt import Duration, Timestamp
from provisioning import serving
from pyqwest import Client
from pyqwest.testing import ASGITransport
from rpc_clients import ORIGIN, Clients, ClientsFor, reason
from scim_client import Scim, user


async def new_configuration(clients: Clients, owner: Founded) -> tuple[str, str]:
    """A SCIM configuration's id and its token."""
    sso = await clients(
        "create_sso_configuration",
        sso_pb.CreateSSOConfigurationRequest(
            organization_id=str(owner.organization.id),
            client_id="c",
            client_secret="s",
            issuer_url="https://idp.example",
        ),
    )
    made = await clients(
        "create_scim_configuration",
        scim_pb.CreateSCIMConfigurationRequest(
            organization_id=str(owner.organization.id),
            sso_configuration_id=sso.sso_configuration.id,
        ),
    )
    return made.scim_configuration.id, made.token


@pytest.fixture
async def issued(admin: Clients, acme: Founded) -> tuple[str, str]:
    return await new_configuration(admin, acme)


@pytest.fixture
def id(issued: tuple[str, str]) -> str:
    return issued[0]


@pytest.fixture
def scim(http: Client, issued: tuple[str, str]) -> Scim:
    return Scim(http, issued[1])


async def listed(clients: Clients, id: str, **fields: Any) -> list[pb.ScimRequest]:
    request = pb.ListScimRequestsRequest(scim_configuration_id=id, **fields)
    response: pb.ListScimRequestsResponse = await clients("list_scim_requests", request)
    return list(response.scim_requests)


async def status(clients: Clients, id: str) -> pb.ProvisioningStatus:
    request = pb.GetProvisioningStatusRequest(scim_configuration_id=id)
    response = await clients("get_provisioning_status", request)
    found: pb.ProvisioningStatus = response.status
    return found


async def test_the_status_tells_the_base_url_of_scim_if_the_server_knows_where_it_is_reached(
    admin: Clients, id: str, acme: Founded, database: Database, clock: SettableClock
) -> None:
    assert (await status(admin, id)).scim_base_url == ""
    async with serving(database, clock, public_url="https://id.example.com") as http:
        client = ScimProvisioningServiceClient(ORIGIN, http_client=http)
        found = await client.get_provisioning_status(
            pb.GetProvisioningStatusRequest(scim_configuration_id=id), headers=admin.headers
        )
    assert found.status is not None
    assert found.status.scim_base_url == "https://id.example.com/scim/v2"


async def test_the_status_tells_whom_the_provider_wants_gone_while_nobody_else_can_act(
    admin: Clients, scim: Scim, id: str, acme: Founded, acme_member: Access, clock: SettableClock
) -> None:
    linking = scim_pb.UpdateSCIMConfigurationRequest(
        scim_configuration_id=id, allow_unverified_email_account_linking=True
    )
    await admin("update_scim_configuration", linking)
    assert (await status(admin, id)).pending_deprovisionings == []
    made = await scim.create_user(acme.administrator.email, displayName="Ada")
    clock.advance(hours=1)
    assert (await scim("DELETE", f"/Users/{made['id']}")).status == 403
    (pending,) = (await status(admin, id)).pending_deprovisionings
    assert (pending.user_id, pending.name) == (str(acme.administrator.id), "Ada")
    assert pending.email == acme.administrator.email
    assert pending.kind is pb.DeprovisioningKind.DELETE
    assert pending.since is not None
    assert pending.since.to_datetime() == clock.now
    promotion = SetRoleRequest(
        organization_id=str(acme.organization.id),
        user_id=str(acme_member.user.id),
        role=OrganizationRole.ADMIN,
    )
    await admin("set_role", promotion)
    with pytest.raises(ConnectError) as caught:  # it has taken effect with the answer
        await status(admin, id)
    assert reason(caught.value) == "TOKEN_UNKNOWN"


async def regenerated(clients: Clients, id: str) -> str:
    """The configuration's new token; the one before is dead."""
    request = scim_pb.RegenerateSCIMTokenRequest(scim_configuration_id=id)
    token: str = (await clients("regenerate_scim_token", request)).token
    return token


async def test_every_request_is_seen_newest_first_as_it_was_and_as_it_was_answered(
    admin: Clients, scim: Scim, id: str, clock: SettableClock
) -> None:
    agent = {"user-agent": "Okta SCIM Client 1.0.0", "x-request-id": "r-1"}
    made = await scim("POST", "/Users", {"userName": "eve@acme.example"}, agent)
    assert made.status == 201
    clock.advance(minutes=1)
    again = await scim("POST", "/Users", {"userName": "EVE@acme.example"})
    assert again.error == (409, "uniqueness")
    await scim("GET", "/Users", filter='userName eq "x y"', count=1)
    newest, failed, first = await listed(admin, id)
    assert (first.method, first.path, first.status) == ("POST", "/scim/v2/Users", 201)
    assert (first.detail, first.scim_type) == ("", "")
    assert (first.user_agent, first.request_id) == ("Okta SCIM Client 1.0.0", "r-1")
    assert first.peer
    assert first.scim_configuration_id == id
    assert first.duration is not None
    assert first.duration.to_timedelta() > timedelta()
    assert first.received_at is not None
    assert first.received_at.to_datetime() == clock.now - timedelta(minutes=1)
    assert (failed.status, failed.scim_type, failed.detail) == (409, "uniqueness", again.detail)
    assert newest.path == "/scim/v2/Users?filter=userName+eq+%22x+y%22&count=1"
    assert {each.request_body + each.response_body for each in (newest, failed, first)} == {""}


async def test_what_failed_and_when_narrow_the_list(
    admin: Clients, scim: Scim, id: str, clock: SettableClock
) -> None:
    begin = clock.now
    for path in ("/Users/1", "/Users", "/Users/2", "/Users"):
        await scim("GET", path)
        clock.advance(minutes=1)
    failed = await listed(admin, id, filter=pb.ScimRequestFilter(failed=True))
    assert [each.path for each in failed] == ["/scim/v2/Users/2", "/scim/v2/Users/1"]
    middle = pb.ScimRequestFilter(
        since=Timestamp.from_datetime(begin + timedelta(minutes=1)),
        until=Timestamp.from_datetime(begin + timedelta(minutes=3)),
    )
    found = await listed(admin, id, filter=middle, oldest_first=True)
    assert [each.path for each in found] == ["/scim/v2/Users", "/scim/v2/Users/2"]


@pytest.mark.parametrize("oldest_first", [False, True])
async def test_pages_hold_every_request_once(
    admin: Clients, scim: Scim, id: str, oldest_first: bool
) -> None:
    for number in range(5):
        await scim("GET", f"/Users/{number}")
    seen: list[str] = []
    token = ""
    while not seen or token:
        response = await admin(
            "list_scim_requests",
            pb.ListScimRequestsRequest(
                scim_configuration_id=id,
                oldest_first=oldest_first,
                pagination=PaginationRequest(page_size=2, token=token),
            ),
        )
        seen += [each.path[-1] for each in response.scim_requests]
        token = response.pagination.next_token
    assert seen == sorted("01234", reverse=not oldest_first)
    with pytest.raises(ConnectError) as caught:
        await listed(
            admin, id, pagination=PaginationRequest(token=token or "x"), oldest_first=oldest_first
        )
    assert reason(caught.value) == "INVALID_PAGE_TOKEN"


async def test_a_request_with_an_unknown_token_belongs_to_no_configuration(
    admin: Clients, http: Client, id: str
) -> None:
    unknown = Scim(http, Token.mint(TokenKind.SCIM, bytes(32)).reveal())
    assert (await unknown("GET", "/Users")).status == 401
    assert (await unknown.at(f"/scim/v2/{id}")("GET", "/Users")).status == 401
    assert await listed(admin, id) == []


async def test_an_expired_tokens_requests_are_logged_as_refused_one_a_minute(
    database: Database,
    admin: Clients,
    clients_for: ClientsFor,
    acme: Founded,
    scim: Scim,
    id: str,
    clock: SettableClock,
) -> None:
    clock.advance(days=365)
    later = clients_for((await add_user(database, acme, clock.now, role=Role.ADMIN)).token.reveal())
    for _ in range(3):
        answer = await scim("GET", "/Users")
        assert (answer.error, answer.detail) == ((401, None), "the token has expired")
        assert answer.headers["www-authenticate"] == "Bearer"
    (refused,) = await listed(later, id)
    assert refused.status == 401
    assert refused.detail == (
        "the token expired at 2027-03-01 12:00:00Z; regenerate it, and enter the new one at the provider"
    )
    assert (await status(later, id)).last_failed_request == refused
    clock.advance(seconds=59)
    await scim("GET", "/Users")
    assert len(await listed(later, id)) == 1
    clock.advance(seconds=1)
    await scim("GET", "/Users")
    assert len(await listed(later, id)) == 2


async def test_a_replaced_tokens_requests_are_the_configurations_and_their_bearer_learns_nothing(
    admin: Clients, http: Client, scim: Scim, id: str, clock: SettableClock
) -> None:
    async with watching(admin, id, failed=True) as stream:
        await anext(stream)
        renewed = await regenerated(admin, id)
        clock.advance(minutes=5)
        unknown = Scim(http, Token.mint(TokenKind.SCIM, bytes(32)).reveal())
        answers = [await each("GET", "/Users") for each in (scim, scim, unknown)]
        assert {(each.error, each.detail) for each in answers} == {
            (
                (401, None),
                "the token is unknown, was replaced, or its SCIM configuration was deleted",
            )
        }
        (told,) = await requests_of(stream, 1)
    (refused,) = await listed(admin, id)
    assert told == refused == (await status(admin, id)).last_failed_request
    assert (refused.status, refused.path) == (401, "/scim/v2/Users")
    assert refused.detail == (
        "the token was replaced at 2026-03-01 12:00:00Z; enter the new one at the provider"
    )
    assert (await Scim(http, renewed)("GET", "/Users")).status == 200
    assert (await status(admin, id)).token_last_used_at is not None


async def test_each_of_several_replaced_tokens_has_its_own_minute(
    admin: Clients, http: Client, scim: Scim, id: str, clock: SettableClock
) -> None:
    second = Scim(http, await regenerated(admin, id))
    clock.advance(hours=1)
    await regenerated(admin, id)
    for old in (scim, second, scim, second):
        await old("POST", "/Users", {"userName": "eve@acme.example"})
    found = await listed(admin, id, oldest_first=True)
    assert [each.detail[:45] for each in found] == [
        "the token was replaced at 2026-03-01 12:00:00",
        "the token was replaced at 2026-03-01 13:00:00",
    ]


async def test_an_expired_token_that_is_replaced_then_is_told_as_replaced(
    database: Database,
    clients_for: ClientsFor,
    acme: Founded,
    scim: Scim,
    id: str,
    clock: SettableClock,
) -> None:
    clock.advance(days=365)
    later = clients_for((await add_user(database, acme, clock.now, role=Role.ADMIN)).token.reveal())
    await scim("GET", "/Users")
    await regenerated(later, id)
    await scim("GET", "/Users")  # within the minute
    clock.advance(minutes=1)
    await scim("GET", "/Users")
    assert [each.detail[:22] for each in await listed(later, id)] == [
        "the token was replaced",
        "the token expired at 2",
    ]


async def test_an_ended_token_is_known_for_90_days(
    database: Database,
    clients_for: ClientsFor,
    admin: Clients,
    acme: Founded,
    scim: Scim,
    id: str,
    clock: SettableClock,
) -> None:
    await regenerated(admin, id)
    clock.advance(days=90, microseconds=-1)
    later = clients_for((await add_user(database, acme, clock.now, role=Role.ADMIN)).token.reveal())
    await scim("GET", "/Users")
    assert len(await listed(later, id)) == 1
    clock.advance(minutes=1)
    await scim("GET", "/Users")
    assert len(await listed(later, id)) == 1


async def test_the_latest_20_ended_tokens_of_a_configuration_are_known(
    admin: Clients, http: Client, scim: Scim, id: str, clock: SettableClock
) -> None:
    tokens = [scim.token]
    for _ in range(21):
        clock.advance(seconds=1)
        tokens.append(await regenerated(admin, id))
    for token in tokens[:-1]:
        await Scim(http, token)("GET", "/Users")
    assert len(await listed(admin, id)) == 20
    clock.advance(minutes=1)
    await Scim(http, tokens[0])("GET", "/Users")
    assert len(await listed(admin, id)) == 20


async def test_a_deleted_configurations_old_tokens_are_nobodys(
    database: Database,
    admin: Clients,
    http: Client,
    scim: Scim,
    id: str,
    server: Server,
    clock: SettableClock,
) -> None:
    current = await regenerated(admin, id)
    await scim("GET", "/Users")
    await server.scim_log.settle()
    await admin(
        "delete_scim_configuration",
        scim_pb.DeleteSCIMConfigurationRequest(scim_configuration_id=id),
    )
    for token in (scim.token, current):
        assert (await Scim(http, token)("GET", "/Users")).status == 401
    await server.scim_log.settle()
    await Sweeper(database, clock).sweep()
    configuration = ScimConfigurationId(UUID(id))
    assert await database.read(lambda c: following(c, configuration, 0, 1 << 62, 9)) == []


async def test_no_log_has_a_token(
    admin: Clients, http: Client, scim: Scim, id: str, capfd: pytest.CaptureFixture[str]
) -> None:
    renewed = await regenerated(admin, id)
    for token in (scim.token, renewed):
        agent = {"user-agent": f"agent {token}", "x-request-id": token}
        await Scim(http, token)("GET", f"/Users/{token}", headers=agent, access_token=token)
        await http.get(f"http://orgplane.test/{token}")
    shown = str(await listed(admin, id))
    logs.drain()
    written = capfd.readouterr().err
    for token in (scim.token, renewed):
        assert token[-20:] not in shown
        assert token[-20:] not in written
    assert "orgplane_scim_" in shown


async def test_a_disabled_configurations_request_is_logged_as_failed(
    admin: Clients, scim: Scim, id: str
) -> None:
    await admin(
        "update_scim_configuration",
        scim_pb.UpdateSCIMConfigurationRequest(scim_configuration_id=id, enabled=False),
    )
    answer = await scim("GET", "/Users")
    (refused,) = await listed(admin, id)
    assert (refused.status, refused.detail) == (403, answer.detail)


async def test_secrets_are_in_no_column(admin: Clients, scim: Scim, id: str) -> None:
    await scim("GET", "/Users", filter='password eq "hunter2"')
    await scim("GET", "/Users", filter="password eq hunter2")
    await scim("GET", "/Users", filter='not (password eq hunter2) or title eq "x"')
    await scim("GET", "/Users/api_key=hunter2")
    for filter in ("password eq hunter2", 'api_key eq "hunter2"'):
        refused = await scim("POST", "/Users/.search", {"filter": filter})
        assert refused.error == (400, "invalidFilter")
    await scim("GET", f"/Users/{scim.token}", access_token="hunter2")
    for each in await listed(admin, id):
        assert "hunter2" not in str(each)
        assert scim.token not in str(each)


@pytest.fixture
async def verbose(database: Database, clock: SettableClock) -> AsyncIterator[Server]:
    server = build(
        database,
        bytes(32),
        clock=clock,
        max_request_bytes=1024 * 1024,
        request_timeout=30,
        scim_log_bodies=True,
    )
    yield server
    await server.aclose()


async def test_bodies_are_kept_without_passwords_when_they_are_to_be(
    admin: Clients, verbose: Server, issued: tuple[str, str], id: str
) -> None:
    scim = Scim(Client(ASGITransport(verbose.front)), issued[1])
    await scim.create_user("eve@acme.example", password="hunter2", displayName="Eve")
    await verbose.scim_log.settle()
    (made,) = await listed(admin, id)
    assert '"displayName": "Eve"' in made.request_body
    assert '"password": "[redacted]"' in made.request_body
    assert '"userName": "eve@acme.example"' in made.response_body
    assert "hunter2" not in str(made)


async def test_a_body_that_was_compressed_is_kept_as_it_was_before(
    admin: Clients, verbose: Server, issued: tuple[str, str], id: str, clock: SettableClock
) -> None:
    scim = Scim(Client(ASGITransport(verbose.front)), issued[1])
    eve = gzip.compress(json.dumps(user("eve", password="hunter2")).encode())
    many = gzip.compress(json.dumps(user("ann", title="x" * 70_000)).encode())
    for body in (eve, b"no gzip", many):
        clock.advance(seconds=1)
        await scim("POST", "/Users", body, {"content-encoding": "gzip"})
    await verbose.scim_log.settle()
    kept = [each.request_body for each in await listed(admin, id, oldest_first=True)]
    assert kept == [
        json.dumps(user("eve", password="[redacted]")),
        "(7 bytes in the content coding gzip, not kept)",
        f"({len(many)} bytes in the content coding gzip, not kept)",
    ]


async def test_the_status_tells_how_provisioning_fares(
    admin: Clients, scim: Scim, id: str, clock: SettableClock
) -> None:
    fresh = await status(admin, id)
    assert (fresh.enabled, fresh.linked, fresh.user_count, fresh.group_count) == (True, True, 0, 0)
    assert fresh.token_last_used_at is fresh.last_successful_request is None
    assert fresh.last_failed_request is None
    assert fresh.token_expires_at is not None
    assert fresh.token_expires_at.to_datetime() == clock.now + timedelta(days=365)
    await scim.create_user("eve@acme.example")
    clock.advance(minutes=1)
    await scim("GET", "/Users/1")
    found = await status(admin, id)
    assert found.user_count == 1
    assert found.last_successful_request is not None
    assert found.last_successful_request.method == "POST"
    assert found.last_failed_request is not None
    assert found.last_failed_request.status == 404
    assert found.token_last_used_at is not None
    assert found.token_last_used_at.to_datetime() == clock.now
    clock.advance(minutes=1)
    await admin(
        "regenerate_scim_token", scim_pb.RegenerateSCIMTokenRequest(scim_configuration_id=id)
    )
    assert (await status(admin, id)).token_last_used_at is None


async def test_the_status_warns_of_what_ends_within_14_days(
    database: Database,
    admin: Clients,
    clients_for: ClientsFor,
    acme: Founded,
    id: str,
    clock: SettableClock,
) -> None:
    begin = clock.now
    await admin(
        "regenerate_scim_token",
        scim_pb.RegenerateSCIMTokenRequest(
            scim_configuration_id=id, token_expires_in=Duration.from_timedelta(timedelta(days=79))
        ),
    )
    clock.advance(days=65, microseconds=-1)
    fresh = await status(admin, id)
    assert fresh.token_warning is fresh.organization_warning is None
    clock.advance(days=12)
    found = await status(admin, id)
    assert found.token_warning == pb.ExpiryWarning(
        expires_at=Timestamp.from_datetime(begin + timedelta(days=79)),
        days_left=2,
        message="the SCIM token ends at 2026-05-19 12:00:00Z: regenerate it, and enter the new one "
        "at the provider",
    )
    assert found.organization_warning == pb.ExpiryWarning(
        expires_at=Timestamp.from_datetime(begin + timedelta(days=90)),
        days_left=13,
        user_id=str(acme.administrator.id),
        message="the last token or sign-in that can act for the organization, of ada@acme.example, ends at "
        "2026-05-30 12:00:00Z: an administrator should sign in again, or create another token, before "
        "(CreatePersonalAccessToken, orgplane tokens create)",
    )
    clock.advance(days=10)
    other = await add_user(database, acme, clock.now, role=Role.ADMIN)
    found = await status(clients_for(other.token.reveal()), id)
    assert found.token_warning is not None
    assert found.token_warning.days_left == 0
    assert "the SCIM token ended at 2026-05-19 12:00:00Z" in found.token_warning.message
    assert found.organization_warning is None


async def test_another_organizations_configuration_is_not_found(
    stranger: Clients, scim: Scim, id: str
) -> None:
    await scim("GET", "/Users")
    for call in (
        listed(stranger, id),
        status(stranger, id),
        stranger("watch_scim_requests", pb.WatchScimRequestsRequest(scim_configuration_id=id)),
        listed(stranger, str(uuid4())),
    ):
        with pytest.raises(ConnectError) as caught:
            await call
        assert reason(caught.value) == "SCIM_CONFIGURATION_NOT_FOUND"


async def test_requests_go_with_their_configuration(admin: Clients, scim: Scim, id: str) -> None:
    await scim("GET", "/Users")
    await listed(admin, id)
    await admin(
        "delete_scim_configuration",
        scim_pb.DeleteSCIMConfigurationRequest(scim_configuration_id=id),
    )
    with pytest.raises(ConnectError) as caught:
        await listed(admin, id)
    assert caught.value.code is Code.NOT_FOUND


@contextlib.asynccontextmanager
async def watching(clients: Clients, id: str, **fields: Any) -> AsyncIterator[Any]:
    """A watch that has begun."""
    request = pb.WatchScimRequestsRequest(scim_configuration_id=id, **fields)
    async with contextlib.aclosing(clients.call("watch_scim_requests", request)) as stream:
        yield stream


async def requests_of(stream: Any, count: int) -> list[pb.ScimRequest]:
    """The next requests; heartbeats are passed over."""
    found: list[pb.ScimRequest] = []
    while len(found) < count:
        told = await anext(stream)
        if told.scim_request is not None:
            found.append(told.scim_request)
    return found


async def test_a_watch_begins_with_a_sign_of_life_and_tells_of_each_new_request(
    admin: Clients, scim: Scim, id: str, clock: SettableClock
) -> None:
    await scim("GET", "/Users/old")
    async with watching(admin, id) as stream:
        first = await anext(stream)
        assert first.scim_request is None
        for number in range(3):
            await scim("GET", f"/Users/{number}")
        assert [each.path[-1] for each in await requests_of(stream, 3)] == ["0", "1", "2"]


async def test_a_watch_begins_with_recent_ones(admin: Clients, scim: Scim, id: str) -> None:
    for number in range(5):
        await scim("GET", f"/Users/{number}")
    async with watching(admin, id, recent=2) as stream:
        assert [each.path[-1] for each in await requests_of(stream, 2)] == ["3", "4"]


async def test_a_watch_goes_on_behind_what_was_told(admin: Clients, scim: Scim, id: str) -> None:
    async with watching(admin, id) as stream:
        cursor = (await anext(stream)).cursor
    for number in range(3):
        await scim("GET", f"/Users/{number}")
    seen = []
    for _ in range(3):
        async with watching(admin, id, cursor=cursor) as stream:
            assert (await anext(stream)).scim_request is None
            told = await anext(stream)
            cursor = told.cursor
            seen.append(told.scim_request.path[-1])
    assert seen == ["0", "1", "2"]


async def test_a_cursor_is_good_for_its_configuration_only(
    admin: Clients, acme: Founded, id: str
) -> None:
    other, _ = await new_configuration(admin, acme)
    async with watching(admin, other) as stream:
        cursor = (await anext(stream)).cursor
    for wrong in (cursor, "x", cursor[:-2]):
        with pytest.raises(ConnectError) as caught:
            async with watching(admin, id, cursor=wrong) as stream:
                await anext(stream)
        assert reason(caught.value) == "INVALID_PAGE_TOKEN"
        assert caught.value.message.startswith("cursor: ")


async def test_a_watch_of_failures_tells_of_nothing_else(
    admin: Clients, scim: Scim, id: str
) -> None:
    async with watching(admin, id, failed=True) as stream:
        await anext(stream)
        await scim("GET", "/Users")
        await scim("GET", "/Users/1")
        (failed,) = await requests_of(stream, 1)
        assert failed.status == 404


async def test_a_watch_ends_when_the_caller_may_no_longer_see(
    database: Database,
    admin: Clients,
    clients_for: ClientsFor,
    acme: Founded,
    id: str,
    clock: SettableClock,
) -> None:
    other = await add_user(database, acme, clock.now, role=Role.ADMIN)
    async with watching(clients_for(other.token.reveal()), id) as stream:
        await anext(stream)
        await admin(
            "set_suspended", SetSuspendedRequest(user_id=str(other.user.id), suspended=True)
        )
        with pytest.raises(ConnectError) as caught:
            await anext(stream)
    assert reason(caught.value) == "USER_SUSPENDED"


async def test_a_watch_ends_with_its_configuration(admin: Clients, id: str) -> None:
    async with watching(admin, id) as stream:
        await anext(stream)
        await admin(
            "delete_scim_configuration",
            scim_pb.DeleteSCIMConfigurationRequest(scim_configuration_id=id),
        )
        with pytest.raises(ConnectError) as caught:
            await anext(stream)
    assert reason(caught.value) == "SCIM_CONFIGURATION_NOT_FOUND"


async def test_a_watch_ends_at_once_when_the_server_stops(
    server: Server, admin: Clients, id: str
) -> None:
    async with watching(admin, id) as stream:
        await anext(stream)
        server.drain()
        with pytest.raises(ConnectError) as caught:
            await asyncio.wait_for(anext(stream), 30)
    assert reason(caught.value) == "SERVER_STOPPING"
