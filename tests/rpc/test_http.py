"""What plain HTTP clients see: paths, headers, JSON, and answers to what is no good request."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from clock import SettableClock
from orgplane_api.gitpod.v1.scim_configuration_pb import (
    GetSCIMConfigurationRequest,
    GetSCIMConfigurationResponse,
)
from orgplane_server.app.build import build
from orgplane_server.rpc.interceptors.validation import MANY_ELEMENTS
from orgplane_server.rpc.services import MAX_MESSAGE_BYTES
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry import logs
from orgplane_server.usecases.organization import Founded
from pyqwest import Client, FullResponse
from pyqwest.testing import ASGITransport
from rpc_clients import ORIGIN

ORGANIZATIONS = "/gitpod.v1.OrganizationService"
ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"
JSON = {"content-type": "application/json"}


@pytest.fixture
def bearer(acme: Founded) -> dict[str, str]:
    return {"authorization": f"Bearer {acme.token.reveal()}"}


async def post(
    http: Client, path: str, body: Any, headers: dict[str, str], query: str = ""
) -> FullResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await http.post(f"{ORIGIN}{path}{query}", headers=JSON | headers, content=content)


@pytest.fixture
async def configuration(http: Client, acme: Founded, bearer: dict[str, str]) -> dict[str, Any]:
    organization = {"organizationId": str(acme.organization.id)}
    sso = await post(
        http,
        f"{ORGANIZATIONS}/CreateSSOConfiguration",
        {
            **organization,
            "clientId": "c",
            "clientSecret": "s",
            "issuerUrl": "https://idp.example",
        },
        bearer,
    )
    scim = await post(
        http,
        f"{ORGANIZATIONS}/CreateSCIMConfiguration",
        {**organization, "ssoConfigurationId": sso.json()["ssoConfiguration"]["id"]},
        bearer,
    )
    made: dict[str, Any] = scim.json()["scimConfiguration"]
    return made


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_rpcs_are_served_at_the_root_and_under_api(
    http: Client, bearer: dict[str, str], configuration: dict[str, Any], prefix: str
) -> None:
    response = await post(
        http,
        f"{prefix}{ORGANIZATIONS}/UpdateSCIMConfiguration",
        {"scimConfigurationId": configuration["id"], "enabled": False},
        bearer,
    )
    assert response.status == 200
    assert response.json()["scimConfiguration"]["enabled"] is False


async def test_json_shows_false_and_empty_values(configuration: dict[str, Any]) -> None:
    assert configuration["allowUnverifiedEmailAccountLinking"] is False
    assert configuration["name"] == ""


async def test_json_keeps_microseconds(configuration: dict[str, Any]) -> None:
    assert configuration["createdAt"] == "2026-03-01T12:00:00.123456Z"


@pytest.mark.parametrize("null", ["name", "enabled", "ssoConfigurationId"])
async def test_a_json_null_leaves_the_field(
    http: Client, bearer: dict[str, str], configuration: dict[str, Any], null: str
) -> None:
    response = await post(
        http,
        f"{ORGANIZATIONS}/UpdateSCIMConfiguration",
        {"scimConfigurationId": configuration["id"], null: None},
        bearer,
    )
    assert response.json()["scimConfiguration"] == configuration


async def test_snake_case_is_accepted(
    http: Client, bearer: dict[str, str], configuration: dict[str, Any]
) -> None:
    response = await post(
        http,
        f"{ORGANIZATIONS}/UpdateSCIMConfiguration",
        {"scim_configuration_id": configuration["id"], "name": "x"},
        bearer,
    )
    assert response.json()["scimConfiguration"]["name"] == "x"


async def test_what_is_no_field_changes_nothing(
    http: Client, bearer: dict[str, str], configuration: dict[str, Any]
) -> None:
    path = f"{ORGANIZATIONS}/UpdateSCIMConfiguration"
    request = {"scimConfigurationId": configuration["id"], "name": "x", "enable": False}
    refused = await post(http, path, request, bearer)
    assert refused.status == 400
    assert refused.json()["message"].startswith("enable: is no field of gitpod.v1.UpdateSCIM")
    found = await post(
        http,
        f"{ORGANIZATIONS}/GetSCIMConfiguration",
        {"scimConfigurationId": configuration["id"]},
        bearer,
    )
    assert found.json()["scimConfiguration"] == configuration


async def test_unknown_fields_are_ignored_where_the_operator_says_so(
    database: Database, clock: SettableClock, bearer: dict[str, str], configuration: dict[str, Any]
) -> None:
    lenient = build(
        database,
        bytes(32),
        clock=clock,
        max_request_bytes=1024 * 1024,
        request_timeout=30,
        ignore_unknown_json_fields=True,
    )
    http = Client(ASGITransport(lenient.front))
    path = f"{ORGANIZATIONS}/UpdateSCIMConfiguration"
    request = {"scimConfigurationId": configuration["id"], "name": "x", "newer": {"than": "us"}}
    assert (await post(http, path, request, bearer)).json()["scimConfiguration"]["name"] == "x"
    request = {"scimConfigurationId": configuration["id"], "enabled": "no"}
    assert (await post(http, path, request, bearer)).json()["code"] == "invalid_argument"
    await lenient.aclose()


@pytest.mark.parametrize("encoding", ["json", "proto"])
async def test_read_only_rpcs_answer_get(
    http: Client, bearer: dict[str, str], configuration: dict[str, Any], encoding: str
) -> None:
    request = GetSCIMConfigurationRequest(scim_configuration_id=configuration["id"])
    query = {"connect": "v1", "encoding": encoding}
    if encoding == "json":
        query["message"] = request.to_json()
    else:
        query |= {
            "message": base64.urlsafe_b64encode(request.to_binary()).decode().rstrip("="),
            "base64": "1",
        }
    response = await http.get(
        f"{ORIGIN}{ORGANIZATIONS}/GetSCIMConfiguration?{urlencode(query)}", headers=bearer
    )
    assert response.status == 200
    if encoding == "json":
        assert response.json()["scimConfiguration"] == configuration
    else:
        found = GetSCIMConfigurationResponse.from_binary(response.content).scim_configuration
        assert found is not None
        assert found.id == configuration["id"]


async def test_rpcs_with_side_effects_do_not_answer_get(
    http: Client, bearer: dict[str, str]
) -> None:
    query = urlencode({"connect": "v1", "encoding": "json", "message": "{}"})
    response = await http.get(
        f"{ORIGIN}{ORGANIZATIONS}/UpdateSCIMConfiguration?{query}", headers=bearer
    )
    assert response.status == 405
    assert response.headers["allow"] == "POST"


async def test_a_request_in_gzip_is_read(
    http: Client, bearer: dict[str, str], configuration: dict[str, Any]
) -> None:
    body = json.dumps({"scimConfigurationId": configuration["id"]}).encode()
    response = await post(
        http,
        f"{ORGANIZATIONS}/GetSCIMConfiguration",
        gzip.compress(body),
        bearer | {"content-encoding": "gzip"},
    )
    assert response.status == 200
    assert response.json()["scimConfiguration"] == configuration


class TestOldPagination:
    """The older SDK generation sends a list's page in the query of a POST with an empty body."""

    async def make(self, http: Client, bearer: dict[str, str], made: dict[str, Any]) -> None:
        await post(
            http,
            f"{ORGANIZATIONS}/CreateSCIMConfiguration",
            {
                "organizationId": made["organizationId"],
                "ssoConfigurationId": made["ssoConfigurationId"],
            },
            bearer,
        )

    async def test_pages_follow_each_other_to_the_end(
        self, http: Client, bearer: dict[str, str], configuration: dict[str, Any]
    ) -> None:
        for _ in range(2):
            await self.make(http, bearer, configuration)
        seen, token = [], ""
        for _ in range(3):
            query = "?" + urlencode({"pageSize": 1, "token": token} if token else {"pageSize": 1})
            response = await post(
                http, f"{ORGANIZATIONS}/ListSCIMConfigurations", {}, bearer, query
            )
            body = response.json()
            seen += [c["id"] for c in body["scimConfigurations"]]
            token = body["pagination"]["nextToken"]
        assert token == ""
        assert len(set(seen)) == 3

    @pytest.mark.parametrize("size", ["101", "x", "-1", "9" * 30])
    async def test_a_size_that_is_none_is_invalid(
        self, http: Client, bearer: dict[str, str], size: str
    ) -> None:
        query = f"?pageSize={size}"
        response = await post(http, f"{ORGANIZATIONS}/ListSCIMConfigurations", {}, bearer, query)
        assert response.status == 400
        assert response.json()["message"].startswith("pagination.page_size: ")

    async def test_the_body_wins(self, http: Client, bearer: dict[str, str]) -> None:
        body = {"pagination": {"pageSize": 3}}
        response = await post(
            http, f"{ORGANIZATIONS}/ListSCIMConfigurations", body, bearer, "?pageSize=x"
        )
        assert response.status == 200


class TestUnknown:
    @pytest.mark.parametrize("encoding", ["json", "proto"])
    async def test_a_stream_that_is_not_served_is_unimplemented(
        self, http: Client, encoding: str
    ) -> None:
        message = b"{}" if encoding == "json" else b""
        response = await http.post(
            f"{ORIGIN}/gitpod.v1.NoService/WatchNothing",
            headers={"content-type": f"application/connect+{encoding}"},
            content=frame(message),
        )
        assert response.status == 200
        assert response.content[0] == 0x02  # the end of the stream, which tells the error
        assert json.loads(response.content[5:])["error"]["code"] == "unimplemented"

    @pytest.mark.parametrize(
        "path", [f"{ORGANIZATIONS}/GetCustomDomain", "/gitpod.v1.EnvironmentService/Create"]
    )
    @pytest.mark.parametrize("prefix", ["", "/api"])
    async def test_an_rpc_that_is_not_served_is_unimplemented(
        self, http: Client, prefix: str, path: str
    ) -> None:
        response = await post(http, prefix + path, {}, {})
        assert response.status == 501
        assert response.headers["content-type"] == "application/json"
        assert response.json()["code"] == "unimplemented"
        assert path[1:] in response.json()["message"]

    @pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc-web+proto"])
    async def test_and_so_over_grpc(self, http: Client, content_type: str) -> None:
        response = await http.post(
            f"{ORIGIN}{ORGANIZATIONS}/GetCustomDomain",
            headers={"content-type": content_type, "te": "trailers"},
            content=b"\0\0\0\0\0",
        )
        assert response.status == 200
        trailers = response.content.decode("latin-1") + "".join(
            f"{name}: {value}\r\n" for name, value in (response.trailers or {}).items()
        )
        assert re.search(r"grpc-status: ?12\b", trailers)

    @pytest.mark.parametrize(
        "path", ["/", "/favicon.ico", "/api/", "/gitpod.v1.OrganizationService"]
    )
    async def test_any_other_path_is_not_found(self, http: Client, path: str) -> None:
        response = await http.get(f"{ORIGIN}{path}")
        assert response.status == 404
        assert response.json()["code"] == "unimplemented"


class TestRequestId:
    async def test_every_answer_has_one(self, http: Client, bearer: dict[str, str]) -> None:
        answers = [
            await post(http, f"{ORGANIZATIONS}/ListSCIMConfigurations", {}, bearer),
            await post(http, f"{ORGANIZATIONS}/ListSCIMConfigurations", {}, {}),
            await post(http, f"{ORGANIZATIONS}/ListSCIMConfigurations", b"{", bearer),
            await post(http, f"{ORGANIZATIONS}/Nothing", {}, {}),
            await http.get(f"{ORIGIN}/nothing"),
            await http.get(f"{ORIGIN}/healthz"),
        ]
        ids = [answer.headers["x-request-id"] for answer in answers]
        assert len(set(ids)) == len(answers)

    async def test_a_sane_one_of_the_clients_is_kept(self, http: Client) -> None:
        response = await http.get(f"{ORIGIN}/healthz", headers={"x-request-id": "trace-1:a.b"})
        assert response.headers["x-request-id"] == "trace-1:a.b"

    @pytest.mark.parametrize("insane", ["a b", "x" * 129, "<script>"])
    async def test_any_other_is_replaced(self, http: Client, insane: str) -> None:
        response = await http.get(f"{ORIGIN}/healthz", headers={"x-request-id": insane})
        assert response.headers["x-request-id"] != insane


def logged(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """The lines since the last time."""
    logs.drain()
    return capfd.readouterr().err.splitlines()


class TestLog:
    async def test_one_line_a_call_without_body_or_token(
        self,
        http: Client,
        acme: Founded,
        bearer: dict[str, str],
        configuration: dict[str, Any],
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        logged(capfd)
        response = await post(
            http,
            f"{ORGANIZATIONS}/UpdateSCIMConfiguration",
            {"scimConfigurationId": configuration["id"], "name": "in-the-body"},
            bearer,
        )
        (line,) = logged(capfd)
        for part in (
            "method=gitpod.v1.OrganizationService/UpdateSCIMConfiguration",
            "protocol=connect",
            "code=ok",
            "milliseconds=",
            f"caller={acme.administrator.id}",
            f"request_id={response.headers['x-request-id']}",
            "peer=127.0.0.1:",
        ):
            assert part in line
        assert "in-the-body" not in line
        assert acme.token.reveal() not in line

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            (f"{ORGANIZATIONS}/UpdateSCIMConfiguration", "unauthenticated"),
            (f"{ORGANIZATIONS}/Nothing", "unimplemented"),
            ("/nothing", "unimplemented"),
        ],
    )
    async def test_refused_calls_have_their_line_too(
        self, http: Client, capfd: pytest.CaptureFixture[str], path: str, code: str
    ) -> None:
        logged(capfd)
        await post(http, path, {}, {})
        (line,) = logged(capfd)
        assert f"code={code}" in line

    async def test_what_a_caller_sent_is_no_control_character_to_who_reads(
        self, http: Client, bearer: dict[str, str], capfd: pytest.CaptureFixture[str]
    ) -> None:
        controls = "\n\r\x00\x08\x1b[2J\x7f\x85\x9b\u202e\u2028"
        for path in (quote(f"/nothing{each}") for each in ("", *controls)):
            logged(capfd)
            await http.get(ORIGIN + path, headers=bearer)
            logs.drain()
            line = capfd.readouterr().err
            assert line.endswith("\n")
            assert line[:-1].isprintable()
            assert "/nothing" in line


BAD_BODIES: dict[str, bytes] = {
    "not JSON": b"{",
    "empty": b"",
    "an array": b"[]",
    "null": b"null",
    "a number": b"7",
    "a wrong type": b'{"scimConfigurationId": 7}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "not UTF-8": b'{"scimConfigurationId": "\xff"}',
    "a lone surrogate": b'{"scimConfigurationId": "\\ud800"}',
    "nested deeply": b'{"x":' * 2000 + b"1" + b"}" * 2000,
}


class TestBadInput:
    @pytest.fixture
    def update(self, http: Client, bearer: dict[str, str]) -> Callable[..., Any]:
        async def update(body: bytes, **headers: str) -> FullResponse:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await post(
                http, f"{ORGANIZATIONS}/UpdateSCIMConfiguration", body, bearer | named
            )

        return update

    @pytest.mark.parametrize("what", BAD_BODIES)
    async def test_a_body_that_is_no_message_is_invalid(
        self, update: Callable[..., Any], what: str
    ) -> None:
        response = await update(BAD_BODIES[what])
        assert response.status == 400
        body = response.json()
        assert body["code"] == "invalid_argument"
        assert "<class" not in body["message"]
        assert any(detail["type"] == "google.rpc.ErrorInfo" for detail in body["details"])

    async def test_a_body_over_the_limit_is_resource_exhausted(
        self, update: Callable[..., Any]
    ) -> None:
        response = await update(b'{"name": "' + b"x" * MAX_MESSAGE_BYTES + b'"}')
        assert response.status == 429
        assert response.json()["code"] == "resource_exhausted"

    async def test_of_a_long_message_the_first_violation_is_told(
        self, http: Client, bearer: dict[str, str]
    ) -> None:
        """To look for all of them took a minute where there were a hundred thousand."""
        path = "/gitpod.v1.EventService/ListAuditLogs"
        for ids, told in ((["x"] * 3, 3), ([""] * (MANY_ELEMENTS + 1), 1)):
            response = await post(http, path, {"filter": {"actorIds": ids}}, bearer)
            assert response.json()["code"] == "invalid_argument"
            assert response.json()["message"].count("filter.actor_ids") == told

    async def test_a_body_that_unpacks_over_the_limit_is_resource_exhausted(
        self, update: Callable[..., Any]
    ) -> None:
        response = await update(gzip.compress(bytes(50 * 1024 * 1024)), content_encoding="gzip")
        assert response.json()["code"] == "resource_exhausted"

    async def test_an_unknown_or_broken_encoding(self, update: Callable[..., Any]) -> None:
        assert (await update(b"{}", content_encoding="zstd")).json()["code"] == "unimplemented"
        broken = await update(b"no gzip", content_encoding="gzip")
        assert broken.json()["code"] == "invalid_argument"

    async def test_an_escaped_slash_is_no_way_around_authentication(self, http: Client) -> None:
        path = quote(f"{ORGANIZATIONS}/ListSCIMConfigurations", safe="/").replace(
            "Service/", "Service%2F"
        )
        response = await post(http, path, {}, {})
        assert response.status in (401, 404)


def frame(message: bytes, flags: int = 0, length: int | None = None) -> bytes:
    """A gRPC length-prefixed message."""
    return bytes([flags]) + (len(message) if length is None else length).to_bytes(4) + message


GOOD = frame(b"")
BAD_FRAMES: dict[str, tuple[bytes, dict[str, str], str]] = {
    "no message": (b"", {}, "12"),
    "two messages": (GOOD + GOOD, {}, "12"),
    "unknown flags": (frame(b"", flags=0x42), {}, "3"),
    "a truncated message": (frame(b"abc", length=10), {}, "3"),
    "half a prefix": (b"\0\0", {}, "3"),
    "no protobuf": (frame(b"\xff\xff\xff\xff"), {}, "3"),
    "a length over the limit": (frame(b"", length=2_000_000_000), {}, "8"),
    "compressed without an encoding": (frame(gzip.compress(b""), flags=1), {}, "13"),
    "an unknown encoding": (frame(b"x", flags=1), {"grpc-encoding": "zstd"}, "12"),
    "a timeout that is none": (GOOD, {"grpc-timeout": "soon"}, "3"),
    "an expired timeout": (GOOD, {"grpc-timeout": "1n"}, "4"),
}


class TestBadFrames:
    @pytest.mark.parametrize("what", BAD_FRAMES)
    async def test_what_is_no_grpc_call_gets_the_status_for_it(
        self, http: Client, bearer: dict[str, str], what: str
    ) -> None:
        body, headers, status = BAD_FRAMES[what]
        response = await http.post(
            f"{ORIGIN}{ORGANIZATIONS}/ListSCIMConfigurations",
            headers={"content-type": "application/grpc", "te": "trailers"} | bearer | headers,
            content=body,
        )
        assert response.status == 200
        answered = dict((response.trailers or {}).items()) or dict(response.headers.items())
        assert answered["grpc-status"] == status

    async def test_and_a_good_one_gets_0(self, http: Client, bearer: dict[str, str]) -> None:
        response = await http.post(
            f"{ORIGIN}{ORGANIZATIONS}/ListSCIMConfigurations",
            headers={"content-type": "application/grpc", "te": "trailers"} | bearer,
            content=GOOD,
        )
        assert response.trailers is not None
        assert response.trailers["grpc-status"] == "0"
