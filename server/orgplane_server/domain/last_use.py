"""When something that is shown with each request was last used: noted now and then, so that a use costs no write."""

from __future__ import annotations

from datetime import datetime, timedelta

#: Uses are noted no finer than this.
RESOLUTION = timedelta(minutes=1)


def is_stale(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether a use at `now` is worth a write."""
    return last_used_at is None or now - last_used_at >= RESOLUTION
