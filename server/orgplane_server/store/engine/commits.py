"""What was committed, for whoever watches over the server."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...histogram import Histogram

if TYPE_CHECKING:  # who only names these numbers needs no database
    from .job import Job

#: Bounds of how many changes a transaction had, and of the seconds that one waited for its turn.
CHANGES = (1.0, 2.0, 5.0, 20.0, 100.0)
WAITS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0)


class Commits:
    """Transactions of one process, counted on the threads that commit them."""

    def __init__(self) -> None:
        self.changes = Histogram(CHANGES)
        self.waits = Histogram(WAITS)
        self._lock = threading.Lock()

    def add(self, jobs: Sequence[Job[Any]], began: float) -> None:
        """One more, of these changes, which began at this time (`time.monotonic`); what came later did not wait."""
        with self._lock:
            self.changes.observe(len(jobs))
            for job in jobs:
                self.waits.observe(max(0.0, began - job.since))
