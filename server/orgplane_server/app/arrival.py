"""How requests come in: in turns of their connections, not at all any more by then, or half when the server stops."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable

from ..web.responses import Message, Receive
from .shelter import take_note

#: For so many seconds, of so many addresses, it is remembered that a request was given up.
_REMEMBERED, _ADDRESSES = 1.0, 1000
#: Seconds after which it is asked whether a client is still there, and in which the listener says so.
_A_WHILE, _SOON = 0.1, 0.1


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


#: Whoever calls: address and port, as ASGI has it.
Client = tuple[str, int]


class Beginnings:
    """Bursts from where requests were just given up let all others in between.

    Of each connection from such an address one request begins in a turn of the loop. What has been given up by
    its turn costs next to nothing, and that is most of a burst that nobody meant. Others do not wait: beginning
    together is cheaper for them, and for us.
    """

    def __init__(self) -> None:
        self._given_up: dict[str, float] = {}
        self._begun: set[Client] = set()
        self._waiting: dict[Client, deque[asyncio.Future[None]]] = {}

    def gave_up(self, client: Client) -> None:
        """Notes that a request was given up before it began."""
        if len(self._given_up) >= _ADDRESSES:
            self._given_up.clear()
        self._given_up[client[0]] = asyncio.get_running_loop().time() + _REMEMBERED

    async def turn(self, client: Client) -> None:
        """Returns when a request is to begin, which most do at once."""
        if (until := self._given_up.get(client[0])) is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() > until and client not in self._waiting:
            self._given_up.pop(client[0], None)
            return
        if not self._begun:
            loop.call_soon(self._next)
        if client not in self._begun:
            self._begun.add(client)
            return
        begins = loop.create_future()
        self._waiting.setdefault(client, deque()).append(begins)
        await begins

    def _next(self) -> None:
        turns = list(self._waiting)  # in the order in which they came
        self._begun = set(turns)
        for client in turns:
            waiting = self._waiting[client]
            begins = waiting.popleft()
            if not begins.done():
                begins.set_result(None)
            if not waiting:
                del self._waiting[client]
        if self._begun:
            asyncio.get_running_loop().call_soon(self._next)


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


async def has_left(receive: Receive) -> bool:
    """Whether the client of a request that is there whole has gone.

    The listener tells soon, either way; one that tells nobody who is still there is not waited for.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SOON):
            for _ in range(2):  # the end of a body may still be untold
                if (await receive())["type"] == "http.disconnect":
                    return True
    return False


def left_meanwhile(receive: Receive) -> Callable[[], Awaitable[bool]]:
    """`has_left`, asked only once the request has waited for so long that clients may leave; from now on."""
    begins = asyncio.get_running_loop().time() + _A_WHILE

    async def left() -> bool:
        return asyncio.get_running_loop().time() > begins and await has_left(receive)

    return left


def _cancelled() -> bool:
    """Whether it is whoever waits that is to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
