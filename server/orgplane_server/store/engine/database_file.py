"""The files of an open SQLite database, which must stay the ones that were opened.

A deleted or replaced file goes on working for who has it open, and all that is written there is gone
when they end. SQLite does not look; so we do.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
import structlog

from ...domain.errors import Unavailable

#: How often the files are looked at while nothing is written.
_INTERVAL_SECONDS = 0.25
#: https://sqlite.org/fileformat2.html#the_database_header
_HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\0"
_CHANGE_COUNTER = slice(24, 28)
#: https://sqlite.org/walformat.html#the_wal_index_file_format: one copy of its header, with the page size and the frames that count.
_INDEX_HEADER = struct.Struct("=14xHI28x")
_LOG_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24

log = structlog.get_logger(__name__)


class DatabaseFile:
    """The database's own file, its write-ahead log and the index of that.

    Noticed is what is deleted, moved or replaced; that the log was cut off; that the database was cut off, or written over with
    something else or with an older copy, mostly. Once noticed it stays so.
    """

    def __init__(self, path: str, on_loss: Callable[[], None]) -> None:
        """Nothing can be lost before `hold`. `on_loss` is called once, in any thread."""
        self._path = Path(path).absolute()
        self._on_loss = on_loss
        self._known: dict[Path, tuple[int, int]] = {}
        self._lost = False
        self._noticing = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: sa.Connection | None = None
        self._descriptor = self._index = -1
        self._log = Path()
        self._changes = b""

    def hold(self, engine: sa.Engine) -> None:
        """From now on the files must stay. Raises what the engine does."""
        self._connection = engine.connect()
        # While a connection that has read is open, SQLite itself keeps the log and its index in place.
        with self._connection.begin():
            self._connection.exec_driver_sql("SELECT 1 FROM sqlite_schema")
        # Kept open, for closing it would end the locks that SQLite has on the file in this process.
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        beside = os.path.realpath(self._path)  # where SQLite puts them
        self._log = Path(f"{beside}-wal")
        self._index = os.open(f"{beside}-shm", os.O_RDONLY | os.O_CLOEXEC)
        self._overwritten()
        for path in (self._path, self._log, Path(f"{beside}-shm")):
            self._known[path] = _identity(path)
        self._thread = threading.Thread(target=self._watch, name="store-file", daemon=True)
        self._thread.start()

    def recall(self) -> None:
        """Raises Unavailable if files were found missing."""
        if self._lost:
            raise Unavailable(
                "the database is unavailable: its file was deleted, moved or replaced; "
                "the server's operator must restore it and start the server anew"
            )

    def look(self) -> None:
        """Raises Unavailable if files are missing now, or were before."""
        if not self._lost and (what := self._missing()) is not None:
            self._notice(what)
        self.recall()

    def close(self) -> None:
        """To be called when no other connection is left. Closing twice is fine."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for descriptor in (self._descriptor, self._index):
            if descriptor >= 0:
                os.close(descriptor)
        self._descriptor = self._index = -1

    def _watch(self) -> None:
        while not self._lost and not self._closing.wait(_INTERVAL_SECONDS):
            if (what := self._missing() or self._overwritten() or self._cut_off()) is not None:
                self._notice(what)

    def _missing(self) -> str | None:
        for path, known in self._known.items():
            try:
                found = _identity(path)
            except FileNotFoundError:
                return f"{path} was deleted or moved"
            except OSError as error:
                return f"{path} cannot be found any more: {error.strerror}"
            if found != known:
                return f"{path} was replaced by another file"
        return None

    def _overwritten(self) -> str | None:
        try:
            header = os.pread(self._descriptor, _HEADER_BYTES, 0)
        except OSError as error:
            return f"{self._path} cannot be read any more: {error.strerror}"
        if len(header) < _HEADER_BYTES:
            return f"{self._path} was cut off"
        before, self._changes = self._changes, header[_CHANGE_COUNTER]
        if not header.startswith(_MAGIC) or self._changes < before:
            return f"{self._path} was written over"
        return None

    def _cut_off(self) -> str | None:
        """The log ends before the last frame of which its index tells, and told before: SQLite resets that first."""
        try:
            before = os.pread(self._index, _INDEX_HEADER.size, 0)
            size = self._log.stat().st_size
            if len(before) < _INDEX_HEADER.size or os.pread(self._index, len(before), 0) != before:
                return None
        except OSError:
            return None  # what is missing is told of as such
        page, frames = _INDEX_HEADER.unpack(before)
        page = 65536 if page == 1 else page
        if frames and size < _LOG_HEADER_BYTES + frames * (_FRAME_HEADER_BYTES + page):
            return f"{self._log} was cut off"
        return None

    def _notice(self, what: str) -> None:
        with self._noticing:
            if self._lost:
                return
            self._lost = True
        log.error(
            "database lost, nothing is answered from it any more",
            cause=what,
            remedy=f"stop the server, put {self._path} back or restore a backup (orgplane-server restore FILE), start the server",
        )
        self._on_loss()


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116  (half the time of Path.stat, at each commit)
    return found.st_dev, found.st_ino
