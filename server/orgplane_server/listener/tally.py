"""What the processes of one worker have counted, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from ..telemetry.numbers import Exemplars, Numbers, add, lasting, read

#: Whoever takes longer is busy or dead, and the others are not to wait.
_SECONDS = 2.0
_MOST_BYTES = 16 * 1024 * 1024


class Tally:
    """What was told once is never taken back: a counter that falls is a new beginning to who reads it."""

    def __init__(self) -> None:
        self._lifeline: Path | None = None
        self._told: Numbers = {}
        self._of_the_dead: Numbers = {}
        #: Those that the process told when it was last asked; none of a dead one.
        self.exemplars: Exemplars = {}

    async def ask(self, lifeline: Path | None, *, everything: bool) -> tuple[Numbers, bool]:
        """All that was counted so far, and whether the process that runs has answered.

        `lifeline` tells the processes apart; None if none is running. The gauges of one that does not answer
        are left out.
        """
        answer = None if lifeline is None else await _told(lifeline, everything)
        told, self.exemplars = answer or (None, {})
        if lifeline != self._lifeline:
            add(self._of_the_dead, self._told)
            self._lifeline, self._told = lifeline, {}
        if told is not None:
            self._told = lasting(told)
        numbers: Numbers = {}
        add(numbers, self._of_the_dead)
        add(numbers, self._told if told is None else told)
        return numbers, told is not None


async def _told(lifeline: Path, everything: bool) -> tuple[Numbers, Exemplars] | None:
    """None of a process that is gone, or too busy."""
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_unix_connection(lifeline.with_name("metrics"))
            with contextlib.closing(writer):
                writer.write(b"all\n" if everything else b"\n")
                return read(await reader.read(_MOST_BYTES))
    return None
