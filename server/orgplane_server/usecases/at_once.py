from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from ..domain.identifier import OrganizationId


class AtOnce:
    """How much of a kind each organization may have going on in this process, as it waits for servers that others name.

    Slow ones of one organization leave room for those of others.
    """

    def __init__(self, most: int, too_many: Callable[[], Exception]) -> None:
        self._most = most
        self._too_many = too_many
        self._going_on = Counter[OrganizationId]()

    @contextlib.contextmanager
    def one(self, id: OrganizationId) -> Iterator[None]:
        """Raises what `too_many` says."""
        if self._going_on[id] >= self._most:
            raise self._too_many()
        self._going_on[id] += 1
        try:
            yield
        finally:
            self._going_on[id] -= 1
            if not self._going_on[id]:
                del self._going_on[id]
