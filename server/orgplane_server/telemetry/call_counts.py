"""How many calls there were, and how long they took."""

from __future__ import annotations

from ..histogram import Histogram
from .families import FAMILIES, IN_FLIGHT, REQUESTS
from .numbers import Numbers, add

_BOUNDS = FAMILIES[REQUESTS].bounds


class CallCounts:
    """Those of this process, counted on its event loop."""

    def __init__(self) -> None:
        self._running = 0
        self._ended: dict[tuple[str, str, str], Histogram] = {}

    def began(self) -> None:
        self._running += 1

    def ended(self, route: str, protocol: str, code: str, seconds: float) -> None:
        """Of one that `began`. All three are among a few that are known, whatever was asked for."""
        self._running -= 1
        key = (route, protocol, code)
        if (durations := self._ended.get(key)) is None:
            durations = self._ended[key] = Histogram(_BOUNDS)
        durations.observe(seconds)

    def numbers(self) -> Numbers:
        told: Numbers = {(IN_FLIGHT, ()): [self._running]}
        for (route, protocol, code), durations in self._ended.items():
            # Whoever left before anything was answered was told no code.
            labels = (route, protocol.replace("-", "_"), code or "canceled")
            add(told, {(REQUESTS, labels): durations.numbers})
        return told


call_counts = CallCounts()
