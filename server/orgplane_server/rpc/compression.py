"""Answers in gzip, for those who accept it, where there is something to gain."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .protocol import ACCEPTS, ENCODINGS, encoding_header
from .receiving import Message

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

#: Bytes of the smallest message that is compressed: a smaller one fits into a packet as it is, and gzip takes as
#: long for 100 bytes as for 4 KiB.
LEAST = 1024
_LEVEL = 6
_PREFIX_BYTES, _COMPRESSED = 5, 0x01


def compressing(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """The call for the runtime, which would compress every answer or none."""
    headers = scope["headers"]
    content_type = next((value for name, value in headers if name == b"content-type"), b"")
    encoding = encoding_header(content_type.decode("ascii", "replace"))
    accept = ACCEPTS[encoding].encode()
    accepted = next((value for name, value in headers if name == accept), b"")
    if _chosen(accepted.decode("ascii", "replace")) != "gzip":
        return scope, send
    scope = {**scope, "headers": [header for header in headers if header[0] != accept]}
    if encoding == "content-encoding":
        return scope, _whole(send)
    return scope, _enveloped(send, (encoding.encode(), b"gzip"))


def _chosen(accepted: str) -> str:
    """The first that is known, as in every server of this family."""
    names = (name.strip() for name in accepted.split(","))
    return next((name for name in names if name in ENCODINGS), "identity")


def _whole(send: Send) -> Send:
    """For an answer that is its body; a body in parts, such as lines, stays as it is."""
    start: Message | None = None

    async def send_whole(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and message["status"] == 200:
            start = message
            return
        if start is not None:
            begun, start = start, None
            body = message.get("body", b"")
            if len(body) >= LEAST and not message.get("more_body", False):
                begun = {**begun, "headers": [*begun["headers"], (b"content-encoding", b"gzip")]}
                message = {**message, "body": gzip.compress(body, _LEVEL)}
            await send(begun)
        await send(message)

    return send_whole


def _enveloped(send: Send, header: tuple[bytes, bytes]) -> Send:
    """For an answer of messages, each of which says for itself whether it is compressed."""

    async def send_enveloped(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            message = {**message, "headers": [*message["headers"], header]}
        elif message["type"] == "http.response.body":
            message = {**message, "body": _envelope(message.get("body", b""))}
        await send(message)

    return send_enveloped


def _envelope(envelope: bytes) -> bytes:
    if len(envelope) < _PREFIX_BYTES + LEAST or envelope[0]:  # what is no message has flags
        return envelope
    content = gzip.compress(envelope[_PREFIX_BYTES:], _LEVEL)
    return bytes([_COMPRESSED]) + len(content).to_bytes(_PREFIX_BYTES - 1) + content
