"""A pipe that tells the application's process that the server stops, or that its parent is gone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType


class Lifeline:
    """A named pipe in a directory of its own, which only this user can enter.

    It becomes readable when the drain begins, or when this process has died. The reading end is
    `orgplane_server.web.lifeline`.
    """

    def __enter__(self) -> Lifeline:
        self._directory = tempfile.TemporaryDirectory(prefix="orgplane-")
        self.path = Path(self._directory.name) / "lifeline"
        os.mkfifo(self.path, 0o600)
        # For reading too, so that opening does not wait for the other end.
        self._pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._pipe)
        self._directory.cleanup()

    def signal(self) -> None:
        """Tells that the drain begins."""
        os.write(self._pipe, b"d")
