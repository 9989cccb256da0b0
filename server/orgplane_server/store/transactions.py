"""A transaction for each change, many at a time: for a database that settles conflicts itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa

from .dialect import Dialect
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
        self._executor = ThreadPoolExecutor(threads, name)
        self._waiting = 0

    @property
    def waiting(self) -> int:
        return self._waiting

    def submit(self, change: Callable[[UnitOfWork], T]) -> Future[T]:
        """The outcome of a change. Cancelled before its turn it does not run, after that it stands."""
        self._waiting += 1
        future = self._executor.submit(self._run, change)
        future.add_done_callback(self._done)
        return future

    def close(self) -> None:
        """Finishes what waits. Closing twice is fine."""
        self._executor.shutdown()

    def _run(self, change: Callable[[UnitOfWork], T]) -> T:
        with self._dialect.translating():
            for attempt in range(1, _ATTEMPTS):
                try:
                    return self._attempt(change)
                except sa.exc.DBAPIError as error:
                    if not self._repeatable(error):
                        raise
                    time.sleep(random.uniform(0, _BACKOFF_SECONDS * 2**attempt))  # noqa: S311
            return self._attempt(change)

    def _attempt(self, change: Callable[[UnitOfWork], T]) -> T:
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

    def _done(self, _future: Future[T]) -> None:
        self._waiting -= 1
