"""The bodies that are in memory at once, whichever door they came to: so many bytes, and of one address a part of them."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, MutableMapping
from typing import Any

from ..domain.client_address import network
from ..domain.errors import Reason, Unavailable
from ..web.responses import Message, Receive
from .arrival import has_left

#: Bytes of all requests that are being served, and of those from one address (of IPv6: one /64).
MAX_BYTES = 64 * 1024 * 1024
MAX_BYTES_OF_ADDRESS = MAX_BYTES // 4
#: Seconds that a request waits for room: its sender waits meanwhile, as on a slow network, and need not do anything.
PATIENCE = 10.0

_ENCODINGS = (b"content-encoding", b"grpc-encoding", b"connect-content-encoding")


class Bodies:
    """Takes bodies in while there is room, and lets senders wait when there is none.

    The eldest of those that are still coming in goes on whatever there is, so that there will be room again;
    of one address as well, for which there is then no more than its part.
    """

    def __init__(
        self,
        most: int = MAX_BYTES,
        of_address: int = MAX_BYTES_OF_ADDRESS,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._all = _Room(most)
        self._of_address = of_address
        self._rooms: dict[Hashable, _Room] = {}
        self._freed: asyncio.Event | None = None

    def body(self, peer: str, scope: MutableMapping[str, Any], limit: int) -> Body:
        """The body of a request from `peer`; one that is compressed may become as large as the limit."""
        packed = any(
            name in _ENCODINGS and value != b"identity" for name, value in scope["headers"]
        )
        return Body(self, network(peer), limit if packed else 0)

    async def take(self, body: Body, size: int) -> bool:
        """Waits until there is room for so many bytes more; whether it had to. Raises Unavailable if that takes too long."""
        if (mine := body.room) is None:
            mine = body.room = self._room_of(body.source)
        rooms = (self._all, mine)
        for room in rooms:
            room.coming.setdefault(body)
        if waits := not all(room.takes(body, size) for room in rooms):
            try:
                async with asyncio.timeout(self._patience):
                    while not all(room.takes(body, size) for room in rooms):
                        self._freed = self._freed or asyncio.Event()
                        await self._freed.wait()
            except TimeoutError:
                raise Unavailable(
                    "the server has no room for more request bodies; try again later",
                    reason=Reason.OVERLOADED,
                ) from None
        for room in rooms:
            room.taken += size
        body.size += size
        return waits

    def _room_of(self, source: Hashable) -> _Room:
        if (room := self._rooms.get(source)) is None:
            room = self._rooms[source] = _Room(self._of_address)
        return room

    def ended(self, body: Body) -> None:
        """Nothing more of it comes."""
        self._leave(body, 0)

    def free(self, body: Body) -> None:
        """The request has been served; freeing twice is fine."""
        self._leave(body, body.size)
        body.room = None

    def _leave(self, body: Body, size: int) -> None:
        """It comes in no more, and so many bytes of it are gone."""
        if (mine := body.room) is None:
            return
        for room in (self._all, mine):
            room.coming.pop(body, None)
            room.taken -= size
        body.size -= size
        if not mine.taken and not mine.coming:
            del self._rooms[body.source]
        if self._freed is not None:
            self._freed.set()
            self._freed = None


class Body:
    """The body of one request, as it comes in."""

    def __init__(self, bodies: Bodies, source: Hashable, unpacked: int) -> None:
        self._bodies = bodies
        self._unpacked = unpacked
        self.source = source
        self.room: _Room | None = None
        self.size = 0

    def metered(self, receive: Receive) -> Receive:
        """`receive` that takes the body in while there is room for it; raises as `Bodies.take`.

        Whoever left while the last of it waited is told of as if they had left before.
        """
        over = False

        async def receive_metered() -> Message:
            nonlocal over
            message = await receive()
            if over or message["type"] != "http.request":
                return message
            content = len(message.get("body", b""))
            over = not message.get("more_body", False)
            if content:
                unpacked, self._unpacked = self._unpacked, 0
                waited = await self._bodies.take(self, content + unpacked)
                if waited and over and await has_left(receive):
                    message = {"type": "http.disconnect"}
            if over:
                self._bodies.ended(self)
            return message

        return receive_metered

    def free(self) -> None:
        self._bodies.free(self)


class _Room:
    """Bytes that were taken, and the bodies that are coming in, the eldest first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.taken = 0
        self.coming: dict[Body, None] = {}

    def takes(self, body: Body, size: int) -> bool:
        return self.taken + size <= self._most or next(iter(self.coming)) is body
