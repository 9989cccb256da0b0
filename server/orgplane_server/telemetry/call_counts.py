"""How many calls there were, and how long they took."""

from __future__ import annotations

from .families import FAMILIES, IN_FLIGHT, REQUESTS
from .numbers import Numbers, add, empty, observe

_BUCKETS = FAMILIES[REQUESTS].buckets


class CallCounts:
    """Those of this process, counted on its event loop."""

    def __init__(self) -> None:
        self._running = 0
        self._ended: dict[tuple[str, str, str], list[float]] = {}

    def began(self) -> None:
        self._running += 1

    def ended(self, route: str, protocol: str, code: str, seconds: float) -> None:
        """Of one that `began`. All three are among a few that are known, whatever was asked for."""
        self._running -= 1
        key = (route, protocol, code)
        if (numbers := self._ended.get(key)) is None:
            numbers = self._ended[key] = empty(_BUCKETS)
        observe(numbers, _BUCKETS, seconds)

    def numbers(self) -> Numbers:
        told: Numbers = {(IN_FLIGHT, ()): [self._running]}
        for (route, protocol, code), numbers in self._ended.items():
            # Whoever left before anything was answered was told no code.
            labels = (route, protocol.replace("-", "_"), code or "canceled")
            add(told, {(REQUESTS, labels): numbers})
        return told


call_counts = CallCounts()
