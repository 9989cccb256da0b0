from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from uuid import UUID

from .. import interpreter
from ..domain import scim_group
from ..domain.audit import Action, Subject
from ..domain.deletion import of_members
from ..domain.identifier import ScimGroupId, UserId
from ..domain.instant import Clock
from ..domain.precondition import ALWAYS, Precondition
from ..domain.provisioner import Provisioner
from ..domain.revision import FieldChange
from ..domain.scim_group import (
    Add,
    Assembled,
    Everybody,
    Naming,
    Remove,
    Rename,
    Replace,
    ScimGroup,
    Step,
)
from ..domain.scim_query import MAX_MEMBERS_OF_PAGE, Listing, Query
from ..store import deletion, scim_count, scim_membership
from ..store import scim_group as store
from ..store import scim_user as user_store
from ..store.engine.database import Connection
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_group import GROUPS, scim_groups
from ..store.scim_membership import Membership
from . import saving
from .minting import new_id
from .role import RoleBearers
from .scim_access import ScimGate, Visit
from .scim_listing import MOST_AT_ONCE, Many, ScimListings
from .scim_roster import Lost, Rosters

#: Members that may come and go in one transaction.
DIRECTLY = 200
#: Members that are read while others may wait for it.
_FEW = 1000
#: How often a large change is made ready, when its group changes meanwhile.
_ATTEMPTS = 3


class ScimGroups:
    """Groups as an identity provider keeps them, each change in one transaction with its gate.

    What a change of members costs depends on the members it names, not on those that are there. Of very many
    the group gets another roster: that is written before, and the former one deleted after, a little at a time.
    """

    def __init__(
        self,
        gate: ScimGate,
        clock: Clock,
        listings: ScimListings,
        *,
        directly: int = DIRECTLY,
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._listings = listings
        self._directly = directly
        self._rosters = Rosters(gate, clock, at_a_time=directly)

    async def create(
        self, visit: Visit, naming: Naming, members: Collection[UserId] = ()
    ) -> Assembled:
        """Raises AlreadyExists when the configuration has the displayName or the externalId already,
        InvalidArgument when it has no such user, and Unavailable when there was no time for so many."""
        try:
            return await self._create(visit, naming, members)
        except Lost as lost:
            raise lost.told() from None

    async def _create(self, visit: Visit, naming: Naming, members: Collection[UserId]) -> Assembled:
        roster, changes = None, dict[str, FieldChange]()
        if len(members) > self._directly:
            everybody = await interpreter.in_thread(partial(_in_order, members))
            roster = await self._rosters.write(visit, everybody)
            changes = scim_group.members_change((), everybody)

        def change(unit: UnitOfWork, provisioner: Provisioner) -> ScimGroup:
            new = scim_group.new(
                ScimGroupId(new_id()),
                provisioner.id,
                provisioner.organization_id,
                naming,
                self._clock(),
                roster,
            )
            if roster is not None:
                self._rosters.take(unit, roster)
            store.insert(unit, new)
            changing = _Members(unit, new)
            if roster is None:
                changing.add(members)
            saving.note(
                unit,
                provisioner,
                Action.CREATE,
                Subject.GROUP,
                new.id,
                new.created_at,
                {**scim_group.differences(None, new), **(changes or changing.differences())},
            )
            unit.write(scim_count.adding(provisioner.id, "groups", 1))
            return new

        return await self._with_members(visit, await self._gate.write(visit, change))

    async def get(self, visit: Visit, id: ScimGroupId, *, members: bool = True) -> Assembled:
        def query(
            most: int | None, connection: Connection, provisioner: Provisioner
        ) -> Assembled | None:
            found = scim_groups.find(connection, provisioner.id, id)
            if found is None:
                raise scim_group.not_found()
            return _whole(connection, found, most) if members else Assembled(found)

        found = await self._gate.read(visit, partial(query, _FEW))
        if found is None:
            found = await self._gate.read(visit, partial(query, None), long=True)
        assert found is not None
        return found

    async def list(self, visit: Visit, query: Query) -> Listing[Assembled]:
        """The configuration's groups as the query wants them, fewer if they have very many members."""

        def run(long: bool, connection: Connection, provisioner: Provisioner) -> Listing[Assembled]:
            return self._listings.list(
                connection,
                provisioner,
                GROUPS,
                query,
                lambda found: _page(connection, provisioner, found, query.whole, long=long),
                most=None if long else MOST_AT_ONCE,
            )

        if not query.long:
            with contextlib.suppress(Many):
                return await self._gate.read(visit, partial(run, False))
        return await self._gate.read(visit, partial(run, True), long=True)

    async def change(
        self,
        visit: Visit,
        id: ScimGroupId,
        steps: Sequence[Step],
        *,
        precondition: Precondition = ALWAYS,
        members: bool = False,
    ) -> Assembled:
        """The group after all steps; as it was, version included, when nothing differs.

        Raises VersionMismatch unless it is as `precondition` wants, PermissionDenied if nobody could act for the organization
        any more, and otherwise as `create`. The members are read only if asked for.
        """

        def change(ready: _Ready | None, unit: UnitOfWork, provisioner: Provisioner) -> ScimGroup:
            before = _lock(unit, provisioner, id)
            precondition.require(before.version)
            changing, after = _Members(unit, before), before
            bearers = RoleBearers(unit, before, steps)
            for step in steps:
                match step:
                    case Rename(attribute, value):
                        after = scim_group.renamed(after, attribute, value)
                    case _ if ready is not None:
                        pass
                    case Add(users):
                        changing.add(users)
                    case Remove(users):
                        changing.remove(users)
                    case Replace(users):
                        changing.replace(users)
            if ready is not None:
                after = self._make_so(unit, changing, ready, after)
            came_and_left = changing.differences() if ready is None else ready.changes
            differences = {**scim_group.differences(before, after), **came_and_left}
            if differences:
                now = self._clock()
                after = scim_group.next_version(after, now)
                store.update(unit, before, after)
                saving.note(
                    unit,
                    provisioner,
                    Action.UPDATE,
                    Subject.GROUP,
                    id,
                    after.updated_at,
                    differences,
                )
                if came_and_left:
                    bearers.keep(now)
            return after

        for attempt in range(_ATTEMPTS + 1):
            with contextlib.suppress(Lost):
                # At last all in one transaction, however long others wait for it.
                last = attempt == _ATTEMPTS
                ready = None if last else await self._ready(visit, id, steps, precondition)
                after = await self._gate.write(visit, partial(change, ready))
                return await self._with_members(visit, after) if members else Assembled(after)
        raise AssertionError("the last attempt needs nothing ready")

    async def delete(
        self, visit: Visit, id: ScimGroupId, *, precondition: Precondition = ALWAYS
    ) -> None:
        """Its members stay what they are otherwise; the roles that they had by it are gone. Raises as `change`."""

        def count(connection: Connection, provisioner: Provisioner) -> dict[int, set[UserId] | int]:
            found = scim_groups.find(connection, provisioner.id, id)
            if found is None:
                raise scim_group.not_found()
            most = scim_group.MAX_NAMED
            return {found.version: scim_membership.named_or_counted(connection, found, most)}

        # Before others have to wait for it.
        counted = await self._gate.read(visit, count, changes=True)

        def change(unit: UnitOfWork, provisioner: Provisioner) -> None:
            before, now = _lock(unit, provisioner, id), self._clock()
            precondition.require(before.version)
            left = counted.get(before.version)
            if left is None:
                left = scim_membership.named_or_counted(
                    unit.connection, before, scim_group.MAX_NAMED
                )
            bearers = RoleBearers(unit, before, [Remove(Everybody())])
            deletion.begin(unit, of_members(before, now))
            store.delete(unit.connection, before)
            saving.note(
                unit,
                provisioner,
                Action.DELETE,
                Subject.GROUP,
                id,
                now,
                {**scim_group.differences(before, None), **scim_group.members_change(left, ())},
            )
            unit.write(scim_count.adding(provisioner.id, "groups", -1))
            bearers.revoke(provisioner, now)
            bearers.keep(now)

        await self._gate.write(visit, change)

    async def _ready(
        self, visit: Visit, id: ScimGroupId, steps: Sequence[Step], precondition: Precondition
    ) -> _Ready | None:
        """What a change of very many members comes to, made ready; None if they are not that many.

        Raises as `change`.
        """
        few = sum(map(scim_group.named, steps)) <= self._directly
        if few and not any(map(scim_group.is_about_all, steps)):
            return None

        def find(connection: Connection, provisioner: Provisioner) -> ScimGroup:
            group = scim_groups.find(connection, provisioner.id, id)
            if group is None:
                raise scim_group.not_found()
            precondition.require(group.version)
            return group

        def is_small(connection: Connection, provisioner: Provisioner) -> bool:
            group = find(connection, provisioner)
            some = scim_membership.on_roster(connection, group, self._directly + 1)
            return len(some) <= self._directly

        def ready(
            connection: Connection, provisioner: Provisioner
        ) -> tuple[_Ready, Sequence[UserId]]:
            group = find(connection, provisioner)
            before = scim_membership.on_roster(connection, group, None)
            after = scim_group.settled(before, steps)
            left, came = before - after, after - before
            unknown = came - user_store.known(connection, provisioner.id, came)
            if unknown:
                raise scim_group.unknown_members(set(map(str, unknown)))
            changes = scim_group.members_change(left, came)
            if len(left) + len(came) <= self._directly:
                return _Ready(group.version, changes, left, came), ()
            return _Ready(group.version, changes, roster=new_id()), _in_order(after)

        if few and await self._gate.read(visit, is_small, changes=True):
            return None
        # On a thread that others do not wait for, also what is no query.
        found, everybody = await self._gate.read(visit, ready, long=True, changes=True)
        if found.roster is not None:
            found = replace(found, roster=await self._rosters.write(visit, everybody))
        return found

    def _make_so(
        self, unit: UnitOfWork, changing: _Members, ready: _Ready, group: ScimGroup
    ) -> ScimGroup:
        """The locked group with the members that it is to have. Raises Lost if it has changed since."""
        if group.version != ready.version:
            raise Lost
        if ready.roster is None:
            changing.remove(ready.left)
            changing.add(ready.came)
            return group
        self._rosters.take(unit, ready.roster)
        deletion.begin(unit, of_members(group, self._clock()))
        return replace(group, roster_id=ready.roster)

    async def _with_members(self, visit: Visit, group: ScimGroup) -> Assembled:
        """A group that was just changed, with its members: perhaps changed again already."""

        def query(most: int | None, connection: Connection) -> Assembled | None:
            found = scim_groups.find(connection, group.configuration_id, group.id)
            return Assembled(group) if found is None else _whole(connection, found, most)

        found = await self._gate.reread(visit, partial(query, _FEW))
        if found is None:
            found = await self._gate.reread(visit, partial(query, None), long=True)
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class _Ready:
    """What changes if the group is at its `version`: who leaves and who comes, or if they are many its roster."""

    version: int
    changes: Mapping[str, FieldChange]
    left: set[UserId] = field(default_factory=set)
    came: set[UserId] = field(default_factory=set)
    roster: UUID | None = None


class _Members:
    """Changes the members of a locked group, and knows what that comes to."""

    def __init__(self, unit: UnitOfWork, group: ScimGroup) -> None:
        self._unit = unit
        self._configuration = group.configuration_id
        self._membership = Membership(unit, group)
        self._added: set[UserId] = set()
        self._removed: set[UserId] = set()

    def add(self, users: Collection[UserId]) -> None:
        """Raises InvalidArgument unless all are users of the configuration."""
        if users:
            known = user_store.hold(self._unit.connection, self._configuration, set(users))
            if unknown := {str(user) for user in users if user not in known}:
                raise scim_group.unknown_members(unknown)
            self._note(self._membership.add(known), self._added, self._removed)

    def remove(self, users: Collection[UserId] | Everybody) -> None:
        gone = (
            self._membership.clear()
            if isinstance(users, Everybody)
            else self._membership.remove(set(users))
        )
        self._note(gone, self._removed, self._added)

    def replace(self, users: Collection[UserId]) -> None:
        """Raises as `add`."""
        self.remove(self._membership.ids().difference(users))
        self.add(users)

    def differences(self) -> dict[str, FieldChange]:
        """Who left, and who came; nothing when the members are who they were."""
        return scim_group.members_change(self._removed, self._added)

    @staticmethod
    def _note(users: set[UserId], into: set[UserId], undoes: set[UserId]) -> None:
        into |= users - undoes
        undoes -= users


def _lock(unit: UnitOfWork, provisioner: Provisioner, id: ScimGroupId) -> ScimGroup:
    found = scim_groups.lock(unit.connection, provisioner.id, id)
    if found is None:
        raise scim_group.not_found()
    return found


def _page(
    connection: Connection,
    provisioner: Provisioner,
    found: Sequence[ScimGroup],
    members: bool,
    *,
    long: bool,
) -> list[Assembled]:
    """The first of these groups, up to the one that makes their members too many for a page.

    Raises Many if that takes `long`, and it may not.
    """
    if not members or not found:
        return [Assembled(each) for each in found]
    most = MAX_MEMBERS_OF_PAGE if long else _FEW
    few = scim_membership.few_members_of(connection, provisioner.id, found, most)
    if few is not None:
        return [Assembled(each, few[each.id]) for each in found]
    if not long:
        raise Many
    page: list[Assembled] = []
    left = MAX_MEMBERS_OF_PAGE
    for each in found:
        page.append(Assembled(each, scim_membership.all_members(connection, each)))
        left -= len(page[-1].members)
        if left < 0:
            break
    return page


def _whole(connection: Connection, group: ScimGroup, most: int | None) -> Assembled | None:
    """A group with its members; None if they are more than `most`."""
    if most is None:
        return Assembled(group, scim_membership.all_members(connection, group))
    members = scim_membership.first_members(connection, group, most + 1)
    return None if len(members) > most else Assembled(group, members)


def _in_order(users: Collection[UserId]) -> list[UserId]:
    return sorted(set(users), key=attrgetter("int"))
