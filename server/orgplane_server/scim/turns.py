"""Requests or answers with much in them are worked on one at a time, so that all others are answered meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Hashable, Iterator

from .. import interpreter
from ..domain.errors import Reason, Unavailable
from ..fairness import FairQueue, Party

#: Seconds that a request waits; clients and proxies give up after a minute or so.
PATIENCE = 25.0
#: Of one organization so many are in memory, until the last of their answers has been taken.
AT_ONCE = 8


class Turns:
    """Whoever waits gets the next turn, except that those of one organization share theirs, and those of one credential."""

    def __init__(self, patience: float = PATIENCE, at_once: int = AT_ONCE) -> None:
        self.patience = patience
        self._at_once = at_once
        self._inside: dict[Hashable, _Inside] = {}
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue()
        self._taken = False

    async def enter(self, whose: Hashable, until: float) -> None:
        """Waits until few of `whose` are inside. Raises Unavailable if they still are many at `until`, by the loop's time."""
        inside = self._inside.setdefault(whose, _Inside(self._at_once))
        inside.known += 1
        try:
            with _told():
                async with asyncio.timeout_at(until):
                    await inside.room.acquire()
        except BaseException:
            self._forget(whose)
            raise

    def leave(self, whose: Hashable) -> None:
        """Nothing of one of `whose` that entered is in memory any more."""
        self._inside[whose].room.release()
        self._forget(whose)

    def _forget(self, whose: Hashable) -> None:
        self._inside[whose].known -= 1
        if not self._inside[whose].known:
            del self._inside[whose]

    async def take(self, whose: Party, until: float) -> None:
        """Waits until it is the turn of `whose`. Raises Unavailable as `enter`."""
        if not self._taken:
            self._taken = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put(turn, whose)
        try:
            with _told():
                async with asyncio.timeout_at(until):
                    await turn
        except BaseException:
            if not turn.cancelled():
                self.give()  # it came too late
            raise

    def give(self) -> None:
        """The turn is the next one's."""
        while self._waiting:
            turn = self._waiting.take()
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False


class _Inside:
    """Those of one: `known` are inside, or wait for `room`."""

    def __init__(self, at_once: int) -> None:
        self.room = asyncio.Semaphore(at_once)
        self.known = 0


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise Unavailable(
            "the server is busy with other large requests; try again later",
            reason=Reason.OVERLOADED,
        ) from None


class Turn:
    """One request's: taken once it turns out to be large, and kept until it is given back.

    Whoever had it is inside until they leave, which comes when the answer has been sent.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._inside: Hashable | None = None
        self._entered = False
        self.held = False

    async def take(self, whose: Party) -> None:
        """Raises Unavailable as `Turns.take`."""
        if self.held:
            return
        until = asyncio.get_running_loop().time() + self._turns.patience
        if not self._entered:
            await self._turns.enter(whose.organization, until)
            self._inside, self._entered = whose.organization, True
        await self._turns.take(whose, until)
        self.held = True
        interpreter.begin()

    def leave(self) -> None:
        """Gives it back, too. Leaving twice is fine."""
        self.give_back()
        if self._entered:
            self._entered = False
            self._turns.leave(self._inside)

    def give_back(self) -> None:
        """Giving back what is not held is fine."""
        if self.held:
            self.held = False
            interpreter.end()
            self._turns.give()
