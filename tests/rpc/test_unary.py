"""Which calls go the door's short way, and that its answers are the runtime's, to the byte."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from clock import SettableClock
from connectrpc.codec import proto_binary_codec
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import organization_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationService
from orgplane_server.app.build import Server, build
from orgplane_server.domain.token import Token, TokenKind
from orgplane_server.rpc.interceptors.validation import Validate
from orgplane_server.rpc.json_codec import StrictJSONCodec
from orgplane_server.rpc.unary import Failed, Runtime, Shortcut, Unary
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry import logs
from orgplane_server.telemetry.call import Call, current_call
from orgplane_server.usecases.organization import Founded

PATH = "/gitpod.v1.OrganizationService/GetOrganization"
ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"
MOST = 1000

Headers = dict[str, str]
Answer = list[dict[str, Any]]


class Rpcs(OrganizationService):
    """`wait` is awaited by each call."""

    wait: Callable[[], Awaitable[object]] = staticmethod(lambda: asyncio.sleep(0))

    async def get_organization(self, request: Any, ctx: Any) -> pb.GetOrganizationResponse:
        await self.wait()
        return pb.GetOrganizationResponse(organization=pb.Organization(id=request.organization_id))


def scope(headers: Headers, path: str = PATH, **other: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 5),
        "extensions": {"http.response.trailers": {}},
        **other,
    }


async def asked(
    application: Callable[..., Awaitable[None]],
    asked: dict[str, Any],
    *body: bytes,
    disconnected: bool = False,
) -> Answer:
    """What is answered to a body that comes in pieces; the client leaves after it, or stays."""
    pieces, answer = list(body), []

    async def receive() -> dict[str, Any]:
        if pieces:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}
        if not disconnected:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answer.append(message)

    await application(asked, receive, send)
    return answer


def shortcut(rpcs: Rpcs, request_timeout: float = 30) -> Shortcut:
    current_call.set(Call("id", "192.0.2.1", "", ""))
    service = OrganizationService.desc()
    codecs = (proto_binary_codec(), StrictJSONCodec())
    return Shortcut(
        Unary.all(service, rpcs),
        codecs,
        (Validate(service),),
        None,
        read_max_bytes=MOST,
        request_timeout=request_timeout,
    )


def framed(message: bytes, flags: int = 0) -> bytes:
    return bytes([flags]) + len(message).to_bytes(4) + message


JSON = json.dumps({"organizationId": ID}).encode()
PROTO = pb.GetOrganizationRequest(organization_id=ID).to_binary()
KINDS: dict[str, tuple[Headers, bytes]] = {
    "connect-json": ({"content-type": "application/json"}, JSON),
    "connect-proto": ({"content-type": "application/proto"}, PROTO),
    "grpc": ({"content-type": "application/grpc", "te": "trailers"}, framed(PROTO)),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_usual_calls_go_the_short_way(kind: str) -> None:
    headers, body = KINDS[kind]
    whole = await asked(shortcut(Rpcs()), scope(headers), body)
    in_pieces = await asked(shortcut(Rpcs()), scope(headers), body[:1], b"", body[1:])
    assert whole == in_pieces
    assert ID.encode() in whole[1]["body"]
    assert current_call.get().code == "ok"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "application/json; charset=utf-8"}, JSON),
        ({"content-type": "application/json", "content-encoding": "gzip"}, gzip.compress(JSON)),
        ({"content-type": "application/json", "connect-protocol-version": "2"}, JSON),
        ({"content-type": "application/json", "connect-timeout-ms": "0"}, JSON),
        ({"content-type": "application/json", "connect-timeout-ms": "soon"}, JSON),
        ({"content-type": "application/grpc", "grpc-timeout": "1000"}, framed(PROTO)),
        ({"content-type": "application/grpc", "grpc-encoding": "gzip"}, framed(PROTO)),
        ({"content-type": "application/grpc"}, framed(PROTO, flags=1)),
        ({"content-type": "application/grpc"}, framed(PROTO)[:-1]),
        ({"content-type": "application/grpc"}, framed(PROTO) * 2),
        ({"content-type": "application/grpc"}, b""),
        ({"content-type": "application/grpc-web"}, framed(PROTO)),
        ({"content-type": "application/connect+json"}, framed(JSON)),
        ({"content-type": "application/json"}, b"{"),
        ({"content-type": "application/json"}, b'{"organizationId": "no id"}'),
        ({"content-type": "application/json"}, b'{"organizationId": "' + MOST * b"1" + b'"}'),
        ({}, JSON),
    ],
    ids=itertools.count(),
)
async def test_what_is_unusual_or_wrong_begins_anew_with_the_runtime(
    headers: Headers, body: bytes
) -> None:
    with pytest.raises(Runtime) as raised:
        await asked(shortcut(Rpcs()), scope(headers), body[:7], body[7:])
    received = b""
    more = True
    while more:
        message = await raised.value.receive()
        received, more = received + message["body"], message["more_body"]
    assert received == body


@pytest.mark.parametrize(
    "other",
    [
        {"method": "GET"},
        {"query_string": b"pageSize=1"},
        {"path": "/gitpod.v1.OrganizationService/GetNothing"},
        {"headers": [(b"content-type", b"application/json"), (b"x", b"\xff")]},
        {"headers": [(b"content-type", b"application/json")] * 2},
    ],
)
async def test_what_is_unusual_before_the_body_is_not_read(other: dict[str, Any]) -> None:
    with pytest.raises(Runtime):
        await asked(shortcut(Rpcs()), {**scope(KINDS["connect-json"][0]), **other})


@pytest.mark.parametrize(
    ("headers", "request_timeout", "disconnected", "told"),
    [
        ({"connect-timeout-ms": "10"}, 30, False, "deadline_exceeded: Request timed out"),
        ({}, 0.15, False, "deadline_exceeded: not finished within 0.15 s"),
        ({}, 30, True, "canceled: Client disconnected"),
    ],
)
async def test_a_call_ends_when_nobody_waits_for_it_any_more(
    headers: Headers, request_timeout: float, disconnected: bool, told: str
) -> None:
    ended: list[bool] = []

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    rpcs = Rpcs()
    rpcs.wait = for_ever  # type: ignore[method-assign]
    headers = {"content-type": "application/json", **headers}
    with pytest.raises(Failed) as raised:
        await asked(
            shortcut(rpcs, request_timeout), scope(headers), JSON, disconnected=disconnected
        )
    error = raised.value.error
    assert isinstance(error, ConnectError)
    assert f"{error.code.value}: {error.message}" == told
    assert ended == [True]
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


#: What is done to the usual call: its headers, and its message.
CASES: dict[str, tuple[Headers, bytes | None]] = {
    "as it is": ({}, None),
    "with time": ({"connect-timeout-ms": "9000", "grpc-timeout": "9S"}, None),
    "gzip is taken": ({"accept-encoding": "gzip", "grpc-accept-encoding": "gzip,identity"}, None),
    "gzip comes last": (
        {"accept-encoding": "br, identity, gzip", "grpc-accept-encoding": "identity,gzip"},
        None,
    ),
    "another's, gzip is taken": (
        {"accept-encoding": "gzip", "grpc-accept-encoding": "gzip"},
        pb.GetOrganizationRequest(organization_id=ID).to_binary(),
    ),
    "another's": ({}, pb.GetOrganizationRequest(organization_id=ID).to_binary()),
    "invalid": ({}, pb.GetOrganizationRequest(organization_id="no id").to_binary()),
    "no message": ({}, b"\xff"),
    "no token": ({"authorization": ""}, None),
    "a bad token": ({"authorization": "Bearer pat_no"}, None),
    "a bad token, gzip is taken": (
        {"authorization": "Bearer pat_no", "grpc-accept-encoding": "gzip"},
        None,
    ),
}


def serving(database: Database, clock: SettableClock, short_way: bool, **more: Any) -> Server:
    return build(
        *(database, bytes(32)),
        clock=clock,
        max_request_bytes=MOST,
        request_timeout=30,
        short_way=short_way,
        **more,
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_both_ways_answer_the_same(
    database: Database, clock: SettableClock, acme: Founded, kind: str, case: str
) -> None:
    added, message = CASES[case]
    mine = pb.GetOrganizationRequest(organization_id=str(acme.organization.id)).to_binary()
    body = mine if message is None else message
    if kind == "grpc":
        body = framed(body)
    elif kind == "connect-json":
        try:
            body = pb.GetOrganizationRequest.from_binary(body).to_json().encode()
        except Exception:
            body = b"{"
    headers = {
        "authorization": f"Bearer {acme.token.reveal()}",
        "x-request-id": "the-same",
        **KINDS[kind][0],
        **added,
    }
    answers = []
    for short_way in (True, False):
        server = serving(database, clock, short_way)
        answers.append(comparable(await asked(server.front, scope(headers), body)))
        await server.aclose()
    assert answers[0] == answers[1]


#: What is said of who calls, where that is nobody whom the server knows.
NOBODY: dict[str, Headers] = {
    "no token": {},
    "an empty one": {"authorization": ""},
    "of another scheme": {"authorization": "Basic YTpi"},
    "no such kind": {"authorization": "Bearer no"},
    "damaged": {"authorization": "Bearer pat_no"},
    "of SCIM": {"authorization": f"Bearer {Token.mint(TokenKind.SCIM, bytes(32)).reveal()}"},
    "unknown": {
        "authorization": f"Bearer {Token.mint(TokenKind.PERSONAL_ACCESS, bytes(32)).reveal()}"
    },
    "gzip is taken": {"accept-encoding": "gzip", "grpc-accept-encoding": "gzip"},
    "from a page": {"origin": "https://page.example"},
}


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/proto", "application/grpc", "application/grpc-web+proto"],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_both_ways_turn_the_unknown_away_alike(
    database: Database, clock: SettableClock, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    """The first time and again, in answer and log, with no body read; and both ways count them for their address."""
    callers = [*NOBODY.values(), *NOBODY.values()]
    told = []
    for short_way in (True, False):
        server = serving(
            *(database, clock, short_way),
            failed_tokens_per_minute=len(callers),
            origins=["https://page.example"],
        )
        logs.drain()
        capfd.readouterr()
        answers = []
        for number, caller in enumerate((*callers, {}, {})):
            headers = {"content-type": kind, "x-request-id": f"call-{number}", **caller}
            answers.append(
                comparable(await asked(server.front, scope(headers, client=("8.8.8.8", 5))))
            )
        await server.aclose()
        logs.drain()
        lines = [line.split() for line in capfd.readouterr().err.splitlines() if "code=" in line]
        told.append(
            (answers, [[part for part in line if _is_the_same_again(part)] for line in lines])
        )
    (answers, lines), by_runtime = told
    assert (answers, lines) == by_runtime
    assert len(lines) == len(answers)
    assert all("code=unauthenticated" in line for line in lines[:-2])
    assert all("code=resource_exhausted" in line for line in lines[-2:])


def _is_the_same_again(part: str) -> bool:
    """All of a log line but when it was written and what it measures."""
    return "=" in part and not part.startswith("milliseconds=")


def comparable(answer: Answer) -> tuple[int, dict[bytes, bytes], bytes, dict[bytes, bytes]]:
    """Whatever the pieces that it comes in, and the moment that gzip notes."""
    headers = dict(answer[0]["headers"])
    body = b"".join(each.get("body", b"") for each in answer)
    if headers.get(b"content-encoding") == b"gzip":
        body = gzip.decompress(body)
    elif body[:1] == b"\x01":
        body = body[:1] + gzip.decompress(body[5:])
    trailers = [each for each in answer if each["type"] == "http.response.trailers"]
    return answer[0]["status"], headers, body, dict(trailers[0]["headers"]) if trailers else {}
