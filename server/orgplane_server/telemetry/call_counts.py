"""How many calls there were, and how long they took."""

from __future__ import annotations

import time
from bisect import bisect_left

from ..histogram import Histogram
from .families import FAMILIES, IN_FLIGHT, REQUESTS
from .numbers import Exemplar, Exemplars, Numbers, add
from .trace import Trace

_BOUNDS = FAMILIES[REQUESTS].bounds


class CallCounts:
    """Those of this process, counted on its event loop."""

    def __init__(self) -> None:
        self._running = 0
        self._ended: dict[tuple[str, str, str], Histogram] = {}
        #: The last of each bucket that is traced.
        self.exemplars: Exemplars = {}

    def began(self) -> None:
        self._running += 1

    def ended(
        self, route: str, protocol: str, code: str, seconds: float, trace: Trace | None = None
    ) -> None:
        """Of one that `began`. All three are among a few that are known, whatever was asked for."""
        self._running -= 1
        key = (route, protocol, code)
        if (durations := self._ended.get(key)) is None:
            durations = self._ended[key] = Histogram(_BOUNDS)
        durations.observe(seconds)
        if trace is not None and trace.sampled:
            exemplar = Exemplar(trace.trace_id, trace.span_id, seconds, time.time())
            self.exemplars[REQUESTS, _labels(*key), bisect_left(_BOUNDS, seconds)] = exemplar

    def numbers(self) -> Numbers:
        told: Numbers = {(IN_FLIGHT, ()): [self._running]}
        for key, durations in self._ended.items():
            add(told, {(REQUESTS, _labels(*key)): durations.numbers})
        return told


def _labels(route: str, protocol: str, code: str) -> tuple[str, str, str]:
    """Whoever left before anything was answered was told no code."""
    return route, protocol.replace("-", "_"), code or "canceled"


call_counts = CallCounts()
