"""What browsers are told when a page of another origin calls."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from clock import SettableClock
from databases import new_sqlite
from orgplane_server.app.build import build
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from pyqwest import Client, FullResponse
from pyqwest.testing import ASGITransport
from rpc_clients import ORIGIN

PAGE = "https://app.example.com"
OTHERS = (
    "https://evil.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com.evil.example",
    "null",
)
RPC = "/gitpod.v1.UserService/GetAuthenticatedUser"
#: What connect-web sends, in either of its protocols, with a timeout and a request id.
SENT = (
    "authorization,connect-protocol-version,connect-timeout-ms,content-type,"
    "grpc-timeout,x-grpc-web,x-request-id,x-user-agent"
)

Http = Callable[..., Client]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One will do: none of this reaches the database."""
    return new_sqlite(tmp_path)


@pytest.fixture
def http(database: Database, clock: SettableClock) -> Http:
    def http(*origins: str) -> Client:
        server = build(
            database,
            bytes(32),
            clock=clock,
            max_request_bytes=1024 * 1024,
            request_timeout=30,
            origins=origins,
        )
        return Client(ASGITransport(server.front))

    return http


async def preflight(client: Client, origin: str, path: str = RPC, method: str = "POST") -> Any:
    return await client.execute(
        "OPTIONS",
        f"{ORIGIN}{path}",
        headers={
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": SENT,
        },
    )


async def call(
    client: Client, origin: str | None, path: str = RPC, token: str = ""
) -> FullResponse:
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if origin:
        headers["origin"] = origin
    return await client.post(f"{ORIGIN}{path}", headers=headers, content=b"{}")


def listed(response: FullResponse, header: str) -> set[str]:
    return set(response.headers[header].split(", "))


def varies_by_origin(response: FullResponse) -> bool:
    """Whether a cache is told not to give one origin the answer to another."""
    return "origin" in response.headers.getall("vary")


def cors_headers(response: FullResponse) -> Collection[str]:
    return [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_an_allowed_page_may_send_what_its_client_sends(
    http: Http, prefix: str, method: str
) -> None:
    response = await preflight(http(PAGE, "http://localhost:3000"), PAGE, prefix + RPC, method)
    assert response.status == 200
    assert response.headers["access-control-allow-origin"] == PAGE
    assert method in listed(response, "access-control-allow-methods")
    assert set(SENT.split(",")) <= listed(response, "access-control-allow-headers")
    assert response.headers["access-control-max-age"] == "7200"
    assert varies_by_origin(response)


async def test_an_allowed_page_reads_the_answer_and_its_headers(http: Http, acme: Founded) -> None:
    response = await call(http(PAGE), PAGE, token=acme.token.reveal())
    assert response.status == 200
    assert response.headers["access-control-allow-origin"] == PAGE
    assert {
        "grpc-status",
        "grpc-message",
        "grpc-status-details-bin",
        "x-request-id",
        "www-authenticate",
    } <= listed(response, "access-control-expose-headers")
    assert varies_by_origin(response)


async def test_an_allowed_page_reads_errors_too(http: Http) -> None:
    client = http(PAGE)
    refused = await call(client, PAGE)
    assert refused.status == 401
    assert refused.headers["access-control-allow-origin"] == PAGE
    unknown = await call(client, PAGE, "/gitpod.v1.NoService/Nothing")
    assert unknown.status == 501
    assert unknown.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("origin", OTHERS)
async def test_any_other_page_is_not_let_in(http: Http, acme: Founded, origin: str) -> None:
    client = http(PAGE)
    asked = await preflight(client, origin)
    assert asked.status == 403
    assert "--cors-allowed-origins" in asked.json()["message"]
    assert not cors_headers(asked)
    answered = await call(client, origin, token=acme.token.reveal())
    assert not cors_headers(answered)
    assert varies_by_origin(answered)


async def test_by_default_no_page_is_let_in(http: Http, acme: Founded) -> None:
    client = http()
    asked = await preflight(client, PAGE)
    assert asked.status == 403
    assert not cors_headers(asked)
    answered = await call(client, PAGE, token=acme.token.reveal())
    assert answered.status == 200
    assert not cors_headers(answered)
    assert not varies_by_origin(answered)


@pytest.mark.parametrize("origin", [PAGE, *OTHERS])
async def test_a_star_lets_every_page_in_without_its_cookies(
    http: Http, acme: Founded, origin: str
) -> None:
    client = http("*")
    for response in (
        await preflight(client, origin),
        await call(client, origin, token=acme.token.reveal()),
    ):
        assert response.status == 200
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers


async def test_who_is_no_browser_is_not_concerned(http: Http, acme: Founded) -> None:
    response = await call(http(PAGE), None, token=acme.token.reveal())
    assert response.status == 200
    assert not cors_headers(response)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nothing"])
async def test_pages_read_rpcs_only(http: Http, path: str) -> None:
    client = http("*")
    assert not cors_headers(await client.get(f"{ORIGIN}{path}", headers={"origin": PAGE}))
    assert not cors_headers(await preflight(client, PAGE, path, "GET"))
