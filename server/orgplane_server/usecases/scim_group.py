from __future__ import annotations

from collections.abc import Collection, Sequence

from ..domain import scim_group
from ..domain.audit import Action, Subject
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
from ..store import scim_count, scim_membership
from ..store import scim_group as store
from ..store import scim_user as user_store
from ..store.engine.database import Connection
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_group import GROUPS, scim_groups
from ..store.scim_membership import Membership
from . import saving
from .minting import new_id
from .scim_access import ScimGate, Visit
from .scim_listing import ScimListings


class ScimGroups:
    """Groups as an identity provider keeps them, each change in one transaction with its gate.

    What a change of members costs depends on the members it names, not on those that are there.
    """

    def __init__(self, gate: ScimGate, clock: Clock, listings: ScimListings) -> None:
        self._gate = gate
        self._clock = clock
        self._listings = listings

    async def create(
        self, visit: Visit, naming: Naming, members: Collection[UserId] = ()
    ) -> Assembled:
        """Raises AlreadyExists when the configuration has the displayName or the externalId already,
        and InvalidArgument when it has no such user."""

        def change(unit: UnitOfWork, provisioner: Provisioner) -> Assembled:
            new = scim_group.new(
                ScimGroupId(new_id()),
                provisioner.id,
                provisioner.organization_id,
                naming,
                self._clock(),
            )
            store.insert(unit, new)
            changing = _Members(unit, new)
            changing.add(members)
            saving.note(
                unit,
                provisioner,
                Action.CREATE,
                Subject.GROUP,
                new.id,
                new.created_at,
                {**scim_group.differences(None, new), **changing.differences()},
            )
            found = _with_members(unit.connection, provisioner, [new], members=True)[0]
            unit.write(scim_count.adding(provisioner.id, "groups", 1))
            return found

        return await self._gate.write(visit, change)

    async def get(self, visit: Visit, id: ScimGroupId, *, members: bool = True) -> Assembled:
        def query(connection: Connection, provisioner: Provisioner) -> Assembled:
            found = scim_groups.find(connection, provisioner.id, id)
            if found is None:
                raise scim_group.not_found()
            return _with_members(connection, provisioner, [found], members)[0]

        return await self._gate.read(visit, query)

    async def list(self, visit: Visit, query: Query) -> Listing[Assembled]:
        """The configuration's groups as the query wants them, fewer if they have very many members."""

        def run(connection: Connection, provisioner: Provisioner) -> Listing[Assembled]:
            return self._listings.list(
                connection,
                provisioner,
                GROUPS,
                query,
                lambda found: _page(connection, provisioner, found, query.whole),
            )

        return await self._gate.read(visit, run, long=query.long)

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

        Raises VersionMismatch unless it is as `precondition` wants, and otherwise as `create`. The
        members are read only if asked for.
        """

        def change(unit: UnitOfWork, provisioner: Provisioner) -> Assembled:
            before = _lock(unit, provisioner, id)
            precondition.require(before.version)
            changing, after = _Members(unit, before), before
            for step in steps:
                match step:
                    case Rename(attribute, value):
                        after = scim_group.renamed(after, attribute, value)
                    case Add(users):
                        changing.add(users)
                    case Remove(users):
                        changing.remove(users)
                    case Replace(users):
                        changing.replace(users)
            differences = {**scim_group.differences(before, after), **changing.differences()}
            if differences:
                after = scim_group.next_version(after, self._clock())
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
            if not members:  # what is written waits for the commit then
                return Assembled(after)
            return _with_members(unit.connection, provisioner, [after], members=True)[0]

        return await self._gate.write(visit, change)

    async def delete(
        self, visit: Visit, id: ScimGroupId, *, precondition: Precondition = ALWAYS
    ) -> None:
        """Its members stay what they are otherwise. Raises as `change`."""

        def change(unit: UnitOfWork, provisioner: Provisioner) -> None:
            before = _lock(unit, provisioner, id)
            precondition.require(before.version)
            leaving = _Members(unit, before)
            leaving.remove(Everybody())
            store.delete(unit.connection, before)
            saving.note(
                unit,
                provisioner,
                Action.DELETE,
                Subject.GROUP,
                id,
                self._clock(),
                {**scim_group.differences(before, None), **leaving.differences()},
            )
            unit.write(scim_count.adding(provisioner.id, "groups", -1))

        await self._gate.write(visit, change)


class _Members:
    """Changes the members of a locked group, and knows what that comes to."""

    def __init__(self, unit: UnitOfWork, group: ScimGroup) -> None:
        self._unit = unit
        self._configuration = group.configuration_id
        self._membership = Membership(unit, group.configuration_id, group.id)
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
        if not self._added and not self._removed:
            return {}
        return {"members": scim_group.members_change(self._removed, self._added)}

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
    connection: Connection, provisioner: Provisioner, found: Sequence[ScimGroup], members: bool
) -> list[Assembled]:
    """The first of these groups, up to the one that makes their members too many for a page."""
    if not members or not found:
        return [Assembled(each) for each in found]
    of = scim_membership.members_of_first(
        connection, provisioner.id, [each.id for each in found], MAX_MEMBERS_OF_PAGE
    )
    return [Assembled(each, of[each.id]) for each in found if each.id in of]


def _with_members(
    connection: Connection, provisioner: Provisioner, found: Collection[ScimGroup], members: bool
) -> list[Assembled]:
    if not members or not found:
        return [Assembled(each) for each in found]
    of = scim_membership.members_of(connection, provisioner.id, [each.id for each in found])
    return [Assembled(each, of.get(each.id, ())) for each in found]
