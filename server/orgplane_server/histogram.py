"""How many values there were of which size."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


class Histogram:
    """`numbers` are how many values there were up to each of the `bounds`, each alone, how many above, and the sum of all."""

    __slots__ = ("_bounds", "numbers")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.numbers: list[float] = [0] * (len(bounds) + 2)

    def observe(self, value: float) -> None:
        numbers = self.numbers
        numbers[bisect_left(self._bounds, value)] += 1
        numbers[-1] += value
