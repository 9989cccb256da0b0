"""The interpreter's threads together on one CPU, of which the system chooses anew each second.

They take turns anyway (CPython's global interpreter lock). Spread over CPUs, a thread that lets go of the lock
for a microsecond, as around every statement, wakes another one elsewhere, which comes too late and waits again:
that was a tenth to a third of what a request cost. Work without the lock, such as SQLite's, shares the CPU then.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import threading
from collections.abc import Iterator, Set
from pathlib import Path

import structlog

#: So often the system is asked, in seconds, and so long the event loop runs wherever it likes then.
_PERIOD = 1.0
_CHOICE = 0.01
#: How names of threads begin that serve connections, and hold the lock for moments only.
_LISTENERS = "wrk:"
_THREADS = Path("/proc/self/task")

log = structlog.get_logger(__name__)


def keep_to_one_cpu(worker: int = 0, workers: int = 1) -> asyncio.Task[None] | None:
    """From now on, until the task is cancelled; None where threads cannot be told where to run: not on Linux.

    For the event loop's thread, before it starts others: these begin where it is. Of the CPUs that this
    process may use, `workers` processes have a share each, as far as they go. None as well, and a line in the log, where that is refused.
    """
    if not hasattr(os, "sched_setaffinity") or not _THREADS.exists():
        return None
    try:
        os.sched_setaffinity(0, os.sched_getaffinity(0))
    except PermissionError:
        log.warning(
            "threads may not be kept on one CPU, so requests cost up to a third more; let the server call sched_setaffinity "
            "(in a systemd unit no SystemCallFilter=~@resources), or say --cpu-affinity any"
        )
        return None
    return asyncio.create_task(_OneCpu(worker, workers).keep())


class _OneCpu:
    def __init__(self, worker: int, workers: int) -> None:
        cpus = sorted(os.sched_getaffinity(0))
        self._share = frozenset(cpus[worker % len(cpus) :: workers])
        self._loop = threading.get_native_id()
        _bind(self._loop, self._share)
        self._gather()

    async def keep(self) -> None:
        """Goes where the system would have the event loop, away from a CPU that others keep busy."""
        while True:
            await asyncio.sleep(_PERIOD)
            if len(self._share) > 1:
                _bind(self._loop, self._share)
                await asyncio.sleep(_CHOICE)
            self._gather()

    def _gather(self) -> None:
        here = {_current_cpu()}
        for thread in _threads():
            _bind(thread, here)


def _threads() -> Iterator[int]:
    """Those of this process except its first, whose CPUs the listener's threads inherit, and those."""
    for folder in _THREADS.iterdir():
        with contextlib.suppress(OSError):  # it has just ended
            thread = int(folder.name)
            if thread != os.getpid() and not (folder / "comm").read_text().startswith(_LISTENERS):
                yield thread


def _bind(thread: int, cpus: Set[int]) -> None:
    with contextlib.suppress(OSError):  # it has just ended, or we may use that CPU no longer
        os.sched_setaffinity(thread, cpus)


def _current_cpu() -> int:
    cpu: int = ctypes.CDLL(None).sched_getcpu()
    return cpu
