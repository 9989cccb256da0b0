"""How the process that started this one learns what was counted here: the other end is `listener.tally`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..telemetry.numbers import Exemplars, Numbers, written


async def tell(
    lifeline: Path,
    numbers: Callable[[bool], Awaitable[Numbers]],
    exemplars: Callable[[], Exemplars] = dict,
) -> asyncio.Server:
    """Tells each who connects to a socket beside the lifeline, which only this user can.

    They say by a line whether they also want to know what has to be asked of the database.
    """

    async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError), contextlib.closing(writer):
            also = (await reader.readline()).strip() == b"all"
            writer.write(written(await numbers(also), exemplars()))
            await writer.drain()

    return await asyncio.start_unix_server(told, lifeline.with_name("metrics"))
