"""A list as a SCIM client asks for it (RFC 7644, section 3.4.2; RFC 9865 for cursors)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .scim_filter import Filter, leaves, looks_at_all

#: What a page holds when the client does not say, and at most, unless the operator says otherwise: some
#: clients read one page, without asking for a number, and take it for everything.
DEFAULT_PAGE_SIZE = 1000
MAX_PAGE_SIZE = 10_000
#: A page of groups ends with the one that brings it over so many members in sum.
MAX_MEMBERS_OF_PAGE = 20_000

#: What resources are kept in the order of.
_ORDERED = frozenset({"id", "userName", "externalId", "meta.created", "meta.lastModified"})
#: Providers ask for one person, by one or two attributes.
_FEW_COMPARISONS = 4

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sort:
    """Resources without the attribute come last, or first when `descending` (section 3.4.2.3)."""

    attribute: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Up to `count` resources from the `start`-th on, counted from 1; or from where `cursor` is.

    A `cursor` that is not None asks for pages by cursor, the empty one for the first of them. `whole`
    says whether the large multi-valued attribute (`members`, `groups`) is wanted.
    """

    filter: Filter | None = None
    sort: Sort | None = None
    start: int = 1
    count: int = DEFAULT_PAGE_SIZE
    cursor: str | None = None
    whole: bool = True

    @property
    def long(self) -> bool:
        """Whether it may take long to answer: the filter compares a lot, or everybody has to be looked at."""
        if self.sort is not None and self.sort.attribute not in _ORDERED:
            return True
        if self.filter is None:
            return False
        many = sum(1 for _ in leaves(self.filter)) > _FEW_COMPARISONS
        return many or looks_at_all(self.filter)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """`total` counts all that the filter lets through; `next_cursor` is empty on the last page."""

    items: Sequence[T]
    total: int
    start: int | None = None
    next_cursor: str = ""
