"""Who is to be in a group, written a little at a time before it is so: the group then changes its roster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from ..domain import scim_group
from ..domain.deletion import Deletion, Doomed
from ..domain.errors import Unavailable
from ..domain.identifier import UserId
from ..domain.instant import Clock
from ..domain.provisioner import Provisioner
from ..store import deletion, scim_membership, scim_user
from ..store.engine.unit_of_work import UnitOfWork
from .minting import new_id
from .rests import Rests
from .scim_access import ScimGate, Visit

#: A rest, as times of what it comes after.
_REST = 0.5
#: A roster that its group does not get is deleted so long after its last members were written.
_KEPT = timedelta(seconds=30)


class Lost(Exception):
    """A roster was not got ready in time, or for a group that has changed meanwhile: it is to be written anew."""

    def told(self) -> Unavailable:
        """To a caller, where nobody tries again for them."""
        return Unavailable("the members could not be written in time, try again later")


class Rosters:
    def __init__(self, gate: ScimGate, clock: Clock, at_a_time: int) -> None:
        self._gate = gate
        self._clock = clock
        self._at_a_time = at_a_time
        self._me = new_id()

    async def write(self, visit: Visit, users: Sequence[UserId]) -> UUID:
        """A roster with these users, in the order of their ids, which no group has; it goes by itself unless taken soon.

        Raises InvalidArgument unless all are users of the configuration.
        """
        roster = new_id()

        def begin(unit: UnitOfWork, provisioner: Provisioner) -> None:
            now = self._clock()
            doomed = Deletion(roster, Doomed.ROSTER, provisioner.organization_id, now)
            deletion.begin(unit, doomed, self._me, now + _KEPT)

        await self._gate.write(visit, begin)
        rests = Rests(_REST)
        for start in range(0, len(users), self._at_a_time):
            some = users[start : start + self._at_a_time]
            add: Callable[[UnitOfWork, Provisioner], None] = partial(self._add, roster, some)
            await self._gate.write(visit, add)
            await rests.take()
        return roster

    def take(self, unit: UnitOfWork, roster: UUID) -> None:
        """It is a group's now. Raises Lost if it is too late."""
        if not deletion.take_back(unit.connection, roster, self._me):
            raise Lost

    def _add(
        self, roster: UUID, users: Collection[UserId], unit: UnitOfWork, provisioner: Provisioner
    ) -> None:
        now = self._clock()
        if not deletion.hold(unit.connection, roster, self._me, now, now + _KEPT):
            raise Lost
        known = scim_user.hold(unit.connection, provisioner.id, users)
        if unknown := {str(user) for user in users if user not in known}:
            raise scim_group.unknown_members(unknown)
        scim_membership.enroll(unit, provisioner.id, roster, users)
