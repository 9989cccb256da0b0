"""One transaction as a change sees it."""

from __future__ import annotations

import sqlalchemy as sa

from ...domain.audit import AuditEvent
from .. import audit
from .statement import Call, together


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
        self._events: list[AuditEvent] = []
        self._announced = False

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

    def record(self, event: AuditEvent) -> None:
        """Puts an event on the audit trail, in this same transaction."""
        self._events.append(event)

    def announce(self) -> None:
        """Says that a trail grows, so that who follows it looks after the commit; events say so themselves."""
        self._announced = True

    @property
    def recorded(self) -> bool:
        """Whether there is something on record that is followed."""
        return self._announced or bool(self._events)

    def mark(self) -> int:
        """Where the recorded events end now, for `forget`."""
        return len(self._events)

    def forget(self, mark: int) -> None:
        """Drops the events recorded since `mark`: their change was undone."""
        del self._events[mark:]

    def flush(self) -> None:
        """Writes what is left to be written; called once, before the commit, which may come with it."""
        left = [*self._deferred, *audit.inserting(self._events)]
        if left:
            together(self._connection, *left, commit=self._defers)
