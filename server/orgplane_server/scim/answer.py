"""Answers in SCIM's media type, and what a request says about the version it is for."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from .. import interpreter
from ..domain.precondition import EVERY, Precondition, Versions
from ..domain.quota import Quota
from ..domain.scim_query import Listing
from . import dialects, resource
from .errors import Refusal
from .resource import etag

#: Characters of names in the header `Orgplane-Ignored`; proxies allow a few thousand in all headers.
_MAX_NAMES = 1000
#: Punctuation that a name may have in a header as it is: all but what separates names, or encodes.
_PLAIN = "!#$&'()*+-./:;<=>?@[]^_`{|}~"
_TAG = re.compile(r'"([^"]*)"')
#: Entity tags with commas between them (RFC 9110, sections 5.6.1 and 8.8.3).
_TAGS = re.compile(r'[ \t,]*(?:(?:W/)?"[\x21\x23-\x7e]*"[ \t]*(?:,[ \t,]*|$))+')
#: What can be a version: no other tag was ever given.
_VERSION = re.compile("[1-9][0-9]{0,17}", re.ASCII)


T = TypeVar("T")
#: So many resources, or members of groups, are not worth a thread.
_FEW_ITEMS = 50
_FEW_PARTS = 1000
#: Characters; to make and to send so many takes a millisecond or two.
_WORTH_SENDING = 64 * 1024
#: Rests are so many times as long as the work between them.
_REST = 3.0


def content(
    request: Request, text: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON, in the media type that the client accepts."""
    media_type = dialects.media_type(request.headers.get("accept", ""))
    return Response(text.encode(), status, dict(headers or {}), media_type)


def one(
    request: Request,
    pieces: Iterable[str],
    location: str,
    version: int,
    status: int = 200,
    *,
    parts: int = 0,
) -> Response:
    """One resource, where it is, and its ETag; 304 without it when the client has this version.

    One that has many parts is `Long`, with rests. Raises VersionMismatch for a read of another version.
    """
    headers = {"location": location, "etag": etag(version)}
    if request.method in ("GET", "HEAD"):
        asked = precondition(request)
        asked.require_only(version)
        if asked.knows(version):
            return Response(status_code=304, headers=headers)
    if parts <= _FEW_PARTS:
        return content(request, "".join(pieces), status, headers)
    return Long(request, pieces, status, headers, rests=True)


async def made(parts: int, make: Callable[[], str]) -> str:
    """The text that `make` makes: on a thread if it has many parts, so that nobody else waits for it."""
    return make() if parts <= _FEW_PARTS else await interpreter.in_thread(make)


def listing(
    request: Request, found: Listing[T], encoded: Callable[[T], Iterable[str]], parts: int = 0
) -> Response:
    """A list of resources, of which `encoded` makes JSON: `Long` if it is, or has many parts."""
    pieces = _listed(found, encoded)
    many = parts > _FEW_PARTS
    if len(found.items) <= _FEW_ITEMS and not many:
        return content(request, "".join(pieces))
    return Long(request, pieces, rests=many)


def _listed(found: Listing[T], encoded: Callable[[T], Iterable[str]]) -> Iterator[str]:
    opening, closing = resource.listing(found)
    yield opening
    for number, item in enumerate(found.items):
        if number:
            yield ","
        yield from encoded(item)
    yield closing


def _gathered(pieces: Iterable[str]) -> Iterator[bytes]:
    """What is worth sending at once."""
    text, size = list[str](), 0
    for piece in pieces:
        text.append(piece)
        size += len(piece)
        if size >= _WORTH_SENDING:
            yield "".join(text).encode()
            text, size = [], 0
    if text:
        yield "".join(text).encode()


class Long(Response):
    """Text that is to be made before it is sent, a piece at a time, on a thread: nobody else waits for all of it.

    With `rests` it takes a part of the processor only, and leaves the others to those who want little.
    """

    def __init__(
        self,
        request: Request,
        pieces: Iterable[str],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        rests: bool,
    ) -> None:
        media_type = dialects.media_type(request.headers.get("accept", ""))
        super().__init__(None, status, dict(headers or {}), media_type)
        del self.headers["content-length"]
        self._pieces = _gathered(pieces)
        self._rest = _REST if rests else 0
        self._made = deque[bytes]()

    async def make(self) -> None:
        """While it is the request's turn; what is sent to a slow client is nobody's work any more."""
        text, worked = await interpreter.in_thread(self._next)
        while text is not None:
            self._made.append(text)
            await asyncio.sleep(self._rest * worked)
            text, worked = await interpreter.in_thread(self._next)

    def _next(self) -> tuple[bytes | None, float]:
        """A piece, and the seconds that its thread has worked on it."""
        begun = time.thread_time()
        return next(self._pieces, None), time.thread_time() - begun

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        while self._made:
            await send(
                {"type": "http.response.body", "body": self._made.popleft(), "more_body": True}
            )
        await send({"type": "http.response.body", "body": b""})


def nothing(request: Request, location: str = "", version: int | None = None) -> Response:
    """Done, with nothing to say; in SCIM's media type all the same, which some clients look for."""
    headers = {} if version is None else {"location": location, "etag": etag(version)}
    return content(request, "", 204, headers)


def ignoring(send: Send, ignored: Collection[str]) -> Send:
    """Sends answers with the header that names what a request that succeeds said in vain.

    The names are read when the answer begins.
    """

    def fields(status: int) -> Sequence[tuple[bytes, bytes]]:
        return [(b"orgplane-ignored", _names(ignored))] if ignored and status < 400 else ()

    return _with_fields(send, fields)


def rationed(send: Send, quota: Callable[[], Quota | None]) -> Send:
    """Sends answers with what is left to whoever asked, which is asked when the answer begins."""

    def fields(_status: int) -> Sequence[tuple[bytes, bytes]]:
        left = quota()
        return (
            () if left is None else [(n.encode(), text.encode()) for n, text in left.fields.items()]
        )

    return _with_fields(send, fields)


def _with_fields(send: Send, fields: Callable[[int], Sequence[tuple[bytes, bytes]]]) -> Send:
    """Sends answers with more header fields, which depend on the status and are asked for when the answer begins."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and (more := fields(message["status"])):
            message = {**message, "headers": [*message["headers"], *more]}
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


def precondition(request: Request) -> Precondition:
    """The versions that the request is for. Tags are compared weakly, as ours are weak."""
    # If-None-Match that cannot be read keeps nothing from being read, and everything from being changed.
    unread = EVERY if request.method not in ("GET", "HEAD") else ()
    return Precondition(
        only=_versions(request, "if-match", unread=()),
        never=_versions(request, "if-none-match", unread=unread),
    )


def _versions(request: Request, header: str, unread: Versions) -> Versions | None:
    """The versions that the header names, `unread` if it cannot be read; None without it."""
    values = request.headers.getlist(header)
    if not values:
        return None
    listed = ", ".join(values).strip()
    if listed == "*":
        return EVERY
    if not _TAGS.fullmatch(listed):
        return unread
    tags = _TAG.findall(listed)
    return frozenset(int(tag) for tag in tags if _VERSION.fullmatch(tag))
