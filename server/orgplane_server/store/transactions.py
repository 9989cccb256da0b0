"""A transaction for each change, many at a time: for a database that settles conflicts itself."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from .dialect import Dialect
from .job import Change, Job, settle
from .unit_of_work import UnitOfWork

T = TypeVar("T")

#: How often a transaction is begun at most, when it loses against others or its connection was dead.
_ATTEMPTS = 5
_BACKOFF_SECONDS = 0.01


class Transactions:
    """Threads that each run one transaction at a time."""

    def __init__(
        self,
        name: str,
        engine: sa.Engine,
        dialect: Dialect,
        threads: int,
        announce: Callable[[], None] = lambda: None,
    ) -> None:
        """Each commit of recorded events is announced."""
        self._announce = announce
        self._engine = engine
        self._dialect = dialect
        self._queue: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def submit(self, job: Job[Any]) -> None:
        """Cancelled before its turn a job does not run, after that it stands."""
        if self._closed:
            raise RuntimeError("the database is closed")
        self._queue.put(job)

    def close(self) -> None:
        """Finishes what waits. Closing twice is fine."""
        if not self._closed:
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            if not job.wanted:
                continue
            try:
                value, failure = self._run(job.change), None
            except Exception as error:
                value, failure = None, error
            settle([(job, (value, failure))])
            del job, value, failure  # while the thread waits, nothing is kept alive

    def _run(self, change: Change[T]) -> T:
        with self._dialect.translating():
            for attempt in range(1, _ATTEMPTS):
                try:
                    return self._attempt(change)
                except sa.exc.DBAPIError as error:
                    if not self._repeatable(error):
                        raise
                    time.sleep(random.uniform(0, _BACKOFF_SECONDS * 2**attempt))  # noqa: S311
            return self._attempt(change)

    def _attempt(self, change: Change[T]) -> T:
        committing = False
        try:
            with self._engine.begin() as connection:
                unit = UnitOfWork(connection)
                value = change(unit)
                unit.flush()
                committing = True
            if unit.recorded:
                self._announce()
            return value
        except sa.exc.DBAPIError as error:
            if committing and error.connection_invalidated:
                # Perhaps it was committed: only the caller can tell whether to try again.
                error.connection_invalidated = False
            raise

    def _repeatable(self, error: sa.exc.DBAPIError) -> bool:
        """A lost conflict, or a connection that had died; the pool has dropped its like by then."""
        return error.connection_invalidated or self._dialect.conflict(error)
