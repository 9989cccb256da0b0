"""Streams for plain JSON: a message a line, `application/jsonl`, for a request that is one JSON object.

The older generation of the vendor's SDKs asks so, and curl can. Underneath it is the Connect protocol, whose
streams put each message into an envelope (five bytes: flags, length) and end with one that holds the error.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from connectrpc.code import Code

from .receiving import Message, Receive

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

_PREFIX_BYTES = 5
_COMPRESSED, _END = 0b01, 0b10
#: gitpod-sdk 0.11 takes a stream in pieces of this size and waits for one to fill up: lines are padded with
#: spaces (RFC 8259, section 2: insignificant) to a multiple of it, so that it sees each at once.
_PIECE_BYTES = 64
#: What tells of the body, in plain HTTP or of Connect's envelopes; a client that accepts those compressed sees none.
_OF_THE_BODY = (
    *(b"content-type", b"content-length", b"content-encoding"),
    *(b"connect-content-encoding", b"connect-accept-encoding"),
)
#: As Connect has it for calls without a stream; anything else is 500.
_STATUS: Mapping[str, int] = {
    Code.CANCELED.value: 499,
    Code.INVALID_ARGUMENT.value: 400,
    Code.DEADLINE_EXCEEDED.value: 504,
    Code.NOT_FOUND.value: 404,
    Code.PERMISSION_DENIED.value: 403,
    Code.RESOURCE_EXHAUSTED.value: 429,
    Code.FAILED_PRECONDITION.value: 400,
    Code.ABORTED.value: 409,
    Code.OUT_OF_RANGE.value: 400,
    Code.UNIMPLEMENTED.value: 501,
    Code.UNAVAILABLE.value: 503,
    Code.UNAUTHENTICATED.value: 401,
}


def asked(scope: Scope) -> bool:
    """Whether a request for a stream is a plain JSON one, under the name that curl or the vendor's SDKs give it."""
    kind: bytes = dict(scope["headers"]).get(b"content-type", b"")
    return kind.partition(b";")[0].strip() in (b"application/json", b"application/jsonl")


async def answer(
    application: Application, scope: Scope, receive: Receive, send: Send, max_bytes: int
) -> None:
    """Answers with the status of an error that comes before the first message.

    A later one is the last line, `{"error": {"code", "message", "details"}}`.
    """
    encoding = dict(scope["headers"]).get(b"content-encoding", b"identity")
    kept = [(name, value) for name, value in scope["headers"] if name not in _OF_THE_BODY]
    told = [(b"content-type", b"application/connect+json"), (b"connect-content-encoding", encoding)]
    flags = 0 if encoding == b"identity" else _COMPRESSED
    enveloped = _enveloped(receive, flags, max_bytes)
    await application({**scope, "headers": [*kept, *told]}, enveloped, _Lines(send))


def _enveloped(receive: Receive, flags: int, max_bytes: int) -> Receive:
    """The body as one message. Of one that is over the limit no more is read than shows that it is."""
    done = False

    async def receive_enveloped() -> Message:
        nonlocal done
        if done:
            return await receive()
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            if not message.get("more_body", False) or len(body) > max_bytes:
                done = True
                prefix = bytes([flags]) + len(body).to_bytes(_PREFIX_BYTES - 1)
                return {"type": "http.request", "body": prefix + body, "more_body": False}

    return receive_enveloped


class _Lines:
    """`send` for the application, which speaks in envelopes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._plain = False
        self._rest = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._plain = message["status"] != 200  # refused before there was a stream
            if not self._plain:
                self._start = message
                return
        if self._plain:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._rest += message.get("body", b"")
            while len(self._rest) >= _PREFIX_BYTES:
                flags, end = (
                    self._rest[0],
                    _PREFIX_BYTES + int.from_bytes(self._rest[1:_PREFIX_BYTES]),
                )
                if len(self._rest) < end:
                    break
                content, self._rest = self._rest[_PREFIX_BYTES:end], self._rest[end:]
                await (self._finish(content) if flags & _END else self._line(content))

    async def _line(self, content: bytes) -> None:
        await self._begin(200, b"application/jsonl")
        line = content + b" " * (-(len(content) + 1) % _PIECE_BYTES) + b"\n"
        await self._send({"type": "http.response.body", "body": line, "more_body": True})

    async def _finish(self, content: bytes) -> None:
        error = json.loads(content).get("error")
        body = b""
        if error is None:
            await self._begin(200, b"application/jsonl")
        elif self._start is None:
            await self._line(json.dumps({"error": error}).encode())
        else:
            await self._begin(_STATUS.get(error["code"], 500), b"application/json")
            body = json.dumps(error).encode()
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _begin(self, status: int, kind: bytes) -> None:
        """Sends the start of the answer, unless it was sent."""
        start, self._start = self._start, None
        if start is not None:
            kept = [
                (name, value)
                for name, value in start["headers"]
                if name != b"content-type" and not name.startswith(b"connect-")
            ]
            headers = [*kept, (b"content-type", kind)]
            await self._send({**start, "status": status, "headers": headers, "trailers": False})
