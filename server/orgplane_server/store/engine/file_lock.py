"""Turns between the processes that have one SQLite file open."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from ...domain.errors import Unavailable

_TIMEOUT = 10.0

log = structlog.get_logger(__name__)


def lock_file(path: Path) -> Path:
    """The file beside an SQLite database through which processes take turns."""
    return Path(f"{path}.lock")


class FileLock:
    """Turns between processes. Within one process, only one thread may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Raises Unavailable if others keep the lock for 10 seconds, or somebody has `exclude`d all."""
        if self._descriptor is None:
            self._descriptor = descriptor = self._open()
            if not _locked(descriptor, fcntl.LOCK_SH):
                self.close()
                log.error("database unavailable", cause="it is being restored")
                raise Unavailable("the database is being restored, try again later")
        self._acquire(self._descriptor)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def exclude(self) -> bool:
        """Keeps all others from turns until `close`; False if a process has had one and is still there."""
        if self._descriptor is None:
            self._descriptor = self._open()
        return _locked(self._descriptor, fcntl.LOCK_EX)

    def close(self) -> None:
        """Closing twice is fine."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            log.error("database unavailable", cause="cannot open the lock file", error=str(error))
            raise Unavailable("the database is unavailable, try again later") from error

    def _acquire(self, descriptor: int) -> None:
        deadline = time.monotonic() + _TIMEOUT
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    log.error("database unavailable", cause="another process keeps the file locked")
                    raise Unavailable("the database is busy, try again later") from None
                time.sleep(0.001)


def _locked(descriptor: int, kind: int) -> bool:
    """Who has a file open says so with a lock of the process, beside `flock`'s, which are its turns."""
    try:
        fcntl.lockf(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
