from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Of an answer's body.
MOST_BYTES = 1 << 20
#: Beside the body: its head, those of interim answers (RFC 9110, section 15.2), what frames chunks.
MOST_AROUND = 128 * 1024


class NotFetched(Exception):
    """There is no answer; the text says why, to go on after the URL."""


def too_much() -> NotFetched:
    """More than there may be of an answer, in which a few bytes may take a while to be looked at."""
    return NotFetched("gives too much for an answer")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """The object that it is. Raises NotFetched for anything else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise NotFetched("gives no JSON object")
        return found
