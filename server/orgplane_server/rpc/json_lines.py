"""Streams as JSON Lines, which the vendor's 0.x SDKs ask for: a plain POST of JSON, one message a line.

Connect has no such form. Here it is turned into Connect's own stream of JSON messages, and back: each
message is a line, filled up with blanks: the SDKs read in pieces of 64 bytes, and would see a shorter line
only when the next one comes. A failure before the first message is answered like that of a unary RPC, with an
HTTP status; one after it is a last line, `{"error": {"code", "message", "details"}}`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .receiving import Message, Receive

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Connect's mapping of codes to HTTP (its protocol reference, "Error Codes"); 500 for the others.
_HTTP_STATUS = {
    "canceled": 499,
    "invalid_argument": 400,
    "deadline_exceeded": 504,
    "not_found": 404,
    "already_exists": 409,
    "permission_denied": 403,
    "resource_exhausted": 429,
    "failed_precondition": 400,
    "aborted": 409,
    "out_of_range": 400,
    "unimplemented": 501,
    "unavailable": 503,
    "unauthenticated": 401,
}
#: Of a request: what describes the body that it had, or would have the answer compressed.
_DROPPED = (b"content-type", b"content-length", b"connect-accept-encoding")
#: The flag of the envelope that ends a stream.
_END = 0x02
_PREFIX = 5
#: Every line's length is a multiple of this.
_PIECE = 64


def asks_for(scope: Scope) -> bool:
    """Whether a request to an RPC that streams its answer is made in this form."""
    headers = dict(scope["headers"])
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return (
        kind in (b"application/json", b"application/jsonl")
        and b"application/jsonl" in headers.get(b"accept", b"")
        and headers.get(b"content-encoding", b"identity") == b"identity"
    )


async def serve(
    application: Application, scope: Scope, receive: Receive, send: Send, max_bytes: int
) -> None:
    """Has a Connect application answer a request that `asks_for` this."""
    kept = [(name, value) for name, value in scope["headers"] if name not in _DROPPED]
    headers = [*kept, (b"content-type", b"application/connect+json")]
    await application({**scope, "headers": headers}, _enveloped(receive, max_bytes), _Lines(send))


def _enveloped(receive: Receive, max_bytes: int) -> Receive:
    """`receive` whose body is one envelope with the message that the body was.

    Of a body over the limit no more is read: the envelope tells its length, and is refused for it.
    """
    begun = False

    async def receive_envelope() -> Message:
        nonlocal begun
        if begun:
            return await receive()
        begun = True
        body, more = b"", True
        while more and len(body) <= max_bytes:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            more = message.get("more_body", False)
        envelope = b"\0" + len(body).to_bytes(4) + body
        return {"type": "http.request", "body": envelope, "more_body": more}

    return receive_envelope


class _Lines:
    """`send` for a stream of envelopes, which leave as lines."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._is_stream = False
        self._buffer = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            types = [value for name, value in message["headers"] if name == b"content-type"]
            self._is_stream = types == [b"application/connect+json"]
            if self._is_stream:
                self._start = message  # until it is known whether the stream fails at once
                return
        if not self._is_stream:
            await self._send(message)
            return
        self._buffer += message.get("body", b"")
        while (envelope := self._next()) is not None:
            await self._pass_on(*envelope)
        if not message.get("more_body", False):
            await self._line(b"", more=False)

    def _next(self) -> tuple[int, bytes] | None:
        """Flags and content of the next envelope, if all of it is there."""
        end = _PREFIX + int.from_bytes(self._buffer[1:_PREFIX])
        if len(self._buffer) < max(end, _PREFIX):
            return None
        flags, content = self._buffer[0], self._buffer[_PREFIX:end]
        self._buffer = self._buffer[end:]
        return flags, content

    async def _pass_on(self, flags: int, content: bytes) -> None:
        if not flags & _END:
            await self._line(_filled(content))
        elif (error := json.loads(content).get("error")) is None:
            return
        elif self._start is not None:
            status = _HTTP_STATUS.get(error["code"], 500)
            await self._begin(status, b"application/json")
            await self._line(json.dumps(error).encode())
        else:
            await self._line(_filled(json.dumps({"error": error}).encode()))

    async def _line(self, line: bytes, *, more: bool = True) -> None:
        if self._start is not None:
            await self._begin(200, b"application/jsonl")
        await self._send({"type": "http.response.body", "body": line, "more_body": more})

    async def _begin(self, status: int, content_type: bytes) -> None:
        assert self._start is not None
        kept = [
            (name, value)
            for name, value in self._start["headers"]
            if name not in (b"content-type", b"connect-content-encoding")
        ]
        headers = [*kept, (b"content-type", content_type)]
        start = {**self._start, "status": status, "headers": headers}
        self._start = None
        await self._send(start)


def _filled(line: bytes) -> bytes:
    return line + b" " * (-(len(line) + 1) % _PIECE) + b"\n"
