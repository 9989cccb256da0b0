"""The JSON of a request: read within limits, and refused if no database could keep its text."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from ..domain.errors import InvalidArgument
from ..domain.json_document import MalformedJSON, RepeatedNames, TooManyValues, check_shape
from ..domain.text import of_utf8, storable
from . import dialects
from .errors import Refused, invalid
from .limits import MAX_VALUES, SMALL_BYTES, SMALL_PATCH_BYTES
from .request import await_client, require_client, take_turn, turn

T = TypeVar("T")

#: NUL, and surrogates, which are text only in pairs.
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


async def read(request: Request, limit: int, reading: Callable[[Any], T], absent: bytes = b"") -> T:
    """What `reading` makes of the body, which is JSON: of a large one on a thread, when its turn has come.

    A request without a body is read as if it had the one that is `absent`.

    Raises Refused (413, 415), InvalidArgument (invalidSyntax), Unavailable, and what `reading` raises.
    """
    small = SMALL_PATCH_BYTES if request.method == "PATCH" else SMALL_BYTES
    if "data" in (state := request.scope["state"]):  # of an operation in a bulk request
        data = state["data"]
        if _is_small(data, small):
            return reading(data)
        return await apart(request, lambda: reading(data))
    raw = await _received(request, limit) or absent
    if len(raw) <= small:
        return reading(parsed(raw))
    return await apart(request, lambda: reading(parsed(raw)))


async def apart(request: Request, read: Callable[[], T]) -> T:
    """What `read` makes, on a thread, when the request's turn has come. Raises Unavailable and what `read` raises."""
    await take_turn(request, turn(request))
    return await asyncio.to_thread(read)


def parsed(raw: bytes) -> Any:
    try:
        text = of_utf8(raw)
        check_shape(text, MAX_VALUES)
        value = (_DECODER if len(raw) <= SMALL_BYTES else _UNHURRIED).decode(text)
    except UnicodeDecodeError as error:
        raise invalid("invalidSyntax", "body", f"is not UTF-8 at byte {error.start}") from None
    except TooManyValues:
        raise Refused(413, f"the body has more than {MAX_VALUES} values") from None
    except MalformedJSON as error:
        raise invalid("invalidSyntax", "body", f"is {error}") from None
    except ValueError as error:
        raise invalid("invalidSyntax", "body", f"is not JSON: {error}") from None
    if _SUSPICIOUS.search(raw) and not all(map(is_storable, texts(value))):
        raise invalid("invalidValue", "body", "must not contain NUL or lone surrogates")
    return value


def is_storable(text: str) -> bool:
    """Whether a database can keep the text."""
    try:
        storable(text=text)
    except InvalidArgument:
        return False
    return True


async def _received(request: Request, limit: int) -> bytes:
    if not dialects.is_json(request.headers.get("content-type", "")):
        raise Refused(415, "the body must be application/scim+json")
    too_large = Refused(413, f"the body is over the limit of {limit} bytes")
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > limit:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large
    except ClientDisconnect:
        raise Refused(400, "the client went away before the end of the body") from None
    await require_client(request)
    await_client(request)
    return bytes(body)


def _is_small(value: Any, size: int) -> bool:
    """Whether there is no more in a value than about so many bytes of JSON hold."""
    left, values = size // 32, [value]
    while values and left:
        left -= 1
        match values.pop():
            case dict() as members:
                values += members.values()
            case list() as elements:
                values += elements
    return not values


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            yield from value
            for inner in value.values():
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of two values would be meant, nobody knows (RFC 8259, section 4)."""
    document = dict(members)
    if len(document) < len(members):
        raise invalid("invalidSyntax", RepeatedNames(members).names[0], "is said twice")
    return document


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


class _Unhurried(json.JSONDecoder):
    """Written in Python, so that others get to work between any two of its steps: for large bodies, on a thread."""

    def __init__(self, **hooks: Any) -> None:
        super().__init__(**hooks)
        self.parse_object = json.decoder.JSONObject  # type: ignore[attr-defined]
        self.parse_array = json.decoder.JSONArray  # type: ignore[attr-defined]
        self.scan_once = json.scanner.py_make_scanner(self)  # type: ignore[attr-defined]


_HOOKS: dict[str, Any] = {"parse_constant": _no_constant, "object_pairs_hook": _object}
_DECODER, _UNHURRIED = json.JSONDecoder(**_HOOKS), _Unhurried(**_HOOKS)
