"""Streams asked for in plain JSON: errors are answers with a status; lines are tested on a real port."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from orgplane_server.usecases.organization import Founded
from people import Access
from pyqwest import Client
from rpc_clients import ORIGIN, PROTOCOLS

URL = f"{ORIGIN}/orgplane.v1.EventService/WatchEvents"


@pytest.fixture(params=["connect-json"])
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    return PROTOCOLS[request.param]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_argument"),
        (b"", 400, "invalid_argument"),
        (b'{"cursor": "x"}', 400, "invalid_argument"),
        (b'{"filter": {"resourceIds": ["x"]}}', 400, "invalid_argument"),
        (b'"' + b"x" * (1 << 20) + b'"', 429, "resource_exhausted"),
    ],
)
async def test_a_bad_request_is_told_so(
    http: Client, acme: Founded, body: bytes, status: int, code: str
) -> None:
    response = await http.post(
        URL,
        headers={
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {acme.token.reveal()}",
        },
        content=body,
    )
    assert response.status == status
    assert response.headers["content-type"] == "application/json"
    assert response.json()["code"] == code
    assert response.json()["details"]


async def test_a_compressed_request_is_read(http: Client, acme: Founded) -> None:
    response = await http.post(
        URL,
        headers={
            "content-type": "application/json",
            "content-encoding": "gzip",
            "authorization": f"Bearer {acme.token.reveal()}",
        },
        content=gzip.compress(b'{"filter": {"resourceIds": ["x"]}}'),
    )
    assert response.json()["message"].startswith("filter.resource_ids[0]: ")


async def test_what_a_client_accepts_of_envelopes_means_nothing_here(
    http: Client, acme: Founded
) -> None:
    response = await http.post(
        URL,
        headers={
            "connect-accept-encoding": "gzip",
            "content-type": "application/json",
            "authorization": f"Bearer {acme.token.reveal()}",
        },
        content=b'{"unknown": 1}',
    )
    assert response.status == 400
    assert response.json()["message"].startswith("unknown: ")


async def test_no_token_and_no_right_are_told_so(http: Client, acme_member: Access) -> None:
    headers = {"content-type": "application/json"}
    response = await http.post(URL, headers=headers, content=b"{}")
    assert (response.status, response.json()["code"]) == (401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"
    headers["authorization"] = f"Bearer {acme_member.token.reveal()}"
    response = await http.post(URL, headers=headers, content=b"{}")
    assert (response.status, response.json()["code"]) == (403, "permission_denied")


async def test_an_unknown_method_is_not_taken_for_a_stream(http: Client) -> None:
    response = await http.post(
        f"{ORIGIN}/orgplane.v1.EventService/Nothing",
        headers={"content-type": "application/json"},
        content=b"{}",
    )
    assert response.json()["code"] == "unimplemented"
