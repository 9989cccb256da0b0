"""Turns between the processes that have one SQLite file open."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import structlog

from ...domain.errors import Unavailable
from .dialect import Lead

_TIMEOUT = 10.0

log = structlog.get_logger(__name__)


def lock_file(path: Path) -> Path:
    """The file beside an SQLite database through which processes take turns."""
    return Path(f"{path}.lock")


class FileLock:
    """Turns between processes. Within one process, only one thread may use it.

    The kernel ends the turn of a process that dies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._queue: _Queue | None = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Raises Unavailable if others keep the lock for 10 seconds, or somebody has `exclude`d all."""
        if self._descriptor is None or self._queue is None:
            self._descriptor = descriptor = _opened(self._path)
            if not _locked(descriptor, fcntl.LOCK_SH):
                self.close()
                log.error("database unavailable", cause="it is being restored")
                raise Unavailable("the database is being restored, try again later")
            self._queue = _Queue(descriptor)
        if not self._queue.enter(_TIMEOUT):
            log.error("database unavailable", cause="another process keeps the file locked")
            raise Unavailable("the database is busy, try again later")
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def exclude(self) -> bool:
        """Keeps all others from turns until `close`; False if a process has had one and is still there."""
        if self._descriptor is None:
            self._descriptor = _opened(self._path)
        return _locked(self._descriptor, fcntl.LOCK_EX)

    def close(self) -> None:
        """Closing twice is fine."""
        descriptor, self._descriptor = self._descriptor, None
        queue, self._queue = self._queue, None
        if descriptor is not None and (queue is None or not queue.left()):
            os.close(descriptor)


class FileLead(Lead):
    """The lead of whoever has a file locked; without a file this process is the only one."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._descriptor: int | None = None

    def held(self) -> bool:
        if self._path is None or self._descriptor is not None:
            return True
        descriptor = _opened(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


class _Queue:
    """The kernel's of those who wait for a lock, which knows no limit of time: so a thread of its own stands there.

    Who asked now and then instead would be overtaken by a process that comes again at once, ten times in a row.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._guard = threading.Lock()
        self._standing = False
        self._wanted = False
        self._closing = False
        self._turn = threading.Event()

    def enter(self, seconds: float) -> bool:
        """Whether the lock could be had within so many seconds."""
        with self._guard:
            if not self._standing:
                try:
                    fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    # Which raises where there may be no more threads: then nobody stands there.
                    threading.Thread(target=self._stand, name="store-turn", daemon=True).start()
                    self._standing = True
                else:
                    return True
            self._wanted = True
        self._turn.wait(seconds)
        with self._guard:
            self._wanted = False
            had = self._turn.is_set()
            self._turn.clear()
        return had

    def left(self) -> bool:
        """Whether a thread still stands there, which closes the descriptor in the end."""
        with self._guard:
            self._closing = self._standing
            return self._standing

    def _stand(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        with self._guard:
            self._standing = False
            if self._wanted:
                self._turn.set()
            elif self._closing:
                os.close(self._descriptor)
            else:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        log.error("database unavailable", cause="cannot open the lock file", error=str(error))
        raise Unavailable("the database is unavailable, try again later") from error


def _locked(descriptor: int, kind: int) -> bool:
    """Who has a file open says so with a lock of the process, beside `flock`'s, which are its turns."""
    try:
        fcntl.lockf(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
