"""A pipe that tells the application's process how the server stops, or that its parent is gone."""

from __future__ import annotations

import fcntl
import os
import sys
import tempfile
import termios
from pathlib import Path


class Lifeline:
    """A named pipe in a directory of its own, which only this user can enter.

    A byte in it is the next stage of stopping, its end the death of this process. The reading end is
    `orgplane_server.web.lifeline`.
    """

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="orgplane-")
        self.path = Path(self._directory.name) / "lifeline"
        os.mkfifo(self.path, 0o600)
        # For reading too, so that opening does not wait for the other end.
        self._pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self) -> None:
        os.close(self._pipe)
        self._directory.cleanup()

    def next_stage(self) -> None:
        """Tells that the drain begins; the second time, that no more work is to be taken on."""
        os.write(self._pipe, b".")

    @property
    def served(self) -> bool:
        """Whether the application has answered anything."""
        return self.path.with_name("served").exists()

    @property
    def heard(self) -> bool:
        """Whether the application knows all that it was told."""
        unread = fcntl.ioctl(self._pipe, termios.FIONREAD, bytes(4))
        return int.from_bytes(unread, sys.byteorder) == 0
