"""Lists as SCIM wants them: by index with exact totals, or by cursors that survive inserts and deletes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from ..domain.errors import InvalidArgument, Reason, Violation
from ..domain.page import PageRequest
from ..domain.provisioner import Provisioner
from ..domain.scim_filter import ALWAYS, NEVER
from ..domain.scim_query import Listing, Query
from ..store import scim_listing as store
from ..store.engine.database import Connection
from ..store.scim_listing import Placed, Position, Resources
from .paging import PageTokens

#: Resources that are read while others may wait for it.
MOST_AT_ONCE = 10

R = TypeVar("R", bound=Any)
T = TypeVar("T")


class Many(Exception):
    """There is more in the page than others may wait for."""


class ScimListings:
    def __init__(self, pages: PageTokens) -> None:
        self._pages = pages

    def list(
        self,
        connection: Connection,
        provisioner: Provisioner,
        resources: Resources[R],
        query: Query,
        assembled: Callable[[Sequence[R]], Sequence[T]],
        *,
        most: int | None = None,
    ) -> Listing[T]:
        """What `assembled` makes of resources, which may leave the last of them to the next page.

        Raises InvalidArgument (invalidCursor) for a cursor that is none of this list, and Many if there would be
        more than `most` resources.
        """
        if query.filter == ALWAYS:
            query = replace(query, filter=None)
        if query.filter == NEVER:
            return Listing([], 0, query.start if query.cursor is None else None)
        if query.cursor is not None:
            return self._by_cursor(connection, provisioner, resources, query, assembled, most)
        offset, found = query.start - 1, []
        if query.count:
            found = store.page(
                connection,
                resources,
                provisioner.id,
                query.filter,
                query.sort,
                _fewer(query.count, most),
                offset=offset,
            )
            _require(found, most)
        if len(found) < query.count and (found or not offset):  # the last page: no need to count
            total = offset + len(found)
        else:
            total = store.total(connection, resources, provisioner.id, query.filter)
        return Listing(assembled([placed.record for placed in found]), total, query.start)

    def _by_cursor(
        self,
        connection: Connection,
        provisioner: Provisioner,
        resources: Resources[R],
        query: Query,
        assembled: Callable[[Sequence[R]], Sequence[T]],
        most: int | None,
    ) -> Listing[T]:
        listing = f"scim/{provisioner.id}/{resources.counted}/{query.sort}/{query.filter}"
        try:
            position = self._pages.position(listing, PageRequest(token=_padded(query.cursor or "")))
        except InvalidArgument:
            raise InvalidArgument(
                Violation("cursor", "is none of this list; start again without one", "page_token"),
                reason=Reason.INVALID_PAGE_TOKEN,
            ) from None
        found = store.page(
            connection,
            resources,
            provisioner.id,
            query.filter,
            query.sort,
            _fewer(query.count + 1, most),
            after=None if position is None else _read(position),
        )
        _require(found[: query.count], most)
        total = store.total(connection, resources, provisioner.id, query.filter)
        items = assembled([placed.record for placed in found[: query.count]])
        more = len(found) > len(items) > 0
        # No padding: a cursor has only the unreserved characters of a URI (RFC 9865, section 2).
        cursor = (
            self._pages.token(listing, _written(found[len(items) - 1])).rstrip("=") if more else ""
        )
        return Listing(items, total, next_cursor=cursor)


def _fewer(count: int, most: int | None) -> int:
    """As many as tell whether there are more than `most`."""
    return count if most is None else min(count, most + 1)


def _require(found: Sequence[Any], most: int | None) -> None:
    if most is not None and len(found) > most:
        raise Many


def _padded(token: str) -> str:
    return token + "=" * (-len(token) % 4)


def _written(placed: Placed[Any]) -> bytes:
    value, id = placed.position.value, placed.position.id
    instant = value.isoformat() if isinstance(value, datetime) else None
    return json.dumps([id.hex, value if instant is None else None, instant]).encode()


def _read(position: bytes) -> Position:
    id, value, instant = json.loads(position)
    return Position(datetime.fromisoformat(instant) if instant else value, UUID(id))
