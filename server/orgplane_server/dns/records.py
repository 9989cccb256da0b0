"""Looks up TXT records, and never takes a fault of DNS for the absence of a record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from .resolver import Resolver
from .texts import Texts

#: The whole of a look-up, in seconds.
_SECONDS = 5.0
#: Look-ups that run at a time; others wait.
_AT_ONCE = 20


class TextRecords:
    """Asks the given resolvers, by default those of the system. Belongs to one event loop."""

    def __init__(self, resolvers: Sequence[Resolver] = (), seconds: float = _SECONDS) -> None:
        self._resolvers = resolvers
        self._seconds = seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def of(self, name: str) -> Texts:
        """The records of a name in normal form. Raises NoAnswer for a fault; then it is not known."""
        texts = await asyncio.to_thread(_query)
        async with self._turns:
            return await texts(name, self._resolvers, self._seconds)


def _query() -> Callable[[str, Sequence[Resolver], float], Awaitable[Texts]]:
    """In a thread, as the first import takes a moment, in which others are served."""
    from .query import texts

    return texts
