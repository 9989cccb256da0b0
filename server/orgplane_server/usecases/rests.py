"""Rests of what writes very much, a little at a time, so that others write in between."""

from __future__ import annotations

import asyncio

_SHORTEST, _LONGEST = 0.002, 0.25


class Rests:
    """To be taken after each transaction: so many `times` as long as it took, with the wait for its turn."""

    def __init__(self, times: float) -> None:
        self._times = times
        self._begun = asyncio.get_running_loop().time()

    async def take(self) -> None:
        loop = asyncio.get_running_loop()
        rest = self._times * (loop.time() - self._begun)
        await asyncio.sleep(min(max(_SHORTEST, rest), _LONGEST))
        self._begun = loop.time()
