from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

from orgplane_api.orgplane.v1 import event_pb as pb
from orgplane_api.orgplane.v1.event_service_connect import EventServiceClient

from .. import types
from .._core import retry
from .connection import AsyncConnection


class AsyncWatch:
    """Events as they come, for ever; one task or thread iterates at a time.

    When the connection breaks or the server stops, it is made anew from the last place, after waiting
    longer each time it fails: no event is missed, and each is given once. Until it was made the first time,
    it is tried as often as a call is. Iterating raises EventsPurgedError when events behind the last place
    are no longer kept, and otherwise an APIError that trying again would not help.

    As a context manager, it is connected when the block begins: from there on no change is missed, whenever
    the iteration begins. `close` ends it; so does the end of the block.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        rpc: EventServiceClient,
        filter: pb.EventFilter,
        cursor: str,
    ) -> None:
        self._connection = connection
        self._rpc = rpc
        self._filter = filter
        self._cursor = cursor
        self._stream: Any = None
        self._established = False
        self._closed = False

    @property
    def cursor(self) -> str:
        """The place reached: behind the last event given, or where the server was since. Empty before the start."""
        return self._cursor

    async def close(self) -> None:
        """Closing twice is fine; iterating ends then."""
        self._closed = True
        await self._disconnect()

    def __aiter__(self) -> AsyncWatch:
        return self

    async def __anext__(self) -> types.Event:
        while not self._closed:
            response = await self._next()
            if isinstance(response, pb.Event):
                return types.Event.from_wire(response)
        raise StopAsyncIteration

    async def __aenter__(self) -> AsyncWatch:
        await self._next()  # the first is always a heartbeat
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _next(self) -> pb.Event | pb.Heartbeat | None:
        """The next that the server says, on this connection or another."""
        attempt = 0
        while True:
            try:
                return await self._receive()
            except Exception as error:
                await self._disconnect()
                delay = retry.watch_delay(
                    error, attempt, self._established, self._connection.options.max_retries
                )
                if delay is None:
                    raise
            except BaseException:
                await self._disconnect()
                raise
            await asyncio.sleep(delay)
            attempt += 1

    async def _receive(self) -> pb.Event | pb.Heartbeat | None:
        if self._stream is None:
            request = pb.WatchEventsRequest(cursor=self._cursor, filter=self._filter)
            self._stream = self._connection.stream(self._rpc.watch_events, request)
        message: pb.WatchEventsResponse = await anext(self._stream)
        self._established = True
        response = message.response
        if response is None:  # newer than this client
            return None
        self._cursor = response.value.cursor
        return response.value

    async def _disconnect(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.aclose()
