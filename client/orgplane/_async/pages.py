from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class AsyncPage(Generic[T]):
    """One page. `next_token` is empty on the last."""

    items: Sequence[T]
    next_token: str = field(repr=False)
    _fetch: Callable[[str], Awaitable[AsyncPage[T]]] = field(repr=False, compare=False)

    def has_next_page(self) -> bool:
        """Whether there is more."""
        return bool(self.next_token)

    async def get_next_page(self) -> AsyncPage[T]:
        """The page after this one. Raises ValueError on the last page."""
        if not self.next_token:
            raise ValueError("this is the last page")
        return await self._fetch(self.next_token)


class AsyncPages(Generic[T]):
    """A list: iterate for every item, `pages` for every page; each page is asked for when it is needed."""

    def __init__(self, fetch: Callable[[str], Awaitable[AsyncPage[T]]], token: str) -> None:
        self._fetch = fetch
        self._token = token

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """Every page, each asked for when it is needed."""
        page = await self._fetch(self._token)
        yield page
        while page.has_next_page():
            page = await page.get_next_page()
            yield page

    async def first_page(self) -> AsyncPage[T]:
        """The first page alone."""
        return await self._fetch(self._token)

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item
