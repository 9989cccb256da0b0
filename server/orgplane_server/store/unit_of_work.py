"""One transaction as a change sees it."""

from __future__ import annotations

import sqlalchemy as sa

from ..domain.audit import AuditEvent
from . import audit


class UnitOfWork:
    """All that a change does goes through here, and happens entirely or not at all.

    A change may run more than once (a transaction that lost a conflict is repeated), so it must have
    no effect outside its unit.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._events: list[AuditEvent] = []

    def record(self, event: AuditEvent) -> None:
        """Puts an event on the audit trail, in this same transaction."""
        self._events.append(event)

    @property
    def recorded(self) -> bool:
        """Whether there are events on record."""
        return bool(self._events)

    def mark(self) -> int:
        """Where the recorded events end now, for `forget`."""
        return len(self._events)

    def forget(self, mark: int) -> None:
        """Drops the events recorded since `mark`: their change was undone."""
        del self._events[mark:]

    def flush(self) -> None:
        """Writes the recorded events; called once, before the commit."""
        audit.insert(self.connection, self._events)
