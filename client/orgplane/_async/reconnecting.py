from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from pyqwest import Response

from .._core import retry
from .._core.receiving import received
from .._core.required import require
from ..errors import ClientClosedError
from .connection import AsyncConnection, StreamRPC

W = TypeVar("W")
T = TypeVar("T")


_log = logging.getLogger("orgplane")


class _Request(Protocol):
    """What asks for a stream: behind a place, or where there is none to begin."""

    cursor: str


class AsyncReconnecting(ABC, Generic[W, T]):
    """What an RPC streams for ever, over one connection after the other; each begins at the last place.

    It tells of `W`, as the wire has them, and gives each as a `T`. That it could not go on at once is a warning
    of the logger `orgplane`, once; that it goes on again another line.
    """

    def __init__(
        self, connection: AsyncConnection, rpc: StreamRPC[Any, Any], request: _Request
    ) -> None:
        self._connection = connection
        self._rpc = rpc
        self._request = request
        self._stream: Any = None
        self._response: Response | None = None
        self._receiving = False
        self._established = False
        self._heard = False
        self._failures = 0
        self._interrupted = False
        self._closed = False
        connection.endless.add(self)

    @abstractmethod
    def _told(self, message: Any) -> tuple[W | None, str]:
        """What a message tells of, None for a heartbeat, and the place behind it, empty if it names none."""

    @abstractmethod
    def _given(self, told: W) -> T: ...

    @property
    def cursor(self) -> str:
        """The place reached: behind the last one given, or where the server was since. Empty before the start."""
        return self._request.cursor

    async def close(self) -> None:
        """Iterating ends then, also when another task or thread waits for the next one. Closing twice is fine."""
        self._closed = True
        if self._receiving:
            await self._hang_up()
        else:
            await self._disconnect()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            while (told := await self.heard()) is None:
                pass
        except ClientClosedError:
            raise StopAsyncIteration from None
        return told

    async def heard(self) -> T | None:
        """What is told next, None for a heartbeat: `cursor` may have moved. Raises ClientClosedError once it is closed."""
        told = await self._next()
        if told is None:
            return None
        require(told, self._request)
        return self._given(told)

    async def __aenter__(self) -> Self:
        await self._next()  # the first is always a heartbeat
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _next(self) -> W | None:
        """The next that the server says, on this connection or another; None for a heartbeat."""
        while True:
            try:
                return await self._receive()
            except Exception as error:
                await self._disconnect()
                delay = retry.watch_delay(
                    error, self._failures, self._established, self._connection.options.max_retries
                )
                if self._closed:
                    raise ClientClosedError("the watch is closed") from error
                if delay is None:
                    raise
                if self._failures and self._established and not self._interrupted:
                    self._interrupted = True
                    _log.warning("the watch is interrupted, and tried until it goes on: %s", error)
            except BaseException:
                await self._disconnect()
                raise
            await asyncio.sleep(delay)
            self._failures += 1

    async def _receive(self) -> W | None:
        self._receiving = True  # before it is asked whether to, as `close` does it the other way
        try:
            if self._closed:
                raise ClientClosedError("the watch is closed")
            if self._stream is None:
                self._stream = self._connection.stream(self._rpc, self._request, self._answered)
                self._heard = False
            message = await received(self._stream, self._hang_up)
        finally:
            self._receiving = False
        if self._heard:  # more than the heartbeat that every connection begins with
            self._failures = 0
            if self._interrupted:
                self._interrupted = False
                _log.warning("the watch goes on")
        self._established = self._heard = True
        told, place = self._told(message)
        self._request.cursor = place or self._request.cursor
        return told

    def _answered(self, response: Response) -> None:
        self._response = response

    async def _hang_up(self) -> None:
        """Ends the waiting for a message, from another task or thread."""
        if self._response is not None:
            await self._response.aclose()

    async def _disconnect(self) -> None:
        stream, self._stream = self._stream, None
        self._response = None
        if stream is not None:
            with suppress(ValueError):  # the server says nothing at all, and a thread still waits
                await stream.aclose()
