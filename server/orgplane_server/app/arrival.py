"""How requests come in: not at all any more when their turn comes, or half when the server stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ..web.responses import Message, Receive
from .shelter import take_note


class Arrivals:
    """What is still awaited of requests, until no more is."""

    def __init__(self, error: Callable[[], Exception]) -> None:
        """`error` makes what those are told who are still sending when it ends."""
        self._awaited: set[asyncio.Future[Message]] = set()
        self._error = error
        self._ended = False

    def end(self) -> None:
        """From here on nothing more is awaited of any request; those that are there whole go on."""
        self._ended = True
        for part in self._awaited:
            part.cancel()

    def of(self, receive: Receive) -> Receive:
        """`receive`, raising the error while the request is not whole and no more is awaited."""
        whole = False

        async def receive_until_the_end() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            if self._ended:
                raise self._error()
            part = asyncio.ensure_future(receive())
            self._awaited.add(part)
            try:
                message = await part
            except asyncio.CancelledError:
                if self._ended and not _cancelled():
                    raise self._error() from None
                raise
            finally:
                self._awaited.discard(part)
            whole = not message.get("more_body", False)
            return message

        return receive_until_the_end


async def still_wanted(receive: Receive) -> Receive | None:
    """The same `receive`, or None if whoever asked has given the request up before its turn came.

    The listener knows when nothing more is to come of a request, as of most.
    """
    first = receive()
    if asyncio.isfuture(first):  # whether a body is coming is not known yet
        first.add_done_callback(take_note)
    else:
        message = await first
        if message["type"] == "http.disconnect":
            return None
        first = asyncio.get_running_loop().create_future()
        first.set_result(message)
    untold = [first]

    def receive_from_the_first() -> Awaitable[Message]:
        return untold.pop() if untold else receive()

    return receive_from_the_first


def _cancelled() -> bool:
    """Whether it is whoever waits that is to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
