"""Everything that is measured: names, meaning and labels, of which none is ever a caller's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Family:
    """`buckets` are a histogram's upper bounds; a gauge is the sum over the workers that run.

    A counter and a histogram are kept when their worker is gone, a gauge goes with it.
    """

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


REQUESTS = "orgplane_request_duration_seconds"
IN_FLIGHT = "orgplane_requests_in_flight"

WORKER_UP = "orgplane_worker_up"
WORKER_STARTS = "orgplane_worker_starts_total"

FAMILIES: Mapping[str, Family] = {
    REQUESTS: Family(
        "histogram",
        "From the head of a request to the end of its answer; of a stream, how long it was open.",
        ("method", "protocol", "code"),
        (0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0),
    ),
    IN_FLIGHT: Family("gauge", "Requests that are being answered, streams among them."),
    WORKER_UP: Family(
        "gauge", "1 for a worker that answers, 0 for one that does not.", ("worker",)
    ),
    WORKER_STARTS: Family("counter", "How often a worker's process began to serve.", ("worker",)),
}
