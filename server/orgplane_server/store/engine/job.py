"""Work that the event loop hands to a thread, and awaits.

Like a `concurrent.futures.Future` and asyncio's wrapper of it, in a quarter of their time: these know
locks, callbacks and waiting threads, of which a job between one loop and one thread needs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, TypeVar

from ...fairness import whose
from .unit_of_work import UnitOfWork

T = TypeVar("T")
Change = Callable[[UnitOfWork], T]
Outcome = tuple[T | None, Exception | None]
#: Raises, and says to whoever waits, why nobody does any more.
Wanted = Callable[[], Awaitable[None]]

#: Seconds that a job waits before it is asked whether it is still wanted, and between two times of it.
_A_WHILE = 0.5


class Job(Generic[T]):
    """A change, whose it is, and the running loop's futures of its outcome: one, or more while it may be `joined`.

    While its only future is cancelled before the job's turn, the job is not to be run.
    """

    __slots__ = ("_futures", "_joinable", "_unbegun", "change", "future", "loop", "since", "whose")

    def __init__(self, change: Change[T], *, joinable: bool = False) -> None:
        self.change = change
        self.whose = whose.get()
        self.since = time.monotonic()
        self.loop = asyncio.get_running_loop()
        self._joinable = joinable
        self.future: asyncio.Future[T] = self.loop.create_future()
        self._futures = [self.future]
        #: Whoever takes what is in it decides whether the job is run: the thread, or who drops it.
        self._unbegun = [None]

    def begin(self) -> bool:
        """The job's turn has come: whether it is to be run. For the thread that runs it."""
        if not self._take():
            return False
        if not self._joinable:
            return not self.future.cancelled()
        # Before it runs, so that who has joined sees all that was there then.
        self._joinable = False
        return True

    async def while_wanted(self, wanted: Wanted) -> T:
        """The outcome. What `wanted` raises before the job's turn is raised instead, and the job is not run.

        Whoever waits for so short a time as most do is not asked.
        """
        asking: list[asyncio.Task[None]] = []
        watch = self.loop.call_later(
            _A_WHILE, lambda: asking.append(self.loop.create_task(self._ask(wanted)))
        )
        try:
            return await self.future
        finally:
            watch.cancel()
            for task in asking:
                task.cancel()

    async def _ask(self, wanted: Wanted) -> None:
        while self._unbegun:
            try:
                await wanted()
            except Exception as error:
                if self._take() and not self.future.done():
                    self.future.set_exception(error)
                return
            await asyncio.sleep(_A_WHILE)

    def _take(self) -> bool:
        try:
            self._unbegun.pop()
        except IndexError:
            return False
        return True

    def joined(self) -> asyncio.Future[T] | None:
        """Another future of the outcome; None if the job has begun."""
        if not self._joinable:
            return None
        future: asyncio.Future[T] = self.loop.create_future()
        self._futures.append(future)
        return future

    def tell(self, value: T | None, error: Exception | None) -> None:
        """Sets what nobody has cancelled. For the loop's thread."""
        for future in self._futures:
            if future.done():
                continue
            if error is None:
                future.set_result(value)  # type: ignore[arg-type]
            else:
                future.set_exception(error)


def settle(outcomes: Iterable[tuple[Job[Any], Outcome[Any]]]) -> None:
    """Tells, from any thread, how jobs of one loop went; what nobody waits for any more is dropped."""
    told = list(outcomes)
    if told:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            told[0][0].loop.call_soon_threadsafe(_tell, told)


def _tell(outcomes: list[tuple[Job[Any], Outcome[Any]]]) -> None:
    for job, outcome in outcomes:
        job.tell(*outcome)
