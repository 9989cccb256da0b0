# Generated from _async/pages.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page. `next_token` is empty on the last."""

    items: Sequence[T]
    next_token: str = field(repr=False)
    _fetch: Callable[[str], Page[T]] = field(repr=False, compare=False)

    def has_next_page(self) -> bool:
        """Whether there is more."""
        return bool(self.next_token)

    def get_next_page(self) -> Page[T]:
        """The page after this one. Raises ValueError on the last page."""
        if not self.next_token:
            raise ValueError("this is the last page")
        return self._fetch(self.next_token)


class Pages(Generic[T]):
    """A list: iterate for every item, `pages` for every page; each page is asked for when it is needed."""

    def __init__(self, fetch: Callable[[str], Page[T]], token: str) -> None:
        self._fetch = fetch
        self._token = token

    def pages(self) -> Iterator[Page[T]]:
        """Every page, each asked for when it is needed."""
        page = self._fetch(self._token)
        yield page
        while page.has_next_page():
            page = page.get_next_page()
            yield page

    def first_page(self) -> Page[T]:
        """The first page alone."""
        return self._fetch(self._token)

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            for item in page.items:
                yield item
