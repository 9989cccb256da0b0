"""Whoever is let in is let in by the database's current truth, on every process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from clock import SettableClock
from databases import without_table
from orgplane_server.app.build import build
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.web.responses import Application, Message
from provisioning import MAX_REQUEST_BYTES, Administration, administration, serving
from pyqwest import Client
from scim_client import Scim, user

Change = Callable[[Administration, ScimConfiguration], Awaitable[object]]


async def disable(admin: Administration, configuration: ScimConfiguration) -> None:
    await admin.update(configuration, {"enabled": False})


async def unlink(admin: Administration, configuration: ScimConfiguration) -> None:
    await admin.update(configuration, {"sso_configuration_id": None})


async def regenerate(admin: Administration, configuration: ScimConfiguration) -> None:
    await admin.configurations.regenerate_token(admin.owner.caller, configuration.id)


async def delete(admin: Administration, configuration: ScimConfiguration) -> None:
    await admin.configurations.delete(admin.owner.caller, configuration.id)


SHUT: list[tuple[Change, int]] = [(disable, 403), (unlink, 403), (regenerate, 401), (delete, 401)]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "non-token",
        "Basic dXNlcjpwYXNz",
        "Bearer orgplane_scim_0000000000000000000000000000000000000000000000000",
    ],
)
async def test_without_a_token_nothing_is_told_but_that(
    http: Client, scim: Scim, authorization: str | None
) -> None:
    stranger = Scim(http, "")
    headers = {} if authorization is None else {"authorization": authorization}
    for method, path, body in (
        ("GET", "/Users", None),
        ("POST", "/Users", user("x")),
        ("POST", "/Users", b"no json"),
        ("PUT", "/nothing/here", None),
        ("POST", "/Bulk", {"Operations": [{"method": "POST", "path": "/Users"}]}),
        ("GET", "/Me", None),
    ):
        answer = await stranger(method, path, body, headers)
        assert answer.error == (401, None)
        assert answer.headers["www-authenticate"] == "Bearer"
    assert await scim.found("userName pr") == []


async def unread(app: Application, method: str, path: str, token: str) -> int:
    """The status that is answered to a request of whose body nobody may ask for a byte."""
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError(f"the body of {method} {path} is read")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {
        "authorization": f"Bearer {token}",
        "content-type": "application/scim+json",
        "content-length": "1000000",
    }
    for more in ({}, {"content-encoding": "gzip"}):
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": b"",
            "headers": [(k.encode(), v.encode()) for k, v in {**headers, **more}.items()],
        }
        await app(scope, receive, send)
    first, second = (message["status"] for message in sent if "status" in message)
    assert first == second
    return int(first)


async def test_no_byte_of_a_body_is_read_before_the_gate_has_let_its_sender_in(
    database: Database,
    clock: SettableClock,
    admin: Administration,
    issued: tuple[ScimConfiguration, str],
) -> None:
    server = build(
        database, bytes(32), clock=clock, max_request_bytes=MAX_REQUEST_BYTES, request_timeout=30
    )
    configuration, token = issued
    requests = [
        (method, f"/scim/v2{path}")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        for path in (
            *("/Users", "/Users/x", "/Users/.search", "/Groups", "/Groups/x", "/Groups/.search"),
            *("/Bulk", "/.search", "/", "/Me", "/ServiceProviderConfig", "/nothing/here"),
        )
    ]
    unknown = "orgplane_scim_0000000000000000000000000000000000000000000000000"
    for method, path in requests:
        for stranger in ("nonsense", unknown, admin.owner.token.reveal()):
            assert await unread(server.front, method, path, stranger) == 401, (method, path)
    await disable(admin, configuration)
    for method, path in requests:
        assert await unread(server.front, method, path, token) == 403, (method, path)
    await server.aclose()


async def test_the_scheme_is_written_as_one_likes(http: Client, scim: Scim) -> None:
    for scheme in ("bearer", "BEARER", "Bearer  "):
        answer = await Scim(http, "")(
            "GET", "/Users", headers={"authorization": f"{scheme} {scim.token}"}
        )
        assert answer.status == 200


async def test_a_personal_access_token_is_no_scim_token(http: Client, acme: Founded) -> None:
    answer = await Scim(http, acme.token.reveal())("GET", "/Users")
    assert answer.error == (401, None)


async def test_a_token_lasts_until_it_expires(
    scim: Scim, configuration: ScimConfiguration, clock: SettableClock
) -> None:
    clock.now = configuration.token_expires_at
    answer = await scim("GET", "/Users")
    assert answer.error == (401, None)
    assert "expired" in answer.detail


async def test_the_address_may_name_the_configuration(
    scim: Scim, stranger: Scim, configuration: ScimConfiguration
) -> None:
    await scim.create_user("alice")
    for prefix in ("/scim/v2", "/api/scim/v2"):
        base = f"{prefix}/{configuration.id}"
        (found,) = (await scim.at(base)("GET", "/Users")).json["Resources"]
        assert found["meta"]["location"] == f"http://orgplane.test{base}/Users/{found['id']}"
        answer = await stranger.at(base)("GET", "/Users")
        assert answer.error == (404, None)
    unknown = await scim.at(f"/scim/v2/{configuration.organization_id}")("GET", "/Users")
    assert (unknown.error, unknown.detail) == ((404, None), answer.detail)


async def test_a_disabled_configuration_is_told_so_and_works_again_when_enabled(
    scim: Scim, admin: Administration, configuration: ScimConfiguration
) -> None:
    made = await scim.create_user("alice")
    await disable(admin, configuration)
    for method, path, body in (
        ("GET", "/Users", None),
        ("POST", "/Users", user("x")),
        ("POST", "/Users", b"no json"),
        ("DELETE", f"/Users/{made['id']}", None),
    ):
        answer = await scim(method, path, body)
        assert answer.error == (403, None)
        assert "disabled" in answer.detail
    await admin.update(configuration, {"enabled": True})
    assert await scim.found("userName pr") == ["alice"]


async def test_an_unlinked_configuration_reads_but_changes_nothing(
    scim: Scim, admin: Administration, configuration: ScimConfiguration
) -> None:
    made = await scim.create_user("alice")
    await unlink(admin, configuration)
    assert await scim.found("userName pr") == ["alice"]
    for method, path in (
        ("POST", "/Users"),
        ("PUT", f"/Users/{made['id']}"),
        ("POST", "/Bulk"),
    ):
        answer = await scim(method, path, user("x"))
        assert answer.error == (403, None)
        assert "linked" in answer.detail


@pytest.mark.parametrize(("change", "status"), SHUT)
async def test_a_token_that_was_good_a_moment_ago_opens_nothing(
    scim: Scim,
    admin: Administration,
    configuration: ScimConfiguration,
    change: Change,
    status: int,
) -> None:
    """Neither where nothing else would be asked of the database."""
    made = await scim.create_user("alice")
    assert (await scim("POST", "/Users", b"no json")).status == 400
    await change(admin, configuration)
    waiting = {
        "method": "PUT",
        "path": "/Users/bulkId:x",
        "bulkId": "x",
        "data": {"id": "bulkId:x"},
    }
    for method, path, body in (
        ("POST", "/Users", user("x")),
        ("POST", "/Users", b"no json"),
        ("PATCH", f"/Users/{made['id']}", b"{}"),
        ("PATCH", f"/Users/{made['id']}", {"Operations": []}),
        ("PUT", "/nothing/here", b"{}"),
        ("POST", "/Bulk", {"Operations": [waiting]}),
        ("POST", "/Bulk", {}),
        ("POST", "/ServiceProviderConfig", b"{}"),
    ):
        assert (await scim(method, path, body)).error == (status, None), path


@pytest.fixture
async def elsewhere(
    database_url: str, database: Database, clock: SettableClock
) -> AsyncIterator[Database]:
    """The database as another process has it open."""
    other = Database.open(database_url, connections=6)
    yield other
    await other.aclose()


@pytest.mark.parametrize(("change", "status"), SHUT)
async def test_once_it_is_answered_nothing_more_gets_in_anywhere(
    scim: Scim,
    configuration: ScimConfiguration,
    elsewhere: Database,
    database: Database,
    acme: Founded,
    clock: SettableClock,
    change: Change,
    status: int,
) -> None:
    busy = asyncio.Event()
    refused: list[int] = []

    async def provision(worker: int) -> None:
        for number in range(1000):
            answer = await scim("POST", "/Users", user(f"{worker}-{number}"))
            if answer.status != 201:
                refused.append(answer.status)
                return
            if number == 3:
                busy.set()

    async with serving(elsewhere, clock) as client:
        there = Scim(client, scim.token)
        workers = [asyncio.create_task(provision(worker)) for worker in range(8)]
        await busy.wait()
        await change(administration(elsewhere, clock, acme), configuration)
        count = await database.read(count_users)
        answers = await asyncio.gather(scim("POST", "/Users", user("late")), there("GET", "/Users"))
        await asyncio.gather(*workers)
        assert await database.read(count_users) == count
        assert refused == [status] * 8
        assert answers[0].status == status
        assert answers[1].status == (200 if change is unlink else status)


def count_users(connection: Any) -> int:
    return int(connection.exec_driver_sql("SELECT count(*) FROM scim_user").scalar_one())


async def test_what_goes_wrong_before_it_is_known_who_asks_is_answered_as_scim_has_it(
    scim: Scim, database: Database
) -> None:
    async with without_table(database, "scim_configuration"):
        answer = await scim("GET", "/Users")
    assert (answer.status, answer.json["status"]) == (500, "500")
    assert answer.json["detail"].startswith("internal error, request ")
