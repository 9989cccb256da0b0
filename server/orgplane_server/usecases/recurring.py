"""What is done again and again while the server runs, whatever becomes of it at one time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

from ..domain.errors import OrgplaneError

log = structlog.get_logger(__name__)


async def for_ever(
    work: Callable[[], Awaitable[object]],
    every_seconds: float,
    complaint: str,
    woken: asyncio.Event | None = None,
) -> NoReturn:
    """Works, and rests for so long, or until it is `woken`. An error that nobody expects is logged with the `complaint`."""
    woken = woken or asyncio.Event()
    while True:
        woken.clear()
        try:
            await work()
        except OrgplaneError:
            pass  # the database was unavailable, which was logged; another time
        except Exception as error:
            log.error(complaint, exc_info=error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), every_seconds)
