"""Cursors: places in what is watched, sealed, so that they are good for that alone and tell nothing."""

from __future__ import annotations

from ..domain.errors import InvalidArgument, Reason, Violation
from .sealing import Broken, Sealer

_BYTES = 8


class Cursors:
    """A place is the sequence of what is before it; `watched` names whose events, or requests, these are."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def of(self, watched: str, place: int) -> str:
        return self._sealer.seal_text(place.to_bytes(_BYTES), watched)

    def place(self, watched: str, cursor: str) -> int | None:
        """None for an empty cursor. Raises InvalidArgument for one of anything else."""
        if not cursor:
            return None
        try:
            return int.from_bytes(self._sealer.open_text(cursor, watched))
        except Broken:
            raise InvalidArgument(
                Violation(
                    "cursor",
                    "not a cursor of what is asked for; start again without one",
                    "cursor.valid",
                ),
                reason=Reason.INVALID_PAGE_TOKEN,
            ) from None
