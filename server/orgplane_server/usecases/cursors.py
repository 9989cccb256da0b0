"""Cursors: places in an organization's events, sealed, so that they are good for it alone and tell nothing."""

from __future__ import annotations

import base64
import binascii

from ..domain.errors import InvalidArgument, Reason, Violation
from ..domain.identifier import OrganizationId
from .sealing import Broken, Sealer

_BYTES = 8


class Cursors:
    """A place is the sequence of the event before it."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def of(self, organization: OrganizationId, place: int) -> str:
        sealed = self._sealer.seal(place.to_bytes(_BYTES), _purpose(organization))
        return base64.urlsafe_b64encode(sealed).decode("ascii")

    def place(self, organization: OrganizationId, cursor: str) -> int | None:
        """None for an empty cursor. Raises InvalidArgument for one that is not this organization's."""
        if not cursor:
            return None
        try:
            sealed = base64.urlsafe_b64decode(cursor.encode("ascii"))
            return int.from_bytes(self._sealer.open(sealed, _purpose(organization)))
        except (Broken, UnicodeEncodeError, binascii.Error):
            raise InvalidArgument(
                Violation(
                    "cursor",
                    "not a cursor of this organization's events; start again without one",
                    "cursor.valid",
                ),
                reason=Reason.INVALID_PAGE_TOKEN,
            ) from None


def _purpose(organization: OrganizationId) -> str:
    return f"events/{organization}"
