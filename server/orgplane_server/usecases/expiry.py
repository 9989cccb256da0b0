"""Warns before a credential ends that nothing takes the place of, whoever serves at the time."""

from __future__ import annotations

from datetime import datetime

import structlog

from ..domain.audit import Action
from ..domain.expiry import FIRST_WARNING, LATEST_WARNING, Ending
from ..domain.instant import Clock
from ..domain.operator import Operator
from ..domain.revision import FieldChange
from ..store import expiry as store
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from . import saving
from .recurring import for_ever

#: Warnings that one transaction puts on record.
_BATCH = 200
_EVERY_SECONDS = 3600.0

log = structlog.get_logger(__name__)


class ExpiryWarnings:
    """Announces the ends of SCIM tokens and of each organization's last credential: 14, 7 and 1 days before.

    A warning is an event in the organization's audit trail and a line in the log, once for each of these
    times and each end, whichever process notices it. What was missed is made up for: then the warning that
    is due now comes alone.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def announce(self) -> list[Ending]:
        """Announces all that is due by the clock and was not announced before; what this call announced.

        All there is to it: `run` only calls it once an hour. So a test moves its clock and calls
        `await ExpiryWarnings(database, clock).announce()`; the events are on record when it returns.
        """
        now, announced = self._clock(), list[Ending]()
        while await self._database.read(lambda connection: _due(connection, now)):
            for ending in await self._database.write(lambda unit: _announce(unit, now)):
                log.warning(
                    "a credential ends",
                    organization=str(ending.organization_id),
                    subject=f"{ending.subject}/{ending.subject_id}",
                    holder=None if ending.holder is None else str(ending.holder.id),
                    ends_at=ending.ends_at.isoformat(),
                    days_left=ending.days_left(now),
                )
                announced.append(ending)
        return announced

    async def run(self) -> None:
        """Announces again and again, for ever."""
        await for_ever(self.announce, _EVERY_SECONDS, "cannot warn of credentials that end")


def _due(connection: Connection, now: datetime) -> list[tuple[Ending, int]]:
    """What is to be warned of now and was not yet, and how many days before its end at most."""
    warned = store.warned(connection)
    found = []
    for ending in store.ending(connection, now - LATEST_WARNING, now + FIRST_WARNING):
        days = ending.warning(now)
        latest = warned.get((ending.subject_id, ending.ends_at))
        if days is not None and (latest is None or days < latest):
            found.append((ending, days))
    return found


def _announce(unit: UnitOfWork, now: datetime) -> list[Ending]:
    # In one order, so that two transactions do not wait for one another.
    due = sorted(_due(unit.connection, now), key=lambda each: each[0].subject_id)[:_BATCH]
    announced = [(ending, days) for ending, days in due if store.warn(unit, ending, days)]
    for ending, days in announced:
        told: dict[str, object] = {"days": days, "expires_at": ending.ends_at}
        if ending.holder is not None:
            told["user_id"] = ending.holder.id
        saving.note(
            unit,
            Operator(ending.organization_id),
            Action.UPDATE,
            ending.subject,
            ending.subject_id,
            now,
            {"expiry_warning": FieldChange(None, told)},
        )
    return [ending for ending, _ in announced]
