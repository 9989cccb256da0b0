"""Deleting what has very many rows: decided at once, and carried out a little at a time, so that nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from .. import interpreter
from ..domain import membership
from ..domain.audit import Subject
from ..domain.deletion import Deletion, Doomed
from ..domain.errors import Unavailable
from ..domain.identifier import OrganizationId, ScimConfigurationId
from ..domain.instant import Clock
from ..domain.user import UserStatus
from ..store import deletion as store
from ..store import membership as memberships
from ..store import (
    organization,
    scim_breaker,
    scim_configuration,
    scim_count,
    scim_credential,
    scim_token,
    scim_user,
    session,
)
from ..store.engine.database import Connection, Database
from ..store.engine.slices import Slices
from ..store.engine.unit_of_work import UnitOfWork
from ..store.tables import OF_CONFIGURATION, OF_ROSTER, of_organization
from ..store.user import users
from . import saving
from .deprovisioning import carry_out
from .minting import new_id
from .operated_organization import end_if_due
from .recurring import for_ever
from .rests import Rests

#: Rests, as times of what they come after: somebody waits for a decision, nobody for a sweeper.
_REST_OF_DECISIONS, _REST_OF_SWEEPER = 0.5, 2.0
#: How often what is to be deleted is looked for, in seconds.
_EVERY_SECONDS = 1.0
#: Who deletes holds it for so long; after that another may go on.
HELD = timedelta(seconds=10)
#: What failed is tried again after that.
LATER = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """A transaction takes about so many seconds, as others wait so long: with 20 ms their p99 is three times what it is alone.

    It decides of so many members, or deletes so many rows, before it looks at the time.
    """

    seconds: float = 0.005
    denials: int = 8
    rows: int = 50


DEFAULT_PACE = Pace()


async def settle(database: Database, clock: Clock, deletion: Deletion, pace: Pace) -> None:
    """`settle_some`, until it is decided of all."""
    rests = Rests(_REST_OF_DECISIONS)
    with interpreter.long_work():
        while await database.write(lambda unit: settle_some(unit, clock, deletion, pace)):
            await rests.take()


def settle_some(unit: UnitOfWork, clock: Clock, deletion: Deletion, pace: Pace) -> bool:
    """Decides for about so long what becomes of those whom a deleted configuration denies to be active.

    Whether there may be more of them. Until it is decided the denial stands: nobody comes back for a moment.
    """
    return _for(pace.seconds, lambda: _settle(unit, clock, deletion, pace.denials))


def _for(seconds: float, step: Callable[[], bool]) -> bool:
    """Takes steps, one at least, until one says that nothing is left, or so much time has passed."""
    until = time.monotonic() + seconds
    while step():
        if time.monotonic() >= until:
            return True
    return False


def _settle(unit: UnitOfWork, clock: Clock, deletion: Deletion, most: int) -> bool:
    configuration = deletion.configuration_id
    denied = scim_user.some_denying(unit.connection, configuration, most)
    caller, now, back = deletion.caller, clock(), False
    for known in memberships.lock(unit.connection, deletion.organization_id, denied):
        if known.link(configuration) is None:  # another process was faster
            continue
        left = membership.parted(known, configuration, now)
        back = back or left.member.status is UserStatus.ACTIVE
        saving.update(unit, caller, users, Subject.USER, known.member, left.member)
    scim_user.fall_silent(unit, configuration, denied)
    if back:
        carry_out(unit, deletion.organization_id, now)
    return len(denied) == most


class Sweeper:
    """Takes away the rows of what is deleted, in one process at a time; nobody sees them any more."""

    def __init__(self, database: Database, clock: Clock, pace: Pace = DEFAULT_PACE) -> None:
        self._database = database
        self._clock = clock
        self._pace = pace
        self._me = new_id()

    async def sweep(self) -> int:
        """Takes away all that there is by now and that nobody else does; of how many.

        One that fails is logged, and keeps none of the others waiting.
        """
        now, swept = self._clock(), 0
        await self._end_due(now)
        for deletion in await self._database.read(lambda found: store.waiting(found, now)):
            try:
                swept += await self._sweep(deletion)
            except Unavailable:
                continue  # which was logged
            except Exception as error:
                log.error(
                    "cannot take away the rows of what was deleted; tried again later",
                    organization=str(deletion.organization_id),
                    deletion=str(deletion.id),
                    what=deletion.what,
                    exc_info=error,
                )
                await self._put_off(deletion)
        return swept

    async def _end_due(self, now: datetime) -> None:
        """Deletes the organizations whose time has come. One that fails is logged, and tried again in the next sweep."""
        for id in await self._database.read(lambda found: organization.due(found, now)):
            try:
                await self._database.write(partial(end_if_due, id=id, now=now))
            except Unavailable:
                continue  # which was logged
            except Exception as error:
                log.error(
                    "cannot delete an organization whose time has come; tried again",
                    organization=str(id),
                    exc_info=error,
                )

    async def run(self) -> None:
        """Sweeps again and again, for ever."""
        await for_ever(
            self._sweep_all, _EVERY_SECONDS, "cannot take away the rows of what was deleted"
        )

    async def _sweep_all(self) -> None:
        if swept := await self.sweep():
            log.info("took away the rows of what was deleted", deletions=swept)

    async def _put_off(self, deletion: Deletion) -> None:
        now = self._clock()
        await self._database.write(
            lambda unit: store.hold(unit.connection, deletion.id, self._me, now, now + LATER)
        )

    async def _sweep(self, deletion: Deletion) -> bool:
        """Whether nothing is left; False when somebody else is at it."""
        rests = Rests(_REST_OF_SWEEPER)
        with interpreter.long_work():
            while left := await self._database.write(lambda unit: self._slice(unit, deletion)):
                await rests.take()
        return left is False

    def _slice(self, unit: UnitOfWork, deletion: Deletion) -> bool | None:
        """Whether anything is left; None if it is not this sweeper's turn."""
        now = self._clock()
        if deletion.what is Doomed.ORGANIZATION:
            organization_id = deletion.organization_id
            # First of all, as applications wait to be told.
            if _for(
                self._pace.seconds,
                lambda: session.end_some_of_organization(
                    unit, organization_id, now, self._pace.rows
                ),
            ):
                return True
            if store.organization_waits(unit.connection, organization_id):
                return None
        if not store.hold(unit.connection, deletion.id, self._me, now, now + HELD):
            return None
        if _for(self._pace.seconds, lambda: self._step(unit, deletion)):
            return True
        match deletion.what:
            case Doomed.CONFIGURATION:
                _forget(unit.connection, deletion.configuration_id)
            case Doomed.ORGANIZATION:
                organization.delete(unit.connection, deletion.organization_id)
        store.end(unit.connection, deletion.id)
        return False

    def _step(self, unit: UnitOfWork, deletion: Deletion) -> bool:
        """Whether anything may be left."""
        match deletion.what:
            case Doomed.ROSTER:
                return self._delete(unit, OF_ROSTER, deletion.id)
            case Doomed.CONFIGURATION:
                return _settle(unit, self._clock, deletion, self._pace.denials) or self._delete(
                    unit, OF_CONFIGURATION, deletion.id
                )
            case Doomed.SESSIONS:
                configuration = deletion.sso_configuration_id
                return session.end_some(unit, configuration, self._clock(), self._pace.rows)
            case Doomed.ORGANIZATION:
                return self._step_of_organization(unit, deletion.organization_id)

    def _step_of_organization(self, unit: UnitOfWork, id: OrganizationId) -> bool:
        configuration = scim_configuration.first(unit.connection, id)
        if configuration is None:
            return self._delete(unit, of_organization(), id)
        if not self._delete(unit, OF_CONFIGURATION, configuration):
            _forget(unit.connection, configuration)
            scim_configuration.scim_configurations.delete(unit.connection, id, configuration)
        return True

    def _delete(self, unit: UnitOfWork, owned: Sequence[Slices], owner: UUID) -> bool:
        """Whether anything may be left of one owner."""
        return any(each.delete(unit.connection, owner, self._pace.rows) for each in owned)


def _forget(connection: Connection, configuration: ScimConfigurationId) -> None:
    scim_count.forget(connection, configuration)
    scim_breaker.forget(connection, configuration)
    scim_credential.forget(connection, configuration)
    scim_token.forget(connection, configuration)
