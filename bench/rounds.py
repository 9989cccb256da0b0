"""Measures cells in turns until the time is up.

What is compared stands in one part, and is measured right after each other: what disturbs the machine
disturbs all of it. Every other round goes through a part backwards, so that what changes steadily cancels out.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import load
from load import Target
from results import Cell, Results

#: There are always so many rounds, however short they have to be.
LEAST = 2
_SHORTEST = 0.1
_WARM_UP = 0.1


@dataclass(frozen=True)
class Part:
    """Cells that are compared, or rows of the table alone.

    Those have the least rounds, and shorter ones; when the time is up all the same, what is left of them is left out.
    """

    name: str
    cells: Sequence[Cell]
    compared: bool = True

    @property
    def weight(self) -> float:
        return 1.0 if self.compared else 0.5


def measure(
    parts: Sequence[Part],
    targets: Mapping[str, Target],
    seconds: float,
    most: int,
    until: float,
    found: Results,
) -> None:
    """Up to `most` rounds of cells of up to so many seconds, until that moment of `time.monotonic`.

    Cells of servers that are not there are left out. Raises load.Failed.
    """
    everything = [
        Part(part.name, cells, part.compared)
        for part in parts
        if (cells := [cell for cell in part.cells if cell.subject in targets])
    ]
    compared = [part for part in everything if part.compared]
    _warm(compared, targets)
    overhead = 2 * _WARM_UP  # of a cell, beyond the seconds that are measured
    for number in range(most):
        begun = time.monotonic()
        if number < LEAST:
            chosen, to_come = everything, LEAST - number
            room = (until - begun) * 0.9 / to_come - overhead * _count(everything)
            length = max(_SHORTEST, min(seconds, room / _weight(everything)))
            latest = until - (until - begun) * 0.4 * (to_come - 1)
        else:
            chosen, latest = compared, until
            if begun + length * _weight(chosen) + overhead * _count(chosen) > until:
                break
        cells = measured = 0
        for part in chosen:
            seen = {}
            for cell in part.cells if number % 2 == 0 else part.cells[::-1]:
                if part.compared or time.monotonic() < latest:
                    seen[cell] = _run(cell, targets, length * part.weight, part.weight)
                    cells, measured = cells + 1, measured + length * part.weight
                else:
                    found.left_out += 1
            found.parts.setdefault(part.name, []).append(seen)
        overhead = (time.monotonic() - begun - measured) / cells


def _run(cell: Cell, targets: Mapping[str, Target], seconds: float, weight: float) -> load.Measured:
    return load.run(
        targets[cell.subject],
        cell.operation,
        cell.protocol,
        cell.callers,
        seconds,
        warmup=_WARM_UP * weight,
    )


def _warm(parts: Sequence[Part], targets: Mapping[str, Target]) -> None:
    """Every server has done everything once before it counts."""
    for cell in dict.fromkeys(cell for part in parts for cell in part.cells):
        _run(cell, targets, 0.05, 0.5)


def _count(parts: Sequence[Part]) -> int:
    return sum(len(part.cells) for part in parts)


def _weight(parts: Sequence[Part]) -> float:
    return sum(part.weight * len(part.cells) for part in parts)
