"""Small answers, straight over ASGI."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
#: Header of what nobody on the way may keep (RFC 9111, section 5.2.2.5).
NOT_KEPT = ((b"cache-control", b"no-store"),)

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


async def respond(
    send: Send, status: int, body: object, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    content = json.dumps(body).encode()
    await answer(send, status, content, ((b"content-type", b"application/json"), *headers))


async def answer(
    send: Send, status: int, content: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> None:
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": content})


async def refuse(send: Send, status: int, code: str, message: str) -> None:
    """An error in the shape that Connect clients read."""
    await respond(send, status, {"code": code, "message": message})
