"""The JSON of a request: read within limits, and refused if no database could keep its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.requests import ClientDisconnect, Request

from ..domain.errors import InvalidArgument
from ..domain.json_document import MalformedJSON, RepeatedNames, check_shape
from ..domain.text import of_utf8, storable
from . import dialects
from .errors import Refused, invalid

#: NUL, and surrogates, which are text only in pairs.
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


async def read(request: Request, limit: int) -> Any:
    """The body as parsed JSON. Raises Refused (413, 415) and InvalidArgument (invalidSyntax)."""
    return parsed(await _received(request, limit))


async def read_if_any(request: Request, limit: int) -> Any:
    """As `read`; an empty object without a body."""
    raw = await _received(request, limit)
    return parsed(raw) if raw else {}


def parsed(raw: bytes) -> Any:
    try:
        text = of_utf8(raw)
        check_shape(text, max_values=len(text) + 1)  # the limit of bytes is enough
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise invalid("invalidSyntax", "body", f"is not UTF-8 at byte {error.start}") from None
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
    return bytes(body)


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
