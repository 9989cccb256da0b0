"""Work whose memory is given back as a whole, with the process that it is done in."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from .telemetry import logs

A = TypeVar("A")
T = TypeVar("T")


def call(function: Callable[[A], T], argument: A) -> T:
    """What the function returns in a child process, modules it imports and all. Raises ChildProcessError if the child ends before.

    For processes with one thread: the child is forked, so that it starts at once. What it raises, it prints.
    """
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(sending, function, argument))
    child.start()
    sending.close()
    try:
        found: T = receiving.recv()
    except EOFError:
        child.join()
        raise ChildProcessError(f"a child process ended with status {child.exitcode}") from None
    finally:
        child.join()
        receiving.close()
    return found


def _answer(sending: Connection, function: Callable[[A], T], argument: A) -> None:
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        # A terminal's Ctrl-C reaches both processes; the first one tells of it.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        sending.send(function(argument))
    finally:
        logs.drain()
