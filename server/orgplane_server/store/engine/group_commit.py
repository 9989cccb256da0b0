"""Changes that wait for the disk share one transaction, and so one fsync."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa

from . import driver
from .commits import Commits
from .dialect import Dialect
from .job import Job, Outcome
from .session import Session
from .unit_of_work import UnitOfWork
from .workers import Workers

#: Changes that share a commit at most.
MAX_BATCH = 256


class GroupCommit(Workers):
    """One thread that writes: one change after another, each all or nothing, then a COMMIT for all.

    What waits when the thread is free goes into its next transaction, and somebody else's that comes meanwhile has its turn
    there. A change is answered after the COMMIT, never before; so an organization with little to do ends it early.
    """

    def __init__(
        self,
        engine: sa.Engine,
        dialect: Dialect,
        turn: Callable[[], AbstractContextManager[None]],
        announce: Callable[[], None],
        confirm: Callable[[], None] = lambda: None,
    ) -> None:
        """Each transaction runs inside a `turn`, which keeps other processes out.

        Each commit of something that is followed is announced.
        """
        self._announce = announce
        self.commits = Commits()
        self._turn = turn
        self.batch = MAX_BATCH
        super().__init__("store-write", engine, dialect, threads=1, most=1, confirm=confirm)

    def perform(self, jobs: list[Job[Any]], session: Session) -> list[Outcome[Any]]:
        try:
            return self._commit(jobs, session)
        except Exception as error:  # nothing was written
            told = self._dialect.translated(error)
            return [(None, told)] * len(jobs)

    def _commit(self, jobs: list[Job[Any]], session: Session) -> list[Outcome[Any]]:
        outcomes: list[Outcome[Any]] = []
        began = time.monotonic()
        with self._turn(), session.transaction() as connection:
            unit = UnitOfWork(connection)
            # Straight to the driver: SQLAlchemy's own savepoints cost as much as a change.
            sqlite = driver.connection_of(connection)
            for job in self._together(jobs):
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
        self.commits.add(jobs, began)
        if unit.announced:
            self._announce()
        unit.committed()
        return outcomes

    def _together(self, jobs: list[Job[Any]]) -> Iterator[Job[Any]]:
        """The first one of a transaction, then as many as wait by now and may share it, which are added."""
        room, served = min(self.batch - 1, len(self._waiting)), {jobs[0].whose.organization}
        yield jobs[0]
        for _ in range(room):
            if (job := self.take_along(served)) is None:
                return
            jobs.append(job)
            yield job
