"""One transaction as a change sees it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import sqlalchemy as sa

from .statement import Call, together

T = TypeVar("T")


class Overtaken(Exception):
    """Raised by a change that found, too late to lock it, what another transaction did: it is run anew."""


class UnitOfWork:
    """All that a change does goes through here, and happens entirely or not at all.

    A change may run more than once (a transaction that lost a conflict is repeated), so it must have
    no effect outside its unit.
    """

    def __init__(self, connection: sa.Connection, *, defers: bool = False) -> None:
        """With `defers`, what is written travels with what comes next, or with the commit."""
        self._connection = connection
        self._defers = defers
        self._deferred: list[Call] = []
        self._last: list[Call] = []
        self._announced = False
        self._afterwards: list[Callable[[], None]] = []
        self._found: dict[Hashable, Any] = {}

    def once(self, key: Hashable, query: Callable[[sa.Connection], T]) -> T:
        """What a query finds, as the first change or query that asked with this key saw it in this transaction."""
        if key not in self._found:
            self._found[key] = query(self.connection)
        found: T = self._found[key]
        return found

    @property
    def connection(self) -> sa.Connection:
        """The transaction's, with all that was written so far; ask anew after each `write`."""
        if self._deferred:
            self.run()
        return self._connection

    def run(self, *calls: Call) -> None:
        """Runs statements that return nothing; that one failed is told now."""
        deferred, self._deferred = self._deferred, []
        together(self._connection, *deferred, *calls)

    def write(self, *calls: Call) -> None:
        """`run`, of which a failure may be told later, if not too late."""
        if self._defers:
            self._deferred.extend(calls)
        elif calls:
            self.run(*calls)

    def append(self, *calls: Call) -> None:
        """Writes at the end of a trail: last of all in this transaction, and announced."""
        self._last.extend(calls)

    def announce(self) -> None:
        """Says that a trail grows, so that who follows it looks after the commit."""
        self._announced = True

    def afterwards(self, call: Callable[[], None]) -> None:
        """Calls something after the commit, on a database's thread; perhaps also when a change beside others was undone."""
        self._afterwards.append(call)

    def committed(self) -> None:
        """Does what was to be done `afterwards`."""
        for call in self._afterwards:
            call()

    @property
    def announced(self) -> bool:
        """Whether a trail grows that somebody may follow."""
        return self._announced or bool(self._last)

    def mark(self) -> int:
        """Where what was appended ends now, for `forget`."""
        return len(self._last)

    def forget(self, mark: int) -> None:
        """Drops what was appended since `mark`: the change that did was undone."""
        del self._last[mark:]

    def flush(self) -> None:
        """Writes what is left to be written; called once, before the commit, which may come with it."""
        left = [*self._deferred, *self._last]
        if left:
            together(self._connection, *left, commit=self._defers)
