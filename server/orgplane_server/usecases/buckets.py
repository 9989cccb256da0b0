"""Token buckets, many of them: how much of something there may be at once, and in a minute."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

#: So many are remembered; the one that was not asked for for longest is forgotten, and may start anew.
_MOST = 10_000


@dataclass(slots=True)
class Bucket:
    """`level` is how many may still be, as of `at`."""

    level: float
    at: datetime


K = TypeVar("K", bound=Hashable)
B = TypeVar("B", bound=Bucket)


class Buckets(Generic[K, B]):
    """Of each thing a bucket, which is full at first: `at_once`, and `per_minute` come into it."""

    def __init__(self, made: Callable[[float, datetime], B], at_once: int, per_minute: int) -> None:
        self._made = made
        self._at_once = at_once
        self._per_minute = per_minute
        self._buckets: OrderedDict[K, B] = OrderedDict()

    def of(self, thing: K, now: datetime) -> B:
        """The bucket of a thing, as of `now`."""
        bucket = self._buckets.setdefault(thing, self._made(self._at_once, now))
        self._buckets.move_to_end(thing)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        elapsed = max(timedelta(), now - bucket.at)  # a clock may have been set back
        come = elapsed.total_seconds() * self._per_minute / 60
        bucket.level = min(self._at_once, bucket.level + come)
        bucket.at = now
        return bucket
