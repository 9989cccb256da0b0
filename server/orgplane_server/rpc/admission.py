"""What can be wrong with a call before its message is read.

The runtime finds most of it as well, but answers without a reason, some of it without a body, and where no
interceptor sees it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from connectrpc.code import Code
from connectrpc.server import ConnectASGIApplication

from ..domain.errors import Reason
from .protocol import (
    ENCODINGS,
    LINE_TYPES,
    STREAM_TYPES,
    UNARY_TYPES,
    Protocol,
    encoding_header,
    media_type,
)
from .refusal import Refusal

Scope = MutableMapping[str, Any]

_CONNECT_TIMEOUT = re.compile(r"\d{1,10}", re.ASCII)
_GRPC_TIMEOUT = re.compile(r"\d{1,8}[HMSmun]", re.ASCII)
#: RFC 4648, sections 4 and 5; no character of another alphabet is skipped (section 3.3).
_BASE64 = re.compile(r"(?:[A-Za-z0-9_-]*|[A-Za-z0-9+/]*)(?P<padding>={0,2})", re.ASCII)
#: What Connect gives a meaning in the query of a GET; each may be there once.
_PARAMETERS = ("connect", "encoding", "base64", "compression", "message")


@dataclass(frozen=True, slots=True)
class Rpc:
    """An RPC that is served. A unary one without side effects answers GET."""

    application: ConnectASGIApplication[Any]
    kind: str
    without_side_effects: bool

    @property
    def unary(self) -> bool:
        return self.kind == "unary"

    @property
    def in_lines(self) -> bool:
        """Whether it may be asked for a message a line."""
        return self.kind == "server_streaming"

    @property
    def methods(self) -> tuple[str, ...]:
        return ("GET", "POST") if self.unary and self.without_side_effects else ("POST",)

    @property
    def content_types(self) -> tuple[str, ...]:
        if self.unary:
            return UNARY_TYPES
        return (*STREAM_TYPES, *LINE_TYPES) if self.in_lines else STREAM_TYPES


def admit(rpc: Rpc, scope: Scope) -> None:
    """Raises Refusal unless the runtime can be given the call."""
    if not all(value.isascii() for _, value in scope["headers"]):
        raise _malformed("a header value is not ASCII")
    headers = {
        str(name, "ascii"): str(value, "ascii") for name, value in reversed(scope["headers"])
    }
    content_type = media_type(headers.get("content-type", ""))
    protocol = Protocol.of(content_type)
    if scope["method"] not in rpc.methods or (
        scope["method"] == "GET" and protocol is not Protocol.CONNECT
    ):
        raise _method_not_allowed(rpc.methods)
    if protocol is Protocol.CONNECT:
        _admit_connect(headers)
    elif not _GRPC_TIMEOUT.fullmatch(timeout := headers.get("grpc-timeout", "0n")):
        raise _malformed(f"grpc-timeout: {timeout!r} is no timeout")
    if scope["method"] == "GET":
        _admit_query(scope["query_string"])
        return
    if content_type not in rpc.content_types:
        raise _unsupported(f"content-type: {content_type!r} is not served here", rpc.content_types)
    name = encoding_header(content_type)
    _admit_encoding(name, headers.get(name, ""))


def _admit_connect(headers: Mapping[str, str]) -> None:
    version = headers.get("connect-protocol-version", "1")
    if version != "1":
        raise _malformed(f"connect-protocol-version: must be '1', not {version!r}")
    timeout = headers.get("connect-timeout-ms", "")
    if timeout and not _CONNECT_TIMEOUT.fullmatch(timeout):
        raise _malformed(
            f"connect-timeout-ms: must be up to 10 digits (milliseconds), not {timeout!r}"
        )


def _admit_encoding(name: str, encoding: str) -> None:
    if encoding and encoding not in ENCODINGS:
        raise Refusal(
            Code.UNIMPLEMENTED,
            f"{name}: {encoding!r} is not known; supported encodings are {', '.join(ENCODINGS)}",
            Reason.UNSUPPORTED_ENCODING,
            headers={"accept-encoding": "gzip"} if name == "content-encoding" else None,
        )


def _admit_query(raw: bytes) -> None:
    """Connect's GET: the whole request is in the query."""
    try:
        query = parse_qs(raw.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise _malformed("the query is not UTF-8; binary messages take base64=1") from None
    for name in _PARAMETERS:
        if len(query.get(name, ())) > 1:
            raise _malformed(f"{name}: is in the query more than once")
    given = {name: query[name][0] for name in _PARAMETERS if name in query}
    if (version := given.get("connect", "v1")) != "v1":
        raise _malformed(f"connect: must be 'v1', not {version!r}")
    if (encoding := given.get("encoding", "")) not in ("json", "proto"):
        raise _unsupported(f"encoding: must be 'json' or 'proto', not {encoding!r}", UNARY_TYPES)
    _admit_encoding("compression", given.get("compression", ""))
    if "message" not in given:
        raise _malformed("message: is missing from the query")
    if given.get("base64") == "1" and not _is_base64(given["message"]):
        raise _malformed("message: is not Base64")


def _is_base64(text: str) -> bool:
    """In either alphabet; padding may be left out, but is not there in part."""
    match = _BASE64.fullmatch(text)
    if match is None:
        return False
    return len(text) % 4 == 0 if match["padding"] else len(text) % 4 != 1


def _malformed(message: str) -> Refusal:
    return Refusal(Code.INVALID_ARGUMENT, message, Reason.MALFORMED_REQUEST)


def _unsupported(message: str, content_types: tuple[str, ...]) -> Refusal:
    return Refusal(
        Code.UNKNOWN,
        message,
        Reason.UNSUPPORTED_MEDIA_TYPE,
        status=415,
        headers={"accept-post": ", ".join(content_types)},
    )


def _method_not_allowed(methods: tuple[str, ...]) -> Refusal:
    allowed = ", ".join(methods)
    return Refusal(
        Code.UNKNOWN,
        f"the method must be {' or '.join(methods)}",
        Reason.METHOD_NOT_ALLOWED,
        status=405,
        headers={"allow": allowed},
    )
