"""Pages of a list: a size, and where the previous page ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

DEFAULT_SIZE = 25
MAX_SIZE = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`size` items (0 means `DEFAULT_SIZE`, never above `MAX_SIZE`) after what `token` remembers."""

    size: int = 0
    token: str = ""

    @property
    def limit(self) -> int:
        return min(self.size or DEFAULT_SIZE, MAX_SIZE)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next_token` is empty on the last page."""

    items: Sequence[T]
    next_token: str
