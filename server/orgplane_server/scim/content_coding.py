"""Bodies that come compressed (RFC 9110, section 8.4): gzip is read, anything else is refused by name.

What a body blows up to is never in memory: it is given on piece by piece, and whoever reads it stops at
their limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator, Mapping, MutableMapping
from typing import Any

from starlette.types import Message, Receive

from ..domain.errors import InvalidArgument
from .errors import Refused, invalid

#: As much as is inflated at a time.
PIECE_BYTES = 64 * 1024
#: Files that may stand one after another; clients send one.
MAX_MEMBERS = 100
#: `x-gzip` is the same (RFC 9110, section 8.4.1.3).
_GZIP = ("gzip", "x-gzip")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def of(scope: Mapping[str, Any]) -> str:
    """The coding of a request's body; empty if it is none."""
    if scope["method"] not in _WITH_BODY:
        return ""
    named = (str(v, "latin-1") for name, v in scope["headers"] if name == b"content-encoding")
    coding = ", ".join(named).strip().lower()
    return "" if coding == "identity" else coding


def check(coding: str) -> None:
    """Raises Refused (415) for a coding that is not read."""
    if coding not in _GZIP:
        raise Refused(
            415,
            f"a body in the content coding {coding!r} is not read, only gzip",
            ((b"accept-encoding", b"gzip"),),
        )


def without(scope: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The request as if its body had come as it is."""
    gone = (b"content-encoding", b"content-length")
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in gone]}


def inflating(receive: Receive, limit: int) -> Receive:
    """`receive` of the body before it was compressed.

    Raises Refused (413) once there is more than `limit` before it is inflated, and InvalidArgument
    (invalidSyntax) for what is no gzip.
    """
    gunzip, received, ended = Gunzip(), 0, False
    pieces: Iterator[bytes] = iter(())

    async def receive_inflated() -> Message:
        nonlocal pieces, received, ended
        while True:
            if (piece := next(pieces, None)) is not None:
                return {"type": "http.request", "body": piece, "more_body": True}
            if ended:
                gunzip.finish()
                return {"type": "http.request", "body": b"", "more_body": False}
            message = await receive()
            if message["type"] != "http.request":
                return message
            body, ended = message.get("body", b""), not message.get("more_body", False)
            received += len(body)
            if received > limit:
                raise Refused(413, f"the body is over the limit of {limit} bytes")
            pieces = gunzip.pieces(body)

    return receive_inflated


def inflated(content: bytes, limit: int) -> bytes | None:
    """A whole body before it was compressed; None for one of more than `limit` bytes, or no gzip."""
    gunzip, body = Gunzip(), bytearray()
    try:
        for piece in gunzip.pieces(content):
            body += piece
            if len(body) > limit:
                return None
        gunzip.finish()
    except InvalidArgument:
        return None
    return bytes(body)


class Gunzip:
    """Reads gzip (RFC 1952), which may be several members one after another, as it comes in."""

    def __init__(self) -> None:
        self._member: Any = None
        self._members = 0

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """What is in `content`, `PIECE_BYTES` at a time. Raises InvalidArgument if it is no gzip."""
        while content:
            if self._member is None or self._member.eof:
                self._members += 1
                if self._members > MAX_MEMBERS:
                    raise invalid("invalidSyntax", "body", f"is gzip of over {MAX_MEMBERS} members")
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            content = yield from self._of_member(content)

    def finish(self) -> None:
        """Raises InvalidArgument if the end is missing."""
        if self._member is not None and not self._member.eof:
            raise invalid("invalidSyntax", "body", "is gzip that ends too early")

    def _of_member(self, content: bytes) -> Generator[bytes, None, bytes]:
        """What is in the present member; what is left when it ends."""
        while True:
            try:
                piece = self._member.decompress(content, PIECE_BYTES)
            except zlib.error:
                raise invalid(
                    "invalidSyntax", "body", "is not gzip, as content-encoding says"
                ) from None
            if piece:
                yield piece
            if self._member.eof:
                rest: bytes = self._member.unused_data
                return rest
            content = self._member.unconsumed_tail
            if not content and len(piece) < PIECE_BYTES:
                return b""
