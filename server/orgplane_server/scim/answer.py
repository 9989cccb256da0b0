"""Answers in SCIM's media type, and what a request says about the version it is for."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Send

from . import dialects
from .errors import Refusal
from .resource import etag

#: Characters of names in the header `Orgplane-Ignored`; proxies allow a few thousand in all headers.
_MAX_NAMES = 1000
#: Punctuation that a name may have in a header as it is: all but what separates names, or encodes.
_PLAIN = "!#$&'()*+-./:;<=>?@[]^_`{|}~"
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def content(
    request: Request, text: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON, in the media type that the client accepts."""
    media_type = dialects.media_type(request.headers.get("accept", ""))
    return Response(text.encode(), status, dict(headers or {}), media_type)


def resource(
    request: Request,
    text: str,
    version: int,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One resource with its ETag; 304 without it when the client has this version."""
    tag = {"etag": etag(version)}
    known = versions(request, "if-none-match")
    if request.method in ("GET", "HEAD") and known is not None and version in known:
        return Response(status_code=304, headers=tag)
    return content(request, text, status, {**tag, **(headers or {})})


def nothing(version: int | None = None) -> Response:
    return Response(status_code=204, headers={} if version is None else {"etag": etag(version)})


def ignoring(send: Send, ignored: Collection[str]) -> Send:
    """Sends answers with the header that names what a request that succeeds said in vain.

    The names are read when the answer begins.
    """

    async def told(message: Message) -> None:
        if ignored and message["type"] == "http.response.start" and message["status"] < 400:
            headers = [*message["headers"], (b"orgplane-ignored", _names(ignored))]
            message = {**message, "headers": headers}
        await send(message)

    return told


def _names(ignored: Collection[str]) -> bytes:
    """Names as a list in a header: separated by commas, percent-encoded where not plain, few enough to fit."""
    names: list[str] = []
    for name in ignored:
        names.append(quote(name, safe=_PLAIN))
        if sum(map(len, names)) > _MAX_NAMES:
            return ", ".join([*names[:-1], "..."]).encode("ascii")
    return ", ".join(names).encode("ascii")


def refusal(request: Request, refused: Refusal) -> Response:
    return _refusal(refused, dialects.media_type(request.headers.get("accept", "")))


async def turned_away(send: Send, refused: Refusal) -> None:
    """Answers to nobody's request in particular."""
    await _refusal(refused, dialects.media_type(""))({"type": "http"}, _nothing_more, send)


def _refusal(refused: Refusal, media_type: str) -> Response:
    answer = Response(json.dumps(refused.document()), refused.status, media_type=media_type)
    for name, value in refused.headers:
        answer.headers[str(name, "ascii")] = str(value, "ascii")
    return answer


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


def versions(request: Request, header: str) -> frozenset[int] | None:
    """The versions that the header names; None without it, or when any will do (`*`)."""
    value = request.headers.get(header)
    if value is None or value.strip() == "*":
        return None
    tags = _TAG.findall(value)
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 19)
