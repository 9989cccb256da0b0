"""The SCIM door before it is loaded: its models are a third of a server's start, which RPCs need not wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from .address import ADDRESS

if TYPE_CHECKING:
    from .request_log import RequestLog

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class LazyDoor:
    """What `made` returns, made once, on a thread; requests that come before wait for it."""

    def __init__(self, made: Callable[[], RequestLog]) -> None:
        self._made = made
        self._door: RequestLog | None = None
        self._loading: asyncio.Task[RequestLog] | None = None

    async def load(self) -> RequestLog:
        """The door. Raises what making it raised; the next one to ask has it tried again."""
        if self._door is None:
            if self._loading is None:
                self._loading = asyncio.create_task(asyncio.to_thread(self._made))
            try:
                self._door = await asyncio.shield(self._loading)
            except Exception:
                self._loading = None
                raise
        return self._door

    @staticmethod
    def serves(path: str) -> bool:
        """Whether a path is this door's, with something there or not."""
        return ADDRESS.fullmatch(path) is not None

    async def refuse(self, send: Send, status: int, code: str, message: str) -> None:
        """Turns a request away before it was looked at; `code` is for doors that have codes."""
        await (self._door or await self.load()).refuse(send, status, message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._door or await self.load())(scope, receive, send)
