"""How the application learns that the server stops: the other end is `listener.lifeline`."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


async def draining(path: Path) -> None:
    """Returns when the drain has begun, or the process that started this one is gone."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    loop.add_reader(pipe, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(pipe)
        os.close(pipe)


def die_with_parent() -> None:
    """Has the kernel end this process when its parent dies (Linux, prctl(2)); nobody could stop it then."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
