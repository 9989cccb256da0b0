"""Changes that wait for the disk share one transaction, and so one fsync."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa

from . import driver
from .dialect import Dialect
from .job import Job, Outcome, settle
from .unit_of_work import UnitOfWork

_MAX_BATCH = 256


class GroupCommit:
    """One thread that writes: one change after another, each all or nothing, then a COMMIT for all.

    What waits when the thread is free goes into its next transaction; a change that comes alone does
    not wait for company. A change is answered after the COMMIT, never before.
    """

    def __init__(
        self,
        engine: sa.Engine,
        dialect: Dialect,
        turn: Callable[[], AbstractContextManager[None]],
        announce: Callable[[], None],
    ) -> None:
        """Each transaction runs inside a `turn`, which keeps other processes out.

        Each commit of recorded events is announced.
        """
        self._announce = announce
        self._engine = engine
        self._dialect = dialect
        self._turn = turn
        self._queue: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-write", daemon=True)
        self._closed = False
        self._thread.start()

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
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            closing = False
            while len(batch) < _MAX_BATCH and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    closing = True
                    break
                batch.append(item)
            self._settle([job for job in batch if job.wanted])
            if closing:
                return

    def _settle(self, batch: list[Job[Any]]) -> None:
        if not batch:
            return
        try:
            outcomes = self._commit(batch)
        except Exception as error:  # nothing was written
            told = self._dialect.translated(error)
            outcomes = [(None, told)] * len(batch)
        settle(zip(batch, outcomes, strict=True))

    def _commit(self, batch: list[Job[Any]]) -> list[Outcome[Any]]:
        outcomes: list[Outcome[Any]] = []
        with self._turn(), self._engine.begin() as connection:
            unit = UnitOfWork(connection)
            # Straight to the driver: SQLAlchemy's own savepoints cost as much as a change.
            sqlite = driver.connection_of(connection)
            for job in batch:
                sqlite.execute("SAVEPOINT change")
                mark = unit.mark()
                try:
                    outcomes.append((job.change(unit), None))
                except Exception as error:
                    if (
                        not sqlite.in_transaction
                    ):  # SQLite has undone all of it, as when the disk is full
                        raise
                    sqlite.execute("ROLLBACK TO change")
                    unit.forget(mark)
                    outcomes.append((None, self._dialect.translated(error)))
                sqlite.execute("RELEASE change")
            unit.flush()
        if unit.recorded:
            self._announce()
        return outcomes
