"""How the application learns that the server stops: the other end is `listener.lifeline`."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

_PR_SET_PDEATHSIG = 1


async def stages(path: Path) -> AsyncGenerator[None]:
    """Comes around for each stage of stopping; ends when the process that started this one is gone."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    loop.add_reader(pipe, readable.set)
    try:
        while True:
            await readable.wait()
            readable.clear()
            # What follows the reading must not wait: the other end takes it for done.
            if not os.read(pipe, 1):
                return
            yield
    finally:
        loop.remove_reader(pipe)
        os.close(pipe)


def tell_served(path: Path) -> None:
    """Tells the process that started this one that requests are answered here; whether it hears is its business."""
    with contextlib.suppress(OSError):
        path.with_name("served").touch()


def die_with_parent(path: Path) -> None:
    """Has the kernel end this process when its parent dies (Linux, prctl(2)); nobody could stop it then.

    If the parent, which alone holds the other end of the pipe, is gone already, the process ends here.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))  # refused when nobody could read it
    except OSError:
        os.kill(os.getpid(), signal.SIGKILL)
