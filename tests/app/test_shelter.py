from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import Any

import pytest
from orgplane_server.app.shelter import sheltered


@pytest.fixture
async def complaints() -> list[dict[str, Any]]:
    """What asyncio would log as errors."""
    found: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(context))
    return found


class Listener:
    """Begins a call that it settles later, as pyvoy does: whether anybody waits or not."""

    def __init__(self) -> None:
        self._begun: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def call(self) -> asyncio.Future[str]:
        return self._begun

    def settle(self, outcome: str | Exception) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(outcome, Exception):
            loop.call_soon(self._begun.set_exception, outcome)
        else:
            loop.call_soon(self._begun.set_result, outcome)
        del self._begun


async def _turns_of_the_loop() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()


@pytest.mark.parametrize("outcome", ["done", ConnectionError("the client is gone")])
async def test_what_nobody_waits_for_any_more_settles_in_silence(
    outcome: str | Exception, complaints: list[dict[str, Any]]
) -> None:
    listener = Listener()
    waiting = asyncio.ensure_future(sheltered(listener.call)())
    await _turns_of_the_loop()
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    del waiting
    listener.settle(outcome)
    await _turns_of_the_loop()
    assert complaints == []


async def test_who_waits_is_told() -> None:
    listener = Listener()
    waiting = sheltered(listener.call)()
    listener.settle("done")
    assert await waiting == "done"
    listener = Listener()
    waiting = sheltered(listener.call)()
    listener.settle(ConnectionError("the client is gone"))
    with pytest.raises(ConnectionError, match="the client is gone"):
        await waiting


async def test_a_coroutine_is_cancelled_as_any() -> None:
    ended = asyncio.Event()

    async def call() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.ensure_future(sheltered(call)())
    await _turns_of_the_loop()
    waiting.cancel()
    await _turns_of_the_loop()
    assert ended.is_set()
