"""The interpreter's lock, for which threads wait: how long one that has much to do keeps others waiting.

Python takes the lock from a thread after 5 ms, at each of the dozen times that a request waits for it. Where all
threads have little to do it costs much more to take it sooner than to wait. So it is taken sooner only while
somebody works who has said that it takes long.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_SHORT = 0.0005
_USUAL = sys.getswitchinterval()

_counting = threading.Lock()
_busy = 0


@contextmanager
def long_work() -> Iterator[None]:
    """Whatever threads do meanwhile may take long, and lets others in between."""
    begin()
    try:
        yield
    finally:
        end()


async def in_thread(work: Callable[[], T]) -> T:
    """What long work on a thread returns."""
    with long_work():
        return await asyncio.to_thread(work)


def begin() -> None:
    """`long_work` begins; it lasts until as many times `end` was called."""
    _count(1)


def end() -> None:
    _count(-1)


def _count(change: int) -> None:
    global _busy
    with _counting:
        before, _busy = _busy, _busy + change
        if not before or not _busy:
            sys.setswitchinterval(_SHORT if _busy else _USUAL)
