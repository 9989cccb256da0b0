"""Waiting for a message of a stream, so that a signal is heard meanwhile."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")

#: Seconds to wait for the thread that waits, once nothing comes any more.
_PATIENCE = 1.0


async def received(
    messages: AsyncIterator[T],
    hang_up: Callable[[], Awaitable[None]],
) -> T:
    """The next message; cancellation ends the waiting by itself."""
    return await anext(messages)


def received_sync(messages: Iterator[T], hang_up: Callable[[], None]) -> T:
    """The next message. What a signal's handler raises meanwhile, such as KeyboardInterrupt, ends the waiting by `hang_up`.

    Python runs handlers in the main thread, and not before the HTTP library returns there: another thread waits.
    """
    if threading.current_thread() is not threading.main_thread():
        return next(messages)
    answers: SimpleQueue[tuple[T, None] | tuple[None, BaseException]] = SimpleQueue()

    def receive() -> None:
        try:
            answers.put((next(messages), None))
        except BaseException as error:
            answers.put((None, error))

    waiting = threading.Thread(target=receive, name="orgplane", daemon=True)
    waiting.start()
    try:
        message, error = answers.get()
    except BaseException:
        hang_up()
        waiting.join(_PATIENCE)
        raise
    if error is not None:
        raise error
    return message  # type: ignore[return-value] # there is no error
