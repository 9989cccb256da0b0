"""Instants are aware datetimes in UTC with microseconds, the precision that store and wire keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

_TICK = timedelta(microseconds=1)


def system_clock() -> datetime:
    return datetime.now(UTC)


def after(previous: datetime, now: datetime) -> datetime:
    """`now`, or the next instant after `previous` if the clock has not moved past it."""
    return max(now, previous + _TICK)


def text(instant: datetime) -> str:
    """The instant for people, to the second: `2026-11-25 01:02:07Z`."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
