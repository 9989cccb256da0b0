"""What the client makes of the answers of proxies, load balancers and sign-in pages before the server."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import orgplane
import pytest
from either_client import settled
from fake_gateway import Gateway
from orgplane_api.google.rpc.error_details_pb import RetryInfo
from protobuf.wkt import Duration

ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"
TOKEN = "orgplane_pat_0123456789"
PATH = "/gitpod.v1.OrganizationService/GetSCIMConfiguration"
HTML = b"<html><head><title>No</title></head><body><h1>Access denied</h1>&amp; so on</body></html>"

#: The gateway's own JSON, nothing of Connect's: no code, an unknown one, others' shapes.
FOREIGN = (
    b'{"code": "Forbidden", "message": "no way"}',
    b'{"code": 403, "message": "no way"}',
    b'{"message": "no way"}',
    b'{"error": "no way"}',
    b'{"code": "unavailable", "message": {"text": "no way"}}',
    b'{"code": "unavailable", "message": "no way", "details": ["no way"]}',
)


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Any:
    return orgplane.Client if request.param == "sync" else orgplane.AsyncClient


@pytest.fixture(params=["connect", "connect-json", "grpc", "grpc-web"])
def options(request: pytest.FixtureRequest) -> dict[str, str]:
    protocol, json, _ = str(request.param).partition("-json")
    return {"protocol": protocol, "codec": "json" if json else "proto"}


@pytest.fixture
def jitter() -> float:
    """None: what a gateway asks for is waited, and no more."""
    return 0.0


async def refused(kind: Any, url: str, **options: Any) -> orgplane.APIError:
    """What a read raises."""
    client = kind(url=url, token=TOKEN, **options)
    read = client.organizations.scim_configurations.retrieve
    with pytest.raises(orgplane.APIError) as caught:
        await settled(read(scim_configuration_id=ID))
    await settled(client.close())
    assert TOKEN not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("status", "error", "attempts"),
    [
        (400, orgplane.InternalError, 1),
        (401, orgplane.UnauthenticatedError, 1),
        (403, orgplane.PermissionDeniedError, 1),
        (404, orgplane.UnimplementedError, 1),
        (429, orgplane.UnavailableError, 3),
        (500, orgplane.APIError, 1),
        (502, orgplane.UnavailableError, 3),
        (503, orgplane.UnavailableError, 3),
        (504, orgplane.UnavailableError, 3),
    ],
)
async def test_an_answer_of_a_gateway_is_judged_by_its_status(
    kind: Any,
    options: dict[str, str],
    waits: list[float],
    status: int,
    error: type[orgplane.APIError],
    attempts: int,
) -> None:
    with Gateway(status, HTML, server="nginx") as gateway:
        caught = await refused(kind, gateway.url, **options)
    assert type(caught) is error
    assert f"HTTP {status} " in str(caught)
    assert "from a gateway before the server (nginx)" in str(caught)
    assert str(caught).endswith(": Access denied & so on")
    assert ("the URL " + gateway.url + " or its path may be wrong" in str(caught)) is (
        status == 404
    )
    assert len(gateway.asked) == attempts


@pytest.mark.parametrize("body", FOREIGN)
async def test_so_is_json_that_is_not_connects(kind: Any, body: bytes) -> None:
    with Gateway(403, body, "application/json; charset=utf-8") as gateway:
        caught = await refused(kind, gateway.url)
    assert type(caught) is orgplane.PermissionDeniedError
    assert "HTTP 403 Forbidden" in str(caught)
    assert "no way" in str(caught)
    assert len(gateway.asked) == 1


async def test_connects_own_json_is_the_servers(kind: Any, options: dict[str, str]) -> None:
    body = json.dumps({"code": "not_found", "message": "no such thing"}).encode()
    with Gateway(404, body, "application/json") as gateway:
        caught = await refused(kind, gateway.url, **options)
    assert type(caught) is orgplane.NotFoundError
    assert str(caught) == "no such thing"


async def test_what_it_says_is_quoted_in_short_and_without_the_token(kind: Any) -> None:
    echo = f"you sent authorization: Bearer {TOKEN} \x1b[2J and other@x {'x' * 500}"
    with Gateway(502, echo.encode(), "text/plain", x_request_id="abc") as gateway:
        caught = await refused(kind, gateway.url, max_retries=0)
    assert "you sent authorization: Bearer (token) [2J and other@x xxx" in str(caught)
    assert len(str(caught)) < 300
    assert str(caught).isprintable()
    assert caught.request_id == "abc"


@pytest.mark.parametrize("date", [False, True])
async def test_the_time_to_wait_that_a_gateway_names_is_waited(
    kind: Any, options: dict[str, str], waits: list[float], date: bool
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)
    with Gateway(429, retry_after=later if date else "5") as gateway:
        caught = await refused(kind, gateway.url, **options)
    assert type(caught) is orgplane.UnavailableError
    assert caught.retry_after is not None
    assert timedelta() <= caught.retry_after <= timedelta(seconds=5)
    assert date or waits == [5.0, 5.0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_named_and_not_followed(
    kind: Any, options: dict[str, str], status: int
) -> None:
    with Gateway(200) as elsewhere:
        location = f"http://user:pass@{elsewhere.address}/base{PATH}?state=secret"
        with Gateway(status, location=location) as gateway:
            caught = await refused(kind, gateway.url, **options)
    assert type(caught) is orgplane.UnimplementedError
    assert f"redirected to {elsewhere.url}/base{PATH}, where the token is not sent" in str(caught)
    assert str(caught).endswith(f"use the URL {elsewhere.url}/base")
    assert "pass@" not in str(caught)
    assert "secret" not in str(caught)
    assert len(gateway.asked) == 1
    assert elsewhere.asked == []


async def test_a_page_with_status_200_is_no_answer(kind: Any, options: dict[str, str]) -> None:
    with Gateway(200, HTML, server="hotel") as gateway:
        caught = await refused(kind, gateway.url, **options)
    assert type(caught) is orgplane.InternalError
    assert str(caught) == (
        "the answer cannot be read: HTTP 200 OK from a gateway before the server (hotel); "
        f"the URL {gateway.url} or its path may be wrong: Access denied & so on"
    )
    assert len(gateway.asked) == 1


async def test_so_is_a_redirect_to_nowhere(kind: Any) -> None:
    with Gateway(302, location="http://[::1") as gateway:
        caught = await refused(kind, gateway.url)
    assert type(caught) is orgplane.UnimplementedError
    assert str(caught) == "HTTP 302 Found: redirected to what is no URL"
    assert len(gateway.asked) == 1


@pytest.mark.parametrize(
    ("type", "value", "waited"),
    [
        ("RetryInfo", RetryInfo(retry_delay=Duration(seconds=-5)).to_binary(), timedelta()),
        ("RetryInfo", RetryInfo(retry_delay=Duration(seconds=2**62)).to_binary(), timedelta.max),
        ("RetryInfo", b"\xff", None),
        ("ErrorInfo", b"\xff", None),
        ("BadRequest", b"\xff", None),
        ("RequestInfo", b"\xff", None),
    ],
)
async def test_details_that_mean_nothing_do_not_hide_the_error(
    kind: Any, waits: list[float], type: str, value: bytes, waited: timedelta | None
) -> None:
    detail = {
        "type": f"google.rpc.{type}",
        "value": b64encode(value).decode().rstrip("="),
    }
    body = {"code": "unavailable", "message": "not now", "details": [detail]}
    with Gateway(503, json.dumps(body).encode(), "application/json") as gateway:
        caught = await refused(kind, gateway.url)
    assert isinstance(caught, orgplane.UnavailableError)
    assert str(caught) == "not now"
    assert caught.retry_after == waited


async def test_a_redirect_to_a_sign_in_page_is_called_so(kind: Any) -> None:
    with Gateway(302, location="/login?rd=x") as gateway:
        caught = await refused(kind, f"{gateway.url}/api")
    assert f"redirected to {gateway.url}/login, " in str(caught)
    assert f"is {gateway.url}/api the server's URL" in str(caught)


async def test_a_watch_ends_with_what_a_gateway_says_once(
    kind: Any, options: dict[str, str]
) -> None:
    with Gateway(401, HTML) as gateway:
        client = kind(url=gateway.url, token=TOKEN, **options)
        watch = client.events.watch()
        begin = next if isinstance(client, orgplane.Client) else anext
        with pytest.raises(orgplane.UnauthenticatedError, match="HTTP 401 Unauthorized from"):
            await settled(begin(watch))  # type: ignore[operator]
        await settled(client.close())
    assert len(gateway.asked) == 1
