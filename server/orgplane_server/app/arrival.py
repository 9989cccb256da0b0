"""Requests of which a part is still to come: whoever sent half of one does not hold up a server that stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..web.responses import Message, Receive


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


def _cancelled() -> bool:
    """Whether it is whoever waits that is to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
