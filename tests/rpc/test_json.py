"""Every RPC with JSON, in every form that JSON comes in: what a request cannot mean is refused by name."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from clock import SettableClock
from databases import new_sqlite
from every_rpc import METHODS, OF_APPLICATIONS, OF_OPERATORS
from json_places import Place, enums, places
from orgplane_api.google.rpc.error_details_pb import BadRequest, ErrorInfo
from orgplane_server.domain.json_document import MAX_DEPTH, MAX_NUMBER_LENGTH, MAX_VALUES
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.application import Applications
from orgplane_server.usecases.operator_token import OperatorTokens
from orgplane_server.usecases.organization import Founded
from protobuf import DescField, DescMethod, Message
from protobuf.wkt.google.protobuf.descriptor_pb import MethodOptions
from pyqwest import Client, FullResponse
from rpc_clients import ORIGIN

SPELLINGS: tuple[Callable[[DescField], str], ...] = (
    lambda field: field.json_name,
    lambda field: field.name,
)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Requests are read before a database is asked."""
    return new_sqlite(tmp_path)


@dataclass(frozen=True)
class Refusal:
    code: str
    message: str
    reason: str
    fields: list[str]


Ask = Callable[[bytes], Awaitable[FullResponse]]


@pytest.fixture(params=METHODS)
def rpc(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def token(acme: Founded, database: Database, clock: SettableClock, rpc: str) -> str:
    """Whose bearer may call this RPC."""
    if METHODS[rpc] in OF_OPERATORS:
        return (await OperatorTokens(database, clock).create("x", read_only=False)).token.reveal()
    if METHODS[rpc] not in OF_APPLICATIONS:
        return acme.token.reveal()
    made = await Applications(database, clock).create("Shop", ["https://shop.example/callback"], [])
    return made.secret.reveal()


@pytest.fixture
def asks(http: Client, token: str, rpc: str) -> dict[str, Ask]:
    """The ways in which this RPC can be asked with JSON."""
    method, url = METHODS[rpc], f"{ORIGIN}/{rpc}"
    bearer = {"authorization": f"Bearer {token}"}

    def posted(content_type: str, framed: bool = False) -> Ask:
        async def ask(body: bytes) -> FullResponse:
            headers = {"content-type": content_type} | bearer
            return await http.post(url, headers=headers, content=frame(body) if framed else body)

        return ask

    async def got(body: bytes) -> FullResponse:
        query = {"connect": "v1", "encoding": "json", "base64": "1"}
        query["message"] = base64.urlsafe_b64encode(body).decode()
        return await http.get(f"{url}?{urlencode(query)}", headers=bearer)

    match method.method_kind:
        case "unary":
            unary = {"unary": posted("application/json")}
            return unary | {"GET": got} if answers_get(method) else unary
        case "server_streaming":
            return {
                "stream": posted("application/connect+json", framed=True),
                "lines": posted("application/json"),
            }
        case _:
            return {"stream": posted("application/connect+json", framed=True)}


def answers_get(method: DescMethod) -> bool:
    return method.idempotency == MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS


def spelled_places(rpc: str) -> Iterator[Place]:
    """Each place in the RPC's request, in each spelling of fields."""
    for name in SPELLINGS:
        yield from places(METHODS[rpc].input, name)


def frame(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(4) + message


def refusal(response: FullResponse) -> Refusal:
    """What a refused request is told, however it was asked."""
    if response.headers["content-type"] == "application/connect+json":
        assert response.content[0] == 0b10, response.content
        error = json.loads(response.content[5:])["error"]
    else:
        assert response.status == 400, response.content
        error = response.json()
    details = {detail["type"]: detail["value"] for detail in error["details"]}

    def detail(kind: type[Message]) -> Any:
        encoded = details.get(kind.desc().type_name, "")
        return kind.from_binary(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))

    return Refusal(
        error["code"],
        error["message"],
        detail(ErrorInfo).reason,
        [violation.field for violation in detail(BadRequest).field_violations],
    )


async def refusals(asks: dict[str, Ask], request: Any) -> Iterator[Refusal]:
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    return iter([refusal(await ask(body)) for ask in asks.values()])


async def test_a_member_that_no_message_has_is_refused_at_every_depth(
    asks: dict[str, Ask], rpc: str
) -> None:
    for place in spelled_places(rpc):
        for refused in await refusals(asks, place.within({"noSuchField": {"any": ["thing"]}})):
            assert refused == Refusal(
                "invalid_argument",
                f"{place.path}noSuchField: is no field of {place.desc.type_name}; "
                "it is misspelt, or this server may be older than the client",
                "UNKNOWN_FIELD",
                [f"{place.path}noSuchField"],
            )


async def test_a_value_that_no_enumeration_has_is_refused_wherever_one_stands(
    asks: dict[str, Ask], rpc: str
) -> None:
    for place in spelled_places(rpc):
        for field, enum, subscript, wrapped in enums(place):
            short = enum.values[-1].name.rpartition("_")[2]
            for value in ("NO_SUCH_VALUE", short, "", 4711, -1, str(enum.values[1].number)):
                request = place.within({place.name(field): wrapped(value)})
                for refused in await refusals(asks, request):
                    assert refused.code == "invalid_argument"
                    assert refused.reason == "INVALID_ARGUMENT"
                    assert refused.fields == [f"{place.path}{place.name(field)}{subscript}"]


async def test_a_field_that_stands_twice_is_refused(asks: dict[str, Ask], rpc: str) -> None:
    for place in spelled_places(rpc):
        for field in place.desc.fields:
            # written by hand: no object of Python holds a name twice
            whole = json.dumps(place.within("here"))
            names = {field.name, field.json_name}
            first, second = [*names, *names][:2]
            request = whole.replace('"here"', f'{{"{first}": null, "{second}": null}}').encode()
            for refused in await refusals(asks, request):
                assert (refused.code, refused.reason) == ("invalid_argument", "MALFORMED_REQUEST")
                assert refused.fields == [f"{place.path}{second}"]


async def test_two_members_of_a_oneof_are_refused(asks: dict[str, Ask], rpc: str) -> None:
    for oneof in METHODS[rpc].input.oneofs:
        first, second = (field.json_name for field in oneof.fields[:2])
        for refused in await refusals(
            asks, {first: sample(oneof.fields[0]), second: sample(oneof.fields[1])}
        ):
            assert (refused.code, refused.fields) == ("invalid_argument", [second])
            assert refused.message == f"{second}: must not be set beside {first}"


def sample(field: DescField) -> Any:
    """A value that the field takes."""
    kind = type(field.value).__name__
    if kind == "DescFieldValueMessage":
        return {}
    scalar = getattr(field.value, "scalar", None)
    return {"BOOL": True, "STRING": "x"}.get(getattr(scalar, "name", ""), 1)


WRONG: dict[str, tuple[bytes, str]] = {
    "too deep": (
        b'{"x":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
        f"nested deeper than {MAX_DEPTH} levels",
    ),
    "too many values": (
        b'{"x":[' + b"1," * MAX_VALUES + b"1]}",
        f"too many values, more than {MAX_VALUES}",
    ),
    "a long number": (
        b'{"x":' + b"1" * (MAX_NUMBER_LENGTH + 1) + b"}",
        f"a number has more than {MAX_NUMBER_LENGTH} characters",
    ),
    "a long fraction": (
        b'{"x":1.' + b"1" * MAX_NUMBER_LENGTH + b"}",
        f"a number has more than {MAX_NUMBER_LENGTH} characters",
    ),
    "UTF-16": ('{"x":"\0"}'.encode("utf-16"), "not UTF-8 at byte 0"),
    "Latin-1": (b'{"x":"\xe4"}', "not UTF-8 at byte 6"),
    "an encoded surrogate": (b'{"x":"\xed\xa0\x80"}', "not UTF-8 at byte 6"),
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + b"{}", "not JSON: "),
    "an infinite number": (b'{"x":Infinity}', "not JSON: Infinity is no value"),
    "nothing": (b"", "not JSON: "),
    "a list": (b"[]", "must be an object, not a list"),
    "null": (b"null", "must be an object, not null"),
}


async def test_a_body_that_cannot_be_read_is_refused_before_it_is(asks: dict[str, Ask]) -> None:
    for body, message in WRONG.values():
        for way, ask in asks.items():
            if way == "GET" and len(body) > MAX_VALUES:
                continue  # no address is so long
            refused = refusal(await ask(body))
            assert refused.code == "invalid_argument"
            assert refused.message.startswith(f"malformed request: {message}")
            assert refused.reason == "MALFORMED_REQUEST"


@pytest.mark.parametrize("rpc", ["gitpod.v1.OrganizationService/ListMembers"], indirect=True)
async def test_one_byte_order_mark_is_skipped(asks: dict[str, Ask]) -> None:
    for ask in asks.values():
        refused = refusal(await ask(b'\xef\xbb\xbf{"rols": []}'))
        assert refused.fields == ["rols"]


def test_get_is_one_of_the_ways() -> None:
    assert sum(map(answers_get, METHODS.values())) > 10
