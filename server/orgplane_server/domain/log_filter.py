"""What administrators want to see of a log that is kept for a while."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogFilter:
    """`since` is the first moment of interest, `until` the first one after the last."""

    failed: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def kept(self, oldest: datetime) -> LogFilter:
        """The same of what is not older."""
        return replace(self, since=max(self.since or oldest, oldest))
