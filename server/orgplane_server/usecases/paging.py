"""Pages that survive inserts and deletes: a token remembers the last id given, sealed for its list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from ..domain.errors import InvalidArgument, Reason, Violation
from ..domain.page import Page, PageRequest
from .sealing import Broken, Sealer

_START = UUID(int=0)


class Identified(Protocol):
    @property
    def id(self) -> UUID: ...


T = TypeVar("T", bound=Identified)


class PageTokens:
    """`listing` names a list and everything that narrows it; a token of one list opens no other."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def after(self, listing: str, request: PageRequest) -> UUID:
        """The id that the requested page comes after. Raises InvalidArgument for a token not ours."""
        if not request.token:
            return _START
        try:
            sealed = base64.urlsafe_b64decode(request.token.encode("ascii"))
            return UUID(bytes=self._sealer.open(sealed, listing))
        except (Broken, UnicodeEncodeError, binascii.Error):
            raise InvalidArgument(
                Violation(
                    "pagination.token",
                    "not a page token of this list; start again without one",
                    "page_token.valid",
                ),
                reason=Reason.INVALID_PAGE_TOKEN,
            ) from None

    def page(self, listing: str, request: PageRequest, found: Sequence[T]) -> Page[T]:
        """The page out of up to `request.limit + 1` items found."""
        items = found[: request.limit]
        if len(found) == len(items):
            return Page(items, "")
        sealed = self._sealer.seal(items[-1].id.bytes, listing)
        return Page(items, base64.urlsafe_b64encode(sealed).decode("ascii"))
