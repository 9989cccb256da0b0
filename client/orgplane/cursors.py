"""Where a consumer of events keeps its place: `client.events.consume`.

A store belongs to one consumer. One of your own may write the cursor into the database that the handler writes to, or into
a ConfigMap; it is any object with the two methods.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Protocol

__all__ = ["AsyncCursorStore", "AsyncFileCursorStore", "CursorStore", "FileCursorStore"]


class CursorStore(Protocol):
    """Keeps one cursor. What it raises ends the consumer, and comes out of `consume`."""

    def load(self) -> str:
        """The cursor that was saved last; empty if there was none."""

    def save(self, cursor: str) -> None:
        """Keeps it, for good when this returns."""


class AsyncCursorStore(Protocol):
    """A CursorStore for an AsyncClient."""

    async def load(self) -> str:
        """The cursor that was saved last; empty if there was none."""

    async def save(self, cursor: str) -> None:
        """Keeps it, for good when this returns."""


class FileCursorStore:
    """In a file, which is replaced as a whole: a crash leaves the old cursor or the new one, on the disk.

    Its folder has to be there. Raises OSError.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def load(self) -> str:
        """What is in the file; empty if there is none."""
        try:
            return self.path.read_text().strip()
        except FileNotFoundError:
            return ""

    def save(self, cursor: str) -> None:
        """Writes it to the disk."""
        descriptor, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        beside = Path(name)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(f"{cursor}\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        if os.name == "posix":
            _sync_folder(self.path.parent)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({os.fspath(self.path)!r})"


class AsyncFileCursorStore:
    """A FileCursorStore for an AsyncClient; it waits for the disk in a thread."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = FileCursorStore(path)

    async def load(self) -> str:
        """What is in the file; empty if there is none."""
        return await asyncio.to_thread(self._file.load)

    async def save(self, cursor: str) -> None:
        """Writes it to the disk."""
        await asyncio.to_thread(self._file.save, cursor)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({os.fspath(self._file.path)!r})"


def _sync_folder(folder: Path) -> None:
    """Has the new name of a file on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
