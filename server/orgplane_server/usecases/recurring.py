"""What is done again and again while the server runs, whatever becomes of it at one time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn, TypeVar

import structlog

from ..domain.errors import OrgplaneError
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork

T = TypeVar("T")
R = TypeVar("R")

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


async def work_off(
    database: Database,
    due: Callable[[Connection], object],
    take: Callable[[UnitOfWork], Sequence[T]],
    work: Callable[[T], Awaitable[R]],
) -> list[R]:
    """Works on all that is due, some at a time, until nothing is, or another process has taken it; what came of each.

    What was taken is nobody else's for a while, in which it is worked on outside the transaction.
    """
    done = list[R]()
    while await database.read(due):
        taken = await database.write(take)
        if not taken:
            break
        done += await asyncio.gather(*map(work, taken))
    return done
