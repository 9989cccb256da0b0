"""Where log lines go: those that may wait are written together, a moment later."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterable, Iterator

#: How long a line waits for company. What waits is lost with a process that is killed.
_SECONDS = 0.02
#: Bytes that no other process's write to the same pipe comes in between of (Linux's PIPE_BUF).
_WHOLE = 4096


class Lines:
    """A logger, to structlog, and a stream, to logging; both write whole lines to a file descriptor.

    A write lets another thread have the interpreter, and then waits until it gets it back: with a line
    for each call that is a twentieth of what a call costs. So lines that say how things go are written
    together; a warning or an error is written at once, and with it what came before. So is everything
    where no event loop runs.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def info(self, message: str) -> None:
        self._add(message + "\n")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.drain()
        else:
            if self._loop is not loop:
                self._loop = loop
                loop.call_later(_SECONDS, self._due)

    debug = info

    def warning(self, message: str) -> None:
        self.write(message + "\n")

    error = critical = warning

    def write(self, text: str) -> int:
        self._add(text)
        self.drain()
        return len(text)

    def flush(self) -> None:
        """Nothing is left to do after `write`."""

    def drain(self) -> None:
        """Writes what waits, in order; from any thread. Whom could one tell that this failed?"""
        with self._lock, contextlib.suppress(OSError):
            lines, self._waiting = self._waiting, []
            for chunk in _chunks(lines):
                while chunk:
                    chunk = chunk[os.write(self._descriptor, chunk) :]

    def _add(self, text: str) -> None:
        with self._lock:
            self._waiting.append(text.encode("utf-8", "backslashreplace"))

    def _due(self) -> None:
        self._loop = None
        self.drain()


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines, as many as stay together; one that is longer is alone."""
    chunk = b""
    for line in lines:
        if chunk and len(chunk) + len(line) > _WHOLE:
            yield chunk
            chunk = b""
        chunk += line
    if chunk:
        yield chunk
