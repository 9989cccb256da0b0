"""A transaction for each change, many at a time: for a database that settles conflicts itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from ...domain.errors import Unavailable
from .commits import Commits
from .dialect import Dialect
from .job import Change, Job, Outcome
from .session import Session
from .unit_of_work import Overtaken, UnitOfWork
from .workers import Workers

T = TypeVar("T")

#: How often a transaction is begun at most, when it loses against others or its connection was dead.
_ATTEMPTS = 5
_BACKOFF_SECONDS = 0.01


class Transactions(Workers):
    """Threads that each run one transaction at a time."""

    def __init__(
        self,
        name: str,
        engine: sa.Engine,
        dialect: Dialect,
        threads: int,
        announce: Callable[[], None] = lambda: None,
        most: int = 1,
        confirm: Callable[[], None] = lambda: None,
    ) -> None:
        """Each commit of something that is followed is announced."""
        self._announce = announce
        self.commits = Commits()
        super().__init__(name, engine, dialect, threads, most, confirm)

    def perform(self, jobs: list[Job[Any]], session: Session) -> list[Outcome[Any]]:
        return [self._outcome(job, session) for job in jobs]

    def _outcome(self, job: Job[Any], session: Session) -> Outcome[Any]:
        began = time.monotonic()
        try:
            value = self._run(job.change, session)
            if self.writes:
                self.commits.add([job], began)
            return value, None
        except Exception as error:
            return None, error

    def _run(self, change: Change[T], session: Session) -> T:
        with self._dialect.translating():
            for attempt in range(1, _ATTEMPTS):
                try:
                    return self._attempt(change, session)
                except (sa.exc.DBAPIError, Overtaken) as error:
                    if not self._repeatable(error):
                        raise
                    time.sleep(random.uniform(0, _BACKOFF_SECONDS * 2**attempt))  # noqa: S311
            try:
                return self._attempt(change, session)
            except Overtaken:
                raise Unavailable("others are changing the same; try again") from None

    def _attempt(self, change: Change[T], session: Session) -> T:
        committing = False
        try:
            with session.transaction() as connection:
                unit = UnitOfWork(connection, defers=True)
                value = change(unit)
                committing = True
                unit.flush()
            if unit.announced:
                self._announce()
            unit.committed()
            return value
        except sa.exc.DBAPIError as error:
            if committing and error.connection_invalidated:
                # Perhaps it was committed: only the caller can tell whether to try again.
                error.connection_invalidated = False
            raise

    def _repeatable(self, error: sa.exc.DBAPIError | Overtaken) -> bool:
        """A lost conflict, or a connection that had died."""
        if isinstance(error, Overtaken):
            return True
        return error.connection_invalidated or self._dialect.conflict(error)


class Snapshots(Transactions):
    """Queries: those that wait share a transaction, and so what it costs to begin and to end one.

    What they see is the same as if each had its own: everything that was committed before they came.
    """

    writes = False

    def perform(self, jobs: list[Job[Any]], session: Session) -> list[Outcome[Any]]:
        if len(jobs) > 1:
            try:
                return self._shared(jobs, session)
            except sa.exc.DBAPIError:
                pass  # each alone finds out whether it was its own fault
        return super().perform(jobs, session)

    def _shared(self, jobs: list[Job[Any]], session: Session) -> list[Outcome[Any]]:
        outcomes: list[Outcome[Any]] = []
        with session.transaction() as connection:
            unit = UnitOfWork(connection)
            for job in jobs:
                try:
                    outcomes.append((job.change(unit), None))
                except sa.exc.DBAPIError:
                    raise
                except Exception as error:
                    outcomes.append((None, error))
        return outcomes
