"""Streams in the form that the vendor's 0.x SDKs ask for: a plain POST, and one line of JSON a message."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from orgplane_server.usecases.organization import Founded
from pyqwest import Client, FullResponse, Response
from rpc_clients import ORIGIN

WATCH = f"{ORIGIN}/gitpod.v1.EventService/WatchEvents"
UPDATE = f"{ORIGIN}/gitpod.v1.OrganizationService/UpdateOrganization"
LINES = {"content-type": "application/json", "accept": "application/jsonl"}


@pytest.fixture
def bearer(acme: Founded) -> dict[str, str]:
    return {"authorization": f"Bearer {acme.token.reveal()}"}


async def lines(response: Response) -> AsyncIterator[Any]:
    """Each line, as soon as all pieces of 64 bytes that it touches are there, as those SDKs read."""
    received = b""
    async for chunk in response.content:
        received += chunk
        whole = received[: len(received) // 64 * 64]
        *ended, _ = whole.split(b"\n")
        for line in ended:
            received = received[len(line) + 1 :]
            yield json.loads(line)
    assert received.strip() == b""


async def post(http: Client, body: bytes, headers: dict[str, str]) -> FullResponse:
    return await http.post(WATCH, headers=LINES | headers, content=body)


@pytest.mark.parametrize("content_type", ["application/json", "application/jsonl"])
async def test_each_message_is_a_line(
    http: Client, acme: Founded, bearer: dict[str, str], content_type: str
) -> None:
    headers = LINES | bearer | {"content-type": content_type}
    async with http.stream("POST", WATCH, headers=headers, content=b"{}") as response:
        assert response.status == 200
        assert response.headers["content-type"] == "application/jsonl"
        told = lines(response)
        assert (await anext(told))["resourceId"] == ""  # the heartbeat at the beginning
        body = {"organizationId": str(acme.organization.id), "name": "Initech"}
        changed = await http.post(
            UPDATE,
            headers=bearer | {"content-type": "application/json"},
            content=json.dumps(body).encode(),
        )
        assert changed.status == 200
        event = await anext(told)
        assert event["operation"] == "RESOURCE_OPERATION_UPDATE"
        assert event["resourceId"] == str(acme.organization.id)


@pytest.mark.parametrize(
    ("body", "token", "status", "code"),
    [
        (b"{}", "Bearer none", 401, "unauthenticated"),
        (b'{"resourceTypeFilters": [{"resourceType": 0}]}', None, 400, "invalid_argument"),
        (b"{", None, 400, "invalid_argument"),
        (b'{"x": "' + b"x" * 1024 * 1024 + b'"}', None, 429, "resource_exhausted"),
    ],
    ids=["no token", "a bad field", "no JSON", "too large"],
)
async def test_a_failure_at_the_start_is_answered_as_elsewhere(
    http: Client, bearer: dict[str, str], body: bytes, token: str | None, status: int, code: str
) -> None:
    response = await post(http, body, {"authorization": token} if token else bearer)
    assert response.status == status
    assert response.headers["content-type"] == "application/json"
    error = response.json()
    assert error["code"] == code
    assert error["message"]
    assert any(detail["type"] == "google.rpc.ErrorInfo" for detail in error["details"])


async def test_a_failure_later_is_the_last_line(
    http: Client, acme: Founded, bearer: dict[str, str]
) -> None:
    async with http.stream("POST", WATCH, headers=LINES | bearer, content=b"{}") as response:
        told = lines(response)
        await anext(told)
        service = f"{ORIGIN}/gitpod.v1.UserService"
        headers = bearer | {"content-type": "application/json"}
        listed = await http.post(
            f"{service}/ListPersonalAccessTokens", headers=headers, content=b"{}"
        )
        (token,) = listed.json()["personalAccessTokens"]
        await http.post(
            f"{service}/DeletePersonalAccessToken",
            headers=headers,
            content=json.dumps({"personalAccessTokenId": token["id"]}).encode(),
        )
        last = [line async for line in told][-1]
        assert last["error"]["code"] == "unauthenticated"


async def test_who_does_not_ask_for_it_gets_connect_only(
    http: Client, bearer: dict[str, str]
) -> None:
    response = await post(http, b"{}", bearer | {"accept": "*/*"})
    assert response.status == 415
