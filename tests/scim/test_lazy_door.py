"""SCIM is served from the first request on, and loaded after the server is ready."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest
from orgplane_server.scim.lazy_door import LazyDoor
from processes import PATIENCE


def test_the_application_is_imported_without_the_models_of_scim() -> None:
    code = "import sys, orgplane_server.app.asgi; print({'scim2_models', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


async def test_requests_that_come_before_it_is_loaded_wait_for_one_loading() -> None:
    loaded, served = [], []

    class Door:
        async def __call__(self, scope: object, receive: object, send: object) -> None:
            served.append(scope)

    def load() -> Door:
        loaded.append(1)
        return Door()

    door = LazyDoor(load)  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as group:
        for n in range(3):
            group.create_task(door({"n": n}, None, None))  # type: ignore[arg-type]
    assert sorted(scope["n"] for scope in served) == [0, 1, 2]
    assert loaded == [1]


async def test_what_keeps_it_from_loading_is_told_and_the_next_request_tries_again() -> None:
    tried, served = [], []

    class Door:
        async def __call__(self, scope: object, receive: object, send: object) -> None:
            served.append(scope)

    def load() -> Door:
        tried.append(1)
        if len(tried) == 1:
            raise ImportError("no models")
        return Door()

    door = LazyDoor(load)  # type: ignore[arg-type]
    with pytest.raises(ImportError, match="no models"):
        await door("first", None, None)  # type: ignore[arg-type]
    await door("second", None, None)  # type: ignore[arg-type]
    assert served == ["second"]


async def test_a_request_given_up_while_it_is_loaded_does_not_end_the_loading() -> None:
    going_on, served = threading.Event(), []

    class Door:
        async def __call__(self, scope: object, receive: object, send: object) -> None:
            served.append(scope)

    def load() -> Door:
        assert going_on.wait(PATIENCE)
        return Door()

    door = LazyDoor(load)  # type: ignore[arg-type]
    given_up = asyncio.create_task(door("given up", None, None))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    going_on.set()
    await door("next", None, None)  # type: ignore[arg-type]
    assert served == ["next"]
