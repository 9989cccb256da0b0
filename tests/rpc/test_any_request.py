"""Requests of any shape, in any bytes: every RPC answers in its caller's protocol, and never that it broke."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from connectrpc.code import Code
from databases import new_sqlite
from every_rpc import METHODS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from json_places import held
from orgplane_server.usecases.organization import Founded
from protobuf import DescField, DescMessage
from pyqwest import Client, FullResponse
from rpc_clients import ORIGIN
from scim_bodies import JSON
from told import grpc_fields, told

BOUNDED = settings(
    max_examples=120,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BROKEN = {Code.INTERNAL.value, Code.UNKNOWN.value, Code.DATA_LOSS.value}
#: What Connect has no code for, and gRPC says by `internal` (a compressed message without an encoding).
LEGITIMATE = {"METHOD_NOT_ALLOWED", "UNSUPPORTED_MEDIA_TYPE"}
PROTOCOL_ERROR = "protocol error: "
_NEAR = st.sampled_from(
    [
        "", "a", "01a20abd-f271-72d4-9a6b-055019bca2f2", "ada@acme.example", "https://idp.example", "2026-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z", "3.5s", "-1s", "a,b", "AAAA", "a\0b", "\ud800", "x" * 5000, "1", "NaN", "-0",
        "ORGANIZATION_ROLE_ADMIN", "PRINCIPAL_USER", True, False, None, 0, -1, 1, 2, 2**31, 2**32, 2**63, 2**64, 1.5, 1e308,
        {}, [], [None], [[]], {"": None}, {"seconds": 1}, {"@type": "type.googleapis.com/google.protobuf.Empty"},
    ]
)  # fmt: skip


def messages(desc: DescMessage, depth: int = 3) -> st.SearchStrategy[Any]:
    """Objects with fields of a message, in both spellings, whose values are right, nearly so, or anything."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for field in desc.fields:
        fields[field.json_name] = fields[field.name] = _values(field, depth)
    known = st.fixed_dictionaries({}, optional=fields)
    return st.one_of(
        known,
        st.builds(
            lambda a, b: a | b, known, st.dictionaries(st.text(max_size=6), JSON, max_size=2)
        ),
    )


def _values(field: DescField, depth: int) -> st.SearchStrategy[Any]:
    inner, _, wrapped = held(field)
    near: st.SearchStrategy[Any] = _NEAR
    if isinstance(inner, DescMessage) and depth:
        near = st.one_of(_NEAR, st.deferred(lambda: messages(inner, depth - 1)))
    return st.one_of(near.map(wrapped), near, JSON)


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, Any]:
    """An RPC, and JSON for it."""
    name = draw(st.sampled_from(sorted(METHODS)))
    return name, draw(st.one_of(messages(METHODS[name].input), JSON))


def written(document: Any) -> bytes:
    return json.dumps(document).encode()


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """An RPC, and bytes that were JSON for it once, in another encoding, with something put in or cut off."""
    name, document = draw(asked())
    text = json.dumps(document, ensure_ascii=draw(st.booleans()), allow_nan=True)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-le", "latin-1"]))
    body = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")
    at = draw(st.integers(0, len(body)))
    wedge = draw(
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from([b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b'"', b"{", b"//"]),
        )
    )
    return name, draw(
        st.sampled_from([body, body[:at] + wedge + body[at:], body[:at], body * 2, wedge])
    )


PACKED = {
    "identity": lambda body: body,
    "gzip": gzip.compress,
    "zstd": lambda body: body,
    "deflate": zlib.compress,
    "br": lambda body: body,
    "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
}


class Asker:
    def __init__(self, http: Client, token: str) -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {token}", "te": "trailers"}

    async def __call__(self, name: str, content_type: str, body: bytes, **more: str) -> None:
        """Streams end by their time limit; whatever ends a call is said in its own protocol."""
        is_grpc = content_type.startswith("application/grpc")
        limit = {"grpc-timeout": "30m"} if is_grpc else {"connect-timeout-ms": "30"}
        if METHODS[name].method_kind == "unary":
            limit = {}
        headers = {"content-type": content_type} | self._headers | limit | more
        judge(await self._http.post(f"{ORIGIN}/{name}", headers=headers, content=body))

    async def get(self, name: str, query: dict[str, str]) -> None:
        judge(await self._http.get(f"{ORIGIN}/{name}?{urlencode(query)}", headers=self._headers))


def judge(response: FullResponse) -> None:
    """Nothing but an answer, or an error that says what was wrong with the request."""
    if response.headers.get("content-type", "").startswith("application/grpc"):
        if not succeeded(response):
            judge_error(response)
    elif response.status != 200:
        assert response.status in range(400, 500) or response.status in (501, 503, 504), (
            response.content
        )
        judge_error(response)


def succeeded(response: FullResponse) -> bool:
    """Whether a gRPC call has messages, or its status says OK. What a stream sent before it ended is read by none."""
    return response.content[:1] in (b"\0", b"\1") or grpc_fields(response)["grpc-status"] == "0"


def judge_error(response: FullResponse) -> None:
    error = told(response)
    assert error.message
    assert (
        error.code not in BROKEN
        or error.reason in LEGITIMATE
        or error.message.startswith(PROTOCOL_ERROR)
    ), error


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Requests are read before a database is asked."""
    return new_sqlite(tmp_path)


@pytest.fixture
def ask(http: Client, acme: Founded) -> Asker:
    return Asker(http, acme.token.reveal())


def framed(body: bytes, flags: int = 0) -> bytes:
    return bytes([flags]) + len(body).to_bytes(4, "big") + body


@BOUNDED
@given(
    rpc=asked(),
    content_type=st.sampled_from(
        ["application/json", "application/grpc+json", "application/grpc-web+json"]
    ),
)
async def test_json_of_any_shape(ask: Asker, rpc: tuple[str, Any], content_type: str) -> None:
    name, document = rpc
    body = written(document)
    if METHODS[name].method_kind != "unary" and content_type == "application/json":
        content_type = "application/connect+json"
    await ask(name, content_type, body if content_type == "application/json" else framed(body))


@BOUNDED
@given(rpc=asked())
async def test_json_in_a_query(ask: Asker, rpc: tuple[str, Any]) -> None:
    name, document = rpc
    body = written(document)
    await ask.get(name, {"connect": "v1", "encoding": "json", "message": body.decode()})
    await ask.get(
        name,
        {"encoding": "json", "base64": "1", "message": base64.urlsafe_b64encode(body).decode()},
    )


@BOUNDED
@given(rpc=damaged(), encoding=st.sampled_from(sorted(PACKED)), spoilt=st.booleans())
async def test_any_bytes_in_any_encoding(
    ask: Asker, rpc: tuple[str, bytes], encoding: str, spoilt: bool
) -> None:
    name, body = rpc
    packed = PACKED[encoding](body)
    await ask(
        name,
        "application/json",
        packed[:-3] if spoilt else packed,
        **{"content-encoding": encoding},
    )
    await ask(name, "application/grpc+json", framed(packed, 1), **{"grpc-encoding": encoding})


@BOUNDED
@given(
    name=st.sampled_from(sorted(METHODS)),
    body=st.binary(max_size=60),
    flags=st.integers(0, 255),
    length=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
    content_type=st.sampled_from(
        ["application/proto", "application/connect+proto", "application/grpc", "application/grpc-web+proto",
         "application/grpc-web-text", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded"]
    ),
)  # fmt: skip
async def test_binary_that_is_none(
    ask: Asker, name: str, body: bytes, flags: int, length: int | None, content_type: str
) -> None:
    await ask(name, content_type, body)
    frame = framed(body, flags)
    await ask(
        name,
        content_type,
        frame if length is None else frame[:1] + length.to_bytes(4, "big") + body,
    )
