"""Of which trace the request being served is; of none where nobody wants traces."""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple


class Trace(NamedTuple):
    """Both in hexadecimal digits, as W3C's Trace Context has them."""

    trace_id: str
    span_id: str
    #: Whether the collector gets it.
    sampled: bool = True

    def ids(self) -> dict[str, str]:
        """As lines and exemplars name it."""
        return {"trace_id": self.trace_id, "span_id": self.span_id}


current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)
