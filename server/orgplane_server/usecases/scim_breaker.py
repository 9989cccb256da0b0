"""The breaker against mass deprovisioning: what trips it, and what an administrator does then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from ..domain import scim_breaker
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.identifier import OrganizationId, ScimConfigurationId, UserId
from ..domain.instant import Clock
from ..domain.provisioner import Provisioner
from ..domain.revision import FieldChange
from ..domain.scim_breaker import LEAST, ScimBreaker
from ..domain.scim_configuration import required
from ..domain.scim_user import ScimUser
from ..store import scim_breaker as store
from ..store import scim_user
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_configuration import scim_configurations
from . import saving
from .deprovisioning import carry_out

#: People who go in one transaction when an administrator resumes it.
_BATCH = 50
_PAUSED, _PERCENT = "deprovisioning_paused_at", "breaker_percent"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BreakerState:
    """`waiting` is how many people wait to be carried out or forgotten."""

    breaker: ScimBreaker
    waiting: int


def breaks(
    unit: UnitOfWork, provisioner: Provisioner, user: UserId, now: datetime
) -> datetime | None:
    """Since when one more of a provider's active users is too many to go; None if not, and they are counted.

    That moment may be after `now`: of another server's clock, or while this one has waited. The first one too many is an event, and pauses the rest as well, until an administrator says what is to become of it.
    """
    breaker = store.lock(unit.connection, provisioner.id)
    if breaker is None:
        return None
    if breaker.paused_at is not None:
        return breaker.paused_at
    if breaker.percent is None:
        return None
    gone = store.gone(unit.connection, provisioner.id, now)
    active = scim_user.active(unit.connection, provisioner.id) if gone >= LEAST else 0
    if not breaker.trips(gone, active):
        store.go(unit, provisioner.id, user, now)
        return None
    store.save(unit, breaker, replace(breaker, paused_at=now))
    _note(unit, provisioner, provisioner.id, now, {_PAUSED: FieldChange(None, now)})
    log.warning(
        "an identity provider removes too many people at once; the rest is paused",
        organization=str(provisioner.organization_id),
        scim_configuration_id=str(provisioner.id),
        gone=gone,
        active=active,
    )
    return now


class ScimBreakers:
    """Breakers of SCIM configurations of the caller's organization; administrators only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, caller: Caller, id: ScimConfigurationId) -> BreakerState:
        caller.require(Permission.READ_CONFIGURATIONS)

        def query(connection: Connection) -> BreakerState:
            required(scim_configurations.find(connection, caller.organization_id, id))
            return _state(connection, caller.organization_id, id)

        return await self._database.read(query)

    async def update(
        self, caller: Caller, id: ScimConfigurationId, percent: int | None
    ) -> BreakerState:
        """Lets so many percent of the active users go within an hour, and 10 at least; None lets all go.

        What is paused stays so.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)

        def write(unit: UnitOfWork) -> BreakerState:
            kept = _locked(unit, caller, id)
            before = kept or ScimBreaker(id, None)
            after = replace(before, percent=percent)
            if after != before:
                store.save(unit, kept, after)
                change = {_PERCENT: FieldChange(before.percent, percent)}
                _note(unit, caller, id, self._clock(), change)
            return _state(unit.connection, caller.organization_id, id)

        return await self._database.write(write)

    async def resume(self, caller: Caller, id: ScimConfigurationId) -> int:
        """Carries out what is paused, as the provider's requests would have, and counts anew; of how many people.

        What would be refused because nobody could act any more is kept as for such a request. If it is interrupted, the rest is still paused.
        Raises FailedPrecondition if nothing is.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        after, done, seen = UUID(int=0), 0, _BATCH
        while seen == _BATCH:

            def change(unit: UnitOfWork, after: UUID = after) -> tuple[int, list[ScimUser]]:
                _paused(unit, caller, id)
                some = partial(_some, id, after)
                these = some(unit.connection, caller.organization_id)
                went = carry_out(unit, caller.organization_id, self._clock(), some)
                return len(went), list(these)

            went, these = await self._database.write(change)
            done, seen = done + went, len(these)
            if these:
                after = these[-1].id

        def end(unit: UnitOfWork) -> int:
            breaker, now = _paused(unit, caller, id), self._clock()
            _close(unit, caller, breaker, now)
            return len(carry_out(unit, caller.organization_id, now))

        return done + await self._database.write(end)

    async def discard(self, caller: Caller, id: ScimConfigurationId) -> int:
        """Forgets what is paused, and counts anew; of how many people. Raises FailedPrecondition if nothing is."""
        caller.require(Permission.CHANGE_CONFIGURATIONS)

        def change(unit: UnitOfWork) -> int:
            breaker = _paused(unit, caller, id)
            assert breaker.paused_at is not None
            count = scim_user.discard(
                unit.connection, caller.organization_id, id, breaker.paused_at
            )
            _close(unit, caller, breaker, self._clock(), discarded=FieldChange(None, count))
            return count

        return await self._database.write(change)


def _some(
    id: ScimConfigurationId, after: UUID, connection: Connection, organization: OrganizationId
) -> Sequence[ScimUser]:
    return scim_user.paused(connection, organization, id, after, _BATCH)


def _locked(unit: UnitOfWork, caller: Caller, id: ScimConfigurationId) -> ScimBreaker | None:
    required(scim_configurations.lock(unit.connection, caller.organization_id, id))
    return store.lock(unit.connection, id)


def _paused(unit: UnitOfWork, caller: Caller, id: ScimConfigurationId) -> ScimBreaker:
    breaker = _locked(unit, caller, id)
    if breaker is None or breaker.paused_at is None:
        raise scim_breaker.not_paused()
    return breaker


def _close(
    unit: UnitOfWork, caller: Caller, breaker: ScimBreaker, now: datetime, **more: FieldChange
) -> None:
    store.save(unit, breaker, replace(breaker, paused_at=None))
    store.count_anew(unit, breaker.id)
    change = {_PAUSED: FieldChange(breaker.paused_at, None), **more}
    _note(unit, caller, breaker.id, now, change)


def _note(
    unit: UnitOfWork,
    actor: saving.Actor,
    id: ScimConfigurationId,
    now: datetime,
    change: dict[str, FieldChange],
) -> None:
    saving.note(unit, actor, Action.UPDATE, Subject.SCIM_CONFIGURATION, id, now, change)


def _state(
    connection: Connection, organization: OrganizationId, id: ScimConfigurationId
) -> BreakerState:
    breaker = store.find(connection, id) or ScimBreaker(id, None)
    since = breaker.paused_at
    waiting = 0 if since is None else scim_user.count_paused(connection, organization, id, since)
    return BreakerState(breaker, waiting)
