"""Threads that do the jobs which the event loop hands over, several at a time where that is cheaper."""

from __future__ import annotations

import asyncio
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from typing import Any

import sqlalchemy as sa

from ...domain.errors import OrgplaneError
from ...fairness import FairQueue, Party
from .dialect import Dialect
from .job import Job, Outcome, settle
from .session import Session


class Workers(ABC):
    """A queue of jobs, in which nobody's keep those of others waiting, and the threads that empty it.

    A thread that is free takes what waits, up to its share, and tells of all of it at once: each time
    that a thread wakes another costs more than many a query. A job that comes alone does not wait
    for company.
    """

    #: Whether its transactions change anything.
    writes = True

    def __init__(
        self,
        name: str,
        engine: sa.Engine,
        dialect: Dialect,
        threads: int,
        most: int,
        confirm: Callable[[], None] = lambda: None,
    ) -> None:
        """A thread takes `most` jobs at a time, or fewer. They begin at once: comes last in a subclass.

        What `confirm` raises, before jobs or after them, is the outcome of all of them.
        """
        self._confirm = confirm
        self._engine = engine
        self._dialect = dialect
        self._most = most
        self._coming: list[Job[Any]] = []
        self._waiting: FairQueue[Job[Any]] = FairQueue()
        #: Wakes a thread for each job that waits; None ends it. A thread that finds nothing left was forestalled.
        self._calls: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        #: The loop that will hand them over.
        self._due: asyncio.AbstractEventLoop | None = None
        self._handing = threading.Lock()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        return len(self._coming) + len(self._waiting)

    def others_wait(self, party: Party) -> bool:
        """Whether jobs of another organization do."""
        with self._handing:
            return self._waiting.others(party)

    def submit(self, job: Job[Any]) -> None:
        """Cancelled before its turn a job does not run, after that it stands."""
        with self._handing:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._coming.append(job)
            if self._due is not job.loop:
                self._due = job.loop
                job.loop.call_soon(self._hand_over)

    def close(self) -> None:
        """Finishes what waits. Closing twice is fine."""
        with self._handing:
            closes, self._closed = not self._closed, True
        if closes:
            self._hand_over()
            for _ in self._threads:
                self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def _hand_over(self) -> None:
        """What came in a turn of the loop goes to the threads at its end: to wake one costs as much as a query."""
        with self._handing:
            for job in self._coming:
                self._waiting.put(job, job.whose)
                self._calls.put(True)
            self._coming.clear()
            self._due = None

    @abstractmethod
    def perform(self, jobs: list[Job[Any]], session: Session) -> list[Outcome[Any]]:
        """The outcome of each job, and of each that was added to them; raises nothing. The session is the thread's own."""

    def take_along(self, served: set[Hashable]) -> Job[Any] | None:
        """The next job, as `FairQueue.take_along`, for a thread that is at work already: it runs the job, and tells of it."""
        with self._handing:
            while (job := self._waiting.take_along(served)) is not None:
                self._forestall(1)
                if job.begin():
                    return job
        return None

    def _work(self) -> None:
        session = Session(self._engine, self._dialect.begin(writes=self.writes))
        while self._calls.get() is not None:
            self._finish([job for job in self._share() if job.begin()], session)
        session.close()

    def _finish(self, jobs: list[Job[Any]], session: Session) -> None:
        if jobs:
            settle(zip(jobs, self._outcomes(jobs, session), strict=True))

    def _outcomes(self, jobs: list[Job[Any]], session: Session) -> list[Outcome[Any]]:
        try:
            self._confirm()
            outcomes = self.perform(jobs, session)
            self._confirm()
        except OrgplaneError as error:
            return [(None, error)] * len(jobs)
        return outcomes

    def _share(self) -> list[Job[Any]]:
        """What this thread takes of what waits; perhaps nothing."""
        with self._handing:
            share = min(self._most, 1 + (len(self._waiting) - 1) // len(self._threads))
            found = [self._waiting.take() for _ in range(share)]
            self._forestall(len(found) - 1)
        return found

    def _forestall(self, jobs: int) -> None:
        """Nobody need come for them any more."""
        for _ in range(jobs):
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                break
            if call is None:  # the end of some thread, this one or another
                self._calls.put(None)
                break
