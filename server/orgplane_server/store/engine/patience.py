"""Rests of a thread that has much to do, so that threads which have little do not wait for it."""

from __future__ import annotations

import time

#: Threads share one interpreter, and perhaps one processor: it rests so many times as long as it has worked.
_REST = 3.0
_LONGEST = 0.05


class Patience:
    """To be asked to rest after every few milliseconds of work."""

    def __init__(self) -> None:
        self._worked = time.thread_time()

    def rest(self) -> None:
        time.sleep(min(_REST * (time.thread_time() - self._worked), _LONGEST))
        self._worked = time.thread_time()
