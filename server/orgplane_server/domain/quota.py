"""How many requests a credential has left, and how an answer says so (draft-ietf-httpapi-ratelimit-headers-10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """There are `left` of `most`, of which each comes back within `window` seconds; `seconds` are those until all
    are back, or the next one if none is left."""

    most: int
    window: int
    left: int
    seconds: int

    @property
    def fields(self) -> dict[str, str]:
        """The header fields, in lower case."""
        return {
            "ratelimit-policy": f'"credential";q={self.most};w={self.window}',
            "ratelimit": f'"credential";r={self.left};t={self.seconds}',
        }
