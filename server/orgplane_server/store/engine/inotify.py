"""Linux's word of a file that was touched, by any process (inotify(7))."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

_IN_ATTRIB = 0x4


@contextlib.contextmanager
def touches(path: Path) -> Iterator[int | None]:
    """A descriptor that is readable once the file was touched; None where there is no such thing."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "inotify_init1"):
        yield None
        return
    descriptor: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0:  # as many as a user may have are there
        yield None
        return
    try:
        added = libc.inotify_add_watch(descriptor, os.fsencode(path), _IN_ATTRIB)
        yield None if added < 0 else descriptor
    finally:
        os.close(descriptor)


def forget(descriptor: int) -> None:
    """What was told so far."""
    with contextlib.suppress(BlockingIOError):
        while True:
            os.read(descriptor, 4096)
