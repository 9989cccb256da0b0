"""Pages that survive inserts and deletes: a token remembers the last id given, sealed for its list."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from ..domain.errors import InvalidArgument, Reason, Violation
from ..domain.page import Page, PageRequest
from ..store.engine.trail import Position
from .sealing import Broken, Sealer

_START = UUID(int=0)
_MOMENT = struct.Struct(">qq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Identified(Protocol):
    @property
    def id(self) -> UUID: ...


Item = TypeVar("Item")
T = TypeVar("T", bound=Identified)


class PageTokens:
    """`listing` names a list and everything that narrows it; a token of one list opens no other."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def after(self, listing: str, request: PageRequest) -> UUID:
        """The id that the requested page comes after. Raises InvalidArgument for a token not ours."""
        position = self.position(listing, request)
        return _START if position is None else UUID(bytes=position)

    def page(self, listing: str, request: PageRequest, found: Sequence[T]) -> Page[T]:
        """The page out of up to `request.limit + 1` items found, which are in the order of their ids."""
        return self.page_by(listing, request, found, lambda item: item.id.bytes)

    def position(self, listing: str, request: PageRequest) -> bytes | None:
        """Where the page before the requested one ended, as `page_by` was told; None for the first."""
        if not request.token:
            return None
        try:
            return self._sealer.open_text(request.token, listing)
        except Broken:
            raise InvalidArgument(
                Violation(
                    "pagination.token",
                    "not a page token of this list; start again without one",
                    "page_token.valid",
                ),
                reason=Reason.INVALID_PAGE_TOKEN,
            ) from None

    def page_by(
        self,
        listing: str,
        request: PageRequest,
        found: Sequence[Item],
        position: Callable[[Item], bytes],
    ) -> Page[Item]:
        """The page out of up to `request.limit + 1` items found, in an order of the caller's own."""
        items = found[: request.limit]
        if len(found) == len(items):
            return Page(items, "")
        return Page(items, self.token(listing, position(items[-1])))

    def moment(self, listing: str, request: PageRequest) -> Position | None:
        """As `position`, of a list that `page_by_moment` cuts into pages."""
        position = self.position(listing, request)
        if position is None:
            return None
        microseconds, sequence = _MOMENT.unpack(position)
        return _EPOCH + microseconds * _MICROSECOND, sequence

    def page_by_moment(
        self,
        listing: str,
        request: PageRequest,
        found: Sequence[Item],
        moment: Callable[[Item], Position],
    ) -> Page[Item]:
        """As `page_by`, of items in the order of their time."""

        def position(item: Item) -> bytes:
            at, sequence = moment(item)
            return _MOMENT.pack((at - _EPOCH) // _MICROSECOND, sequence)

        return self.page_by(listing, request, found, position)

    def token(self, listing: str, position: bytes) -> str:
        """A token for a position in a list."""
        return self._sealer.seal_text(position, listing)
