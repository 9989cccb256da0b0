"""Calls that are refused as HTTP carries them: in the protocol they were made in, with a reason, and in the log."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from orgplane_server.app.build import Server
from orgplane_server.domain.errors import NotFound, Reason
from orgplane_server.telemetry import logs
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.organization import Founded
from pyqwest import Client, FullResponse
from rpc_clients import ORIGIN
from told import Told, told

UNARY = "/gitpod.v1.OrganizationService/ListSCIMConfigurations"
CHANGE = "/gitpod.v1.OrganizationService/UpdateSCIMConfiguration"
STREAM = "/orgplane.v1.EventService/WatchEvents"
#: Nobody should wait for more of it.
FRAME = b"\0\0\0\0\0"


@dataclass(frozen=True)
class Protocol:
    content_type: str
    path: str = UNARY
    body: bytes = FRAME
    encoding: str = "grpc-encoding"

    @property
    def is_grpc(self) -> bool:
        return self.content_type.startswith("application/grpc")


PROTOCOLS = {
    "connect-json": Protocol("application/json", body=b"{}", encoding="content-encoding"),
    "connect-proto": Protocol("application/proto", body=b"", encoding="content-encoding"),
    "connect-stream": Protocol(
        "application/connect+json", STREAM, b"\0\0\0\0\2{}", "connect-content-encoding"
    ),
    "json-lines": Protocol("application/json", STREAM, b"{}", "content-encoding"),
    "grpc": Protocol("application/grpc"),
    "grpc-json": Protocol("application/grpc+json", body=b"\0\0\0\0\2{}"),
    "grpc-stream": Protocol("application/grpc+proto", STREAM),
    "grpc-web": Protocol("application/grpc-web+proto"),
    "grpc-web-stream": Protocol("application/grpc-web", STREAM),
}
every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)


@pytest.fixture
def bearer(acme: Founded) -> dict[str, str]:
    return {"authorization": f"Bearer {acme.token.reveal()}"}


async def call(
    http: Client, protocol: Protocol, headers: dict[str, str], path: str | None = None
) -> FullResponse:
    return await http.post(
        ORIGIN + (path or protocol.path),
        headers={"content-type": protocol.content_type, "te": "trailers"} | headers,
        content=protocol.body,
    )


def logged_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    logs.drain()
    capfd.readouterr()


def logged_code(capfd: pytest.CaptureFixture[str]) -> str:
    """The code of the one call that was logged."""
    logs.drain()
    (line,) = [line for line in capfd.readouterr().err.splitlines() if "code=" in line]
    return line.partition("code=")[2].split()[0]


@every_protocol
async def test_a_timeout_that_is_none(
    http: Client, bearer: dict[str, str], protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    name = "grpc-timeout" if protocol.is_grpc else "connect-timeout-ms"
    logged_nothing(capfd)
    response = await call(http, protocol, bearer | {name: "soon"})
    assert told(response) == Told("invalid_argument", told(response).message, "MALFORMED_REQUEST")
    assert told(response).message.startswith(f"{name}: ")
    assert logged_code(capfd) == "invalid_argument"


@pytest.mark.parametrize(
    "protocol", [protocol for protocol in PROTOCOLS.values() if not protocol.is_grpc]
)
async def test_a_version_of_connect_that_is_not_1(
    http: Client, bearer: dict[str, str], protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_nothing(capfd)
    response = await call(http, protocol, bearer | {"connect-protocol-version": "2"})
    assert told(response).reason == "MALFORMED_REQUEST"
    assert told(response).message == "connect-protocol-version: must be '1', not '2'"
    assert logged_code(capfd) == "invalid_argument"


@every_protocol
async def test_an_encoding_that_is_not_known(
    http: Client, protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_nothing(capfd)
    response = await call(http, protocol, {protocol.encoding: "zstd"})  # no token is looked at
    assert (told(response).code, told(response).reason) == ("unimplemented", "UNSUPPORTED_ENCODING")
    assert told(response).message.startswith(f"{protocol.encoding}: 'zstd'")
    assert logged_code(capfd) == "unimplemented"


@every_protocol
async def test_a_token_in_a_path_is_neither_logged_nor_told(
    http: Client, acme: Founded, protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    token = acme.token.reveal()
    for path in (f"/no.v1.Service/{token}", f"/gitpod.v1.UserService/{token}", f"/{token}/x"):
        assert token not in told(await call(http, protocol, {}, path)).message
    logs.drain()
    assert token not in capfd.readouterr().err


@pytest.mark.parametrize("name", ["connect-json", "connect-proto", "grpc", "grpc-web"])
async def test_the_health_of_a_service_that_is_not_here(http: Client, name: str) -> None:
    protocol = PROTOCOLS[name]
    body = b'{"service": "x"}' if name == "connect-json" else b"\x0a\x01x"
    framed = len(protocol.body) >= 5
    response = await http.post(
        f"{ORIGIN}/grpc.health.v1.Health/Check",
        headers={"content-type": protocol.content_type, "te": "trailers"},
        content=(b"\0" + len(body).to_bytes(4) if framed else b"") + body,
    )
    assert told(response) == Told("not_found", "unknown service", "SERVICE_NOT_FOUND")


@every_protocol
@pytest.mark.parametrize("path", ["/no.v1.Service/Nothing", "/gitpod.v1.UserService/Nothing", "/a"])
async def test_a_path_that_is_in_no_contract(
    http: Client, protocol: Protocol, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_nothing(capfd)
    response = await call(http, protocol, {}, path)
    assert response.status == (200 if protocol.is_grpc else 404)
    assert (told(response).code, told(response).reason) == ("unimplemented", "UNIMPLEMENTED")
    assert logged_code(capfd) == "unimplemented"


@every_protocol
@pytest.mark.parametrize(
    "path",
    ["/gitpod.v1.OrganizationService/GetCustomDomain", "/gitpod.v1.RunnerService/GetRunner"],
)
async def test_an_rpc_of_the_contract_that_is_not_served(
    http: Client, protocol: Protocol, path: str
) -> None:
    response = await call(http, protocol, {}, path)
    streams = protocol.content_type.startswith("application/connect+")
    assert response.status == (200 if protocol.is_grpc or streams else 501)
    assert response.headers["x-should-retry"] == "false"
    assert told(response) == Told(
        "unimplemented", f"{path[1:]} is not served here", "UNIMPLEMENTED"
    )


@every_protocol
async def test_another_method_than_post(
    server: Server, http: Client, protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_nothing(capfd)
    response = await http.put(
        ORIGIN + protocol.path,
        headers={"content-type": protocol.content_type, "te": "trailers"},
        content=protocol.body,
    )
    assert response.status == (200 if protocol.is_grpc else 405)
    assert response.headers["allow"] == ("GET, POST" if protocol.path == UNARY else "POST")
    assert (told(response).code, told(response).reason) == ("unknown", "METHOD_NOT_ALLOWED")
    assert logged_code(capfd) == "unknown"


@pytest.mark.parametrize("path", [CHANGE, STREAM])
async def test_get_of_what_is_not_read_only_or_streams(http: Client, path: str) -> None:
    query = urlencode({"connect": "v1", "encoding": "json", "message": "{}"})
    response = await http.get(f"{ORIGIN}{path}?{query}")
    assert response.status == 405
    assert response.headers["allow"] == "POST"
    assert told(response).reason == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("path", [UNARY, STREAM])
@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "image/jpeg",
        "application/xml",
        "application/grpc+xml",
        "application/grpc-web+xml",
        "application/grpc-web-text",
        "application/connect+xml",
    ],
)
async def test_a_content_type_that_is_not_served(
    http: Client, path: str, content_type: str, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_nothing(capfd)
    response = await http.post(
        ORIGIN + path, headers={"content-type": content_type, "te": "trailers"}, content=b"{"
    )
    in_grpc = content_type in ("application/grpc+xml", "application/grpc-web+xml")
    assert response.status == (200 if in_grpc else 415)
    assert "application/grpc-web+proto" in response.headers["accept-post"]
    assert (told(response).code, told(response).reason) == ("unknown", "UNSUPPORTED_MEDIA_TYPE")
    assert logged_code(capfd) == "unknown"


@pytest.mark.parametrize(
    ("path", "content_type"), [(UNARY, "application/connect+json"), (STREAM, "application/proto")]
)
async def test_a_content_type_of_the_other_kind_of_rpc(
    http: Client, path: str, content_type: str
) -> None:
    response = await http.post(ORIGIN + path, headers={"content-type": content_type}, content=b"{}")
    assert response.status == 415
    assert told(response).reason == "UNSUPPORTED_MEDIA_TYPE"


@every_protocol
async def test_unsupported_content_is_refused_before_it_is_read(
    server: Server, protocol: Protocol
) -> None:
    """The body never comes, and nobody waits for it."""
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("the body was asked for")

    async def send(message: Any) -> None:
        sent.append(message)

    kind, _, _ = protocol.content_type.partition("+")
    scope = {
        "type": "http",
        "method": "POST",
        "path": protocol.path,
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"content-type", f"{kind}+xml".encode())],
        "extensions": {"http.response.trailers": {}},
    }
    await server.front(scope, receive, send)
    assert sent[0]["status"] == (200 if protocol.is_grpc else 415)


@every_protocol
async def test_a_header_that_is_not_ascii(
    server: Server, protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_nothing(capfd)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": protocol.body}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": protocol.path,
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "headers": [
            (b"content-type", protocol.content_type.encode()),
            (b"x-name", "Zoë".encode()),
        ],
        "extensions": {"http.response.trailers": {}},
    }
    await server.front(scope, receive, send)
    everything = repr(sent)
    assert "a%20header" not in everything
    assert "a header value is not ASCII" in everything
    assert logged_code(capfd) == "invalid_argument"


@every_protocol
async def test_more_headers_than_are_read(
    http: Client, protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_nothing(capfd)
    response = await call(http, protocol, {f"x-{number}": "" for number in range(300)})
    assert (told(response).code, told(response).reason) == (
        "resource_exhausted",
        "REQUEST_TOO_LARGE",
    )
    assert "at most 256" in told(response).message
    assert response.headers["x-should-retry"] == "false"
    assert logged_code(capfd) == "resource_exhausted"


@every_protocol
async def test_a_server_that_stops_says_so(
    server: Server, http: Client, protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    server.front.close()
    logged_nothing(capfd)
    response = await call(http, protocol, {})
    assert (told(response).code, told(response).reason) == ("unavailable", "SERVER_STOPPING")
    assert logged_code(capfd) == "unavailable"


@every_protocol
async def test_a_message_over_the_limit(
    http: Client, bearer: dict[str, str], protocol: Protocol, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_nothing(capfd)
    content = b" " * (1024 * 1024 + 1)
    framed = len(protocol.body) >= 5
    response = await http.post(
        ORIGIN + protocol.path,
        headers={"content-type": protocol.content_type, "te": "trailers"} | bearer,
        content=(b"\0" + len(content).to_bytes(4) if framed else b"") + content,
    )
    assert (told(response).code, told(response).reason) == (
        "resource_exhausted",
        "REQUEST_TOO_LARGE",
    )
    assert response.headers["x-should-retry"] == "false"
    assert logged_code(capfd) == "resource_exhausted"


@every_protocol
async def test_an_answer_names_no_encoding_it_does_not_have(
    http: Client, bearer: dict[str, str], protocol: Protocol
) -> None:
    if protocol.path == STREAM:
        bearer = {}  # the error ends it
    response = await call(http, protocol, bearer)
    for name in ("content-encoding", "connect-content-encoding", "grpc-encoding"):
        assert name not in response.headers
    if protocol.is_grpc:
        assert "gzip" in response.headers["grpc-accept-encoding"].split(",")


@pytest.fixture(params=["identity", "gzip"])
def accepted(request: pytest.FixtureRequest) -> str:
    """What the end of a gRPC-Web answer may be compressed with."""
    return str(request.param)


async def change(http: Client, kind: str, accepted: str, bearer: dict[str, str]) -> FullResponse:
    message = b'{"scimConfigurationId": "x"}'
    return await http.post(
        ORIGIN + CHANGE,
        headers={
            "content-type": f"application/{kind}+json",
            "te": "trailers",
            "grpc-accept-encoding": accepted,
        }
        | bearer,
        content=b"\0" + len(message).to_bytes(4) + message,
    )


def carried_message(response: FullResponse) -> str:
    """`grpc-message` as it is on the wire."""
    fields = dict((response.trailers or {}).items())
    lines = response.content[5:].decode().split("\r\n") if response.content else []
    fields |= dict(line.split(": ", 1) for line in lines if line)
    return str(fields["grpc-message"])


@pytest.mark.parametrize("kind", ["grpc", "grpc-web"])
async def test_a_message_that_a_header_can_hold_is_sent_as_it_is(
    http: Client, bearer: dict[str, str], kind: str, accepted: str
) -> None:
    response = await change(http, kind, accepted, bearer)
    message = "scim_configuration_id: must be a valid UUID"
    assert carried_message(response) == told(response).message == message


@pytest.mark.parametrize("kind", ["grpc", "grpc-web"])
async def test_of_any_other_only_what_must_be_is_escaped(
    http: Client,
    bearer: dict[str, str],
    kind: str,
    accepted: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = 'Zoë ~ 100 %25, \n 🙂 "a" <b>\x7f'

    async def update(*_: object, **__: object) -> None:
        raise NotFound(message, reason=Reason.USER_NOT_FOUND)

    monkeypatch.setattr(Authentication, "authenticate", update)
    response = await change(http, kind, accepted, bearer)
    assert told(response).message == message
    assert carried_message(response) == ('Zo%C3%AB ~ 100 %2525, %0A %F0%9F%99%82 "a" <b>%7F')


class TestGet:
    """Connect's GET has all of the request in the query."""

    async def get(self, http: Client, bearer: dict[str, str], **query: str) -> FullResponse:
        given = {"connect": "v1", "encoding": "proto", "base64": "1", "message": ""} | query
        encoded = urlencode({name: value for name, value in given.items() if value != "-"})
        return await http.get(f"{ORIGIN}{UNARY}?{encoded}", headers=bearer)

    @pytest.mark.parametrize(
        ("query", "status", "code", "reason", "start"),
        [
            ({"connect": "v2"}, 400, "invalid_argument", "MALFORMED_REQUEST", "connect: "),
            ({"message": "!!!!"}, 400, "invalid_argument", "MALFORMED_REQUEST", "message: "),
            ({"message": "CgA"}, 200, "", "", ""),
            ({"message": "A"}, 400, "invalid_argument", "MALFORMED_REQUEST", "message: "),
            ({"message": "CgA=="}, 400, "invalid_argument", "MALFORMED_REQUEST", "message: "),
            ({"message": "Cg A="}, 400, "invalid_argument", "MALFORMED_REQUEST", "message: "),
            ({"message": "-_+/"}, 400, "invalid_argument", "MALFORMED_REQUEST", "message: "),
            ({"message": "CgA\n"}, 400, "invalid_argument", "MALFORMED_REQUEST", "message: "),
            ({"message": "-"}, 400, "invalid_argument", "MALFORMED_REQUEST", "message: "),
            ({"encoding": "xml"}, 415, "unknown", "UNSUPPORTED_MEDIA_TYPE", "encoding: "),
            ({"encoding": "-"}, 415, "unknown", "UNSUPPORTED_MEDIA_TYPE", "encoding: "),
            ({"compression": "br"}, 501, "unimplemented", "UNSUPPORTED_ENCODING", "compression: "),
        ],
    )
    async def test_what_is_wrong_with_the_query_is_named(
        self,
        http: Client,
        bearer: dict[str, str],
        query: dict[str, str],
        status: int,
        code: str,
        reason: str,
        start: str,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        logged_nothing(capfd)
        response = await self.get(http, bearer, **query)
        assert response.status == status
        if code:
            assert (told(response).code, told(response).reason) == (code, reason)
            assert told(response).message.startswith(start)
        assert logged_code(capfd) == (code or "ok")

    @pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
    @pytest.mark.parametrize("padding", ["", "="])
    @pytest.mark.parametrize("compression", ["-", "identity", "gzip"])
    async def test_base64_of_either_alphabet_with_or_without_padding(
        self, http: Client, bearer: dict[str, str], alphabet: Any, padding: str, compression: str
    ) -> None:
        # a page token that is none, of signs that the alphabets write differently
        message = b"\x0a\x09\x12\x07\xc3\xbf\xc3\xbe\xc3\xbf?"
        if compression == "gzip":
            message = gzip.compress(message)
        text = alphabet(message).decode().rstrip("=")
        text += padding * (-len(text) % 4)
        response = await self.get(http, bearer, message=text, compression=compression)
        assert told(response).reason == "INVALID_PAGE_TOKEN"

    @pytest.mark.parametrize("name", ["connect", "encoding", "base64", "compression", "message"])
    async def test_nothing_is_there_twice(
        self, http: Client, bearer: dict[str, str], name: str
    ) -> None:
        query = f"connect=v1&encoding=json&message=%7B%7D&compression=&base64=0&{name}=v1"
        response = await http.get(f"{ORIGIN}{UNARY}?{query}", headers=bearer)
        assert response.status == 400
        assert told(response).message == f"{name}: is in the query more than once"

    @pytest.mark.parametrize("escaped", ["%FF", "%C3", "%ED%A0%80"])
    async def test_what_is_not_utf_8_is_refused_and_not_replaced(
        self, http: Client, bearer: dict[str, str], escaped: str
    ) -> None:
        message = f'%7B"pagination":%7B"token":"{escaped}"%7D%7D'
        response = await http.get(
            f"{ORIGIN}{UNARY}?connect=v1&encoding=json&message={message}", headers=bearer
        )
        assert response.status == 400
        assert told(response).reason == "MALFORMED_REQUEST"
