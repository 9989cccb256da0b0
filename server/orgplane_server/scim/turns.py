"""Requests with much in them are worked on one at a time, so that all others are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable

from .. import interpreter
from ..domain.errors import Reason, Unavailable

#: Seconds that a request waits; clients and proxies give up after a minute or so.
PATIENCE = 25.0


class Turns:
    """Whoever waits gets the next turn, except that those who ask for the same one share theirs."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        self._taken = False

    async def take(self, whose: Hashable) -> None:
        """Waits until it is the turn of `whose`. Raises Unavailable if that takes too long."""
        if not self._taken:
            self._taken = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(whose, deque()).append(turn)
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except BaseException as error:
            if not turn.cancelled():
                self.give()  # it came too late
            if isinstance(error, TimeoutError):
                raise Unavailable(
                    "the server is busy with other large requests; try again later",
                    reason=Reason.OVERLOADED,
                ) from None
            raise

    def give(self) -> None:
        """The turn is the next one's."""
        for whose in list(self._waiting):
            queue = self._waiting.pop(whose)
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    if queue:
                        self._waiting[whose] = queue  # behind everybody else
                    turn.set_result(None)
                    return
        self._taken = False


class Turn:
    """One request's: taken once it turns out to be large, and kept until it is given back."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.held = False

    async def take(self, whose: Hashable) -> None:
        """Raises Unavailable as `Turns.take`."""
        if not self.held:
            await self._turns.take(whose)
            self.held = True
            interpreter.begin()

    def give_back(self) -> None:
        """Giving back what is not held is fine."""
        if self.held:
            self.held = False
            interpreter.end()
            self._turns.give()
