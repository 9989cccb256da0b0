"""The standard streams, as whoever started the command left them: closed, full, or of few characters."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .failure import Exit, Failure


def prepare() -> None:
    """Makes usable what is closed, or cannot write every character.

    Raises Failure where output has nowhere to go: a token that is made then would be lost.
    """
    if sys.stdin is None:
        sys.stdin = open(os.open(os.devnull, os.O_RDONLY), closefd=False)  # noqa: SIM115 # as long as we run
    if sys.stderr is None:
        sys.stderr = open(os.open(os.devnull, os.O_WRONLY), "w", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        raise Failure("standard output is closed", "To see nothing: orgplane ... > /dev/null")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def writes_unicode() -> bool:
    """Whether output can be of any characters."""
    return (sys.stdout.encoding or "").lower().startswith("utf")


@contextmanager
def writing() -> Iterator[None]:
    """Around all that writes output. Raises Failure where it cannot be written, BrokenPipeError if nobody reads on."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:  # no stream
            raise
        # Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise Failure(
            f"cannot write the output: {error.strerror}",
            "What the command changes is changed all the same.",
            Exit.OTHER,
        ) from None
