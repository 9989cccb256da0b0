"""Work that the event loop hands to a thread, and awaits.

Like a `concurrent.futures.Future` and asyncio's wrapper of it, in a quarter of their time: these know
locks, callbacks and waiting threads, of which a job between one loop and one thread needs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from .unit_of_work import UnitOfWork

T = TypeVar("T")
Change = Callable[[UnitOfWork], T]
Outcome = tuple[T | None, Exception | None]


class Job(Generic[T]):
    """A change, and the running loop's `future` of its outcome.

    While the future is cancelled before the job's turn, the job is not to be run.
    """

    __slots__ = ("_loop", "change", "future")

    def __init__(self, change: Change[T]) -> None:
        self.change = change
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self._loop.create_future()

    @property
    def wanted(self) -> bool:
        return not self.future.cancelled()


def settle(outcomes: Iterable[tuple[Job[Any], Outcome[Any]]]) -> None:
    """Tells, from any thread, how jobs of one loop went; what nobody waits for any more is dropped."""
    told = list(outcomes)
    if told:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            told[0][0]._loop.call_soon_threadsafe(_tell, told)


def _tell(outcomes: list[tuple[Job[Any], Outcome[Any]]]) -> None:
    for job, (value, error) in outcomes:
        if job.future.done():
            continue
        if error is None:
            job.future.set_result(value)
        else:
            job.future.set_exception(error)
