"""The end of whoever started us, seen by the pipe that they gave us as stdin."""

from __future__ import annotations

import os
import select
import signal
import stat
import threading

#: What poll tells of a pipe whose other end is closed, and of half a socket (Linux).
_CLOSED = select.POLLHUP | getattr(select, "POLLRDHUP", 0)


def end_with_it() -> None:
    """From now on, SIGTERM to ourselves when stdin closes; what comes through it is not read.

    Only where it is a pipe, or a socket, that somebody holds: with /dev/null, a file, a terminal, or what is closed already,
    nothing is watched.
    """
    try:
        kind = os.fstat(0).st_mode
    except OSError:
        return
    if not (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)):
        return
    watched = select.poll()
    watched.register(0, _CLOSED & ~select.POLLHUP)  # POLLHUP is told unasked
    if not watched.poll(0):
        threading.Thread(target=_wait, args=(watched,), name="stdin", daemon=True).start()


def _wait(watched: select.poll) -> None:
    watched.poll()
    os.kill(os.getpid(), signal.SIGTERM)
