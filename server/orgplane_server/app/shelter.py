"""The listener's `receive` and `send`, which a caller may stop waiting for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def sheltered(call: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The same call, whose future is not cancelled along with the task that waits for it.

    connectrpc stops waiting when a call ends or its client goes. pyvoy settles what it has begun
    nonetheless, and asyncio would log an error for every future that is settled after it was cancelled.
    """

    def shelter(*arguments: P.args, **named: P.kwargs) -> Awaitable[T]:
        awaitable = call(*arguments, **named)
        if not asyncio.isfuture(awaitable):
            return awaitable
        awaitable.add_done_callback(take_note)
        return asyncio.shield(awaitable)

    return shelter


def take_note(future: asyncio.Future[Any]) -> None:
    """An error that nobody waits for any more is none."""
    if not future.cancelled():
        future.exception()
