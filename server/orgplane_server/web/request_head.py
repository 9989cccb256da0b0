"""How large the head of a request may be; the listener takes some more, so that most callers are told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

MAX_HEADERS = 256
MAX_BYTES = 160 * 1024


def excess(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """What is too much about the headers, in a sentence; None if nothing is."""
    if len(headers) > MAX_HEADERS:
        return f"the request has {len(headers)} headers; at most {MAX_HEADERS} are read"
    if (size := len(b"".join(chain.from_iterable(headers)))) > MAX_BYTES:
        return f"the request's headers have {size} bytes; at most {MAX_BYTES} are read"
    return None
