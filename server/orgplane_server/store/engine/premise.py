"""What a call takes for granted until its first transaction: there it is looked at, before anything else is done."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, TypeVar

import sqlalchemy as sa

from .job import Change
from .unit_of_work import UnitOfWork

T = TypeVar("T")


class Disproved(Exception):
    """The premise does not hold, and nothing was done."""


class Premise:
    """Holds if `holds` of what a query finds; those with the same `key` ask the same."""

    def __init__(
        self,
        key: Hashable,
        query: Callable[[sa.Connection], Any],
        holds: Callable[[Any], bool],
    ) -> None:
        self.key = key
        self.query = query
        self._holds = holds
        #: Whether the last transaction of this call that looked has found that it holds.
        self.confirmed = False

    def confirm(self, found: Any) -> None:
        """Raises Disproved if it does not hold."""
        self.confirmed = self._holds(found)
        if not self.confirmed:
            raise Disproved

    def before(self, change: Change[T]) -> Change[T]:
        """The change, which is not begun unless the premise holds in its own transaction."""

        def confirmed(unit: UnitOfWork) -> T:
            self.confirm(unit.once(self.key, self.query))
            return change(unit)

        return confirmed


#: That of the call being served.
premise: ContextVar[Premise | None] = ContextVar("premise", default=None)
