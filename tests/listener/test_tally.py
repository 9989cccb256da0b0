"""What a worker's processes tell, one after the other, with none of it taken back."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from orgplane_server.listener.tally import Tally
from orgplane_server.telemetry import families
from orgplane_server.telemetry.numbers import Numbers
from orgplane_server.web.metrics import tell

REFUSED, WATCHES = (families.REFUSED, ("failed tokens",)), (families.WATCHES, ())


@contextlib.asynccontextmanager
async def process(folder: Path, name: str, numbers: Numbers) -> AsyncIterator[Path]:
    """One that tells these."""
    (folder / name).mkdir()
    lifeline = folder / name / "lifeline"

    async def told(also_stored: bool) -> Numbers:
        return {**numbers, (families.ENDING, ("scim",)): [1]} if also_stored else numbers

    server = await tell(lifeline, told)
    try:
        yield lifeline
    finally:
        server.close()


async def test_counters_outlive_their_process_and_gauges_do_not(tmp_path: Path) -> None:
    tally = Tally()
    numbers: Numbers = {REFUSED: [5], WATCHES: [2]}
    async with process(tmp_path, "first", numbers) as first:
        assert await tally.ask(first, everything=False) == (numbers, True)
        numbers[REFUSED] = [7]
        assert await tally.ask(first, everything=False) == ({REFUSED: [7], WATCHES: [2]}, True)
    assert await tally.ask(first, everything=False) == ({REFUSED: [7]}, False)
    assert await tally.ask(None, everything=False) == ({REFUSED: [7]}, False)
    async with process(tmp_path, "second", {REFUSED: [1], WATCHES: [3]}) as second:
        for _ in range(2):
            told = await tally.ask(second, everything=False)
            assert told == ({REFUSED: [8], WATCHES: [3]}, True)
    assert await tally.ask(None, everything=False) == ({REFUSED: [8]}, False)


async def test_what_is_stored_is_told_to_who_asks_for_it(tmp_path: Path) -> None:
    async with process(tmp_path, "only", {REFUSED: [5]}) as lifeline:
        told, _ = await Tally().ask(lifeline, everything=True)
        assert told == {REFUSED: [5], (families.ENDING, ("scim",)): [1]}
