from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial

from ..domain import group as domain
from ..domain import organization, scim_group, user
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.deletion import of_members
from ..domain.group import Group, GroupChanges, GroupFilter, GroupMembership, LocalGroup, Sized
from ..domain.identifier import GroupId, GroupMembershipId, OrganizationId, UserId
from ..domain.instant import Clock
from ..domain.page import Page, PageRequest
from ..domain.revision import FieldChange, differences, introduced, removed
from ..domain.scim_group import Add, Everybody, Remove
from ..domain.text import storable
from ..store import deletion
from ..store import group as store
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.group import local_groups, local_memberships
from ..store.user import users
from . import saving
from .minting import new_id
from .paging import PageTokens
from .role import RoleBearers


class Groups:
    """The groups of the caller's organization: all members see them, administrators change the local ones.

    What changes a provider's group raises FailedPrecondition.
    """

    def __init__(self, database: Database, clock: Clock, pages: PageTokens) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages

    async def create(
        self, caller: Caller, organization_id: OrganizationId, name: str, description: str
    ) -> Sized:
        """A local group with nobody in it. Raises AlreadyExists if another one is called so."""
        caller.require(Permission.CHANGE_GROUPS)
        if organization_id != caller.organization_id:
            raise organization.not_found()
        new = domain.new(GroupId(new_id()), organization_id, name, description, self._clock())

        def change(unit: UnitOfWork) -> Sized:
            store.insert(unit, new)
            _note(unit, caller, Action.CREATE, new, introduced(new))
            return Sized(domain.of_local(new), 0)

        return await self._database.write(change)

    async def get(self, caller: Caller, id: GroupId) -> Sized:
        caller.require(Permission.READ_GROUPS)
        return await self._database.read(
            lambda connection: _sized(connection, [_find(connection, caller, id)])[0]
        )

    async def get_by_name(self, caller: Caller, name: str) -> Sized:
        """The local group that is called so, else the only one of a provider.

        Raises FailedPrecondition if there are several of these, and none is local.
        """
        caller.require(Permission.READ_GROUPS)
        storable(name=name)

        def query(connection: Connection) -> Sized:
            found = domain.only(store.named(connection, caller.organization_id, name))
            return _sized(connection, [found])[0]

        return await self._database.read(query)

    async def list(
        self, caller: Caller, request: PageRequest, narrowed: GroupFilter
    ) -> Page[Sized]:
        """The organization's groups, oldest first."""
        caller.require(Permission.READ_GROUPS)
        storable(**{"filter.search": narrowed.search})
        listing = _listing(caller.organization_id, narrowed)
        after = self._pages.after(listing, request)

        def query(connection: Connection) -> Sequence[Group]:
            return store.page(
                connection, caller.organization_id, narrowed, after, request.limit + 1
            )

        return await self._page(listing, request, query, long=narrowed.long)

    async def of_member(self, caller: Caller, id: UserId, request: PageRequest) -> Page[Sized]:
        """The groups that a member is in, oldest first; somebody who has left is in providers' alone."""
        caller.require(Permission.READ_GROUPS)
        listing = f"groups_of/{id}"
        after = self._pages.after(listing, request)

        def query(connection: Connection) -> Sequence[Group]:
            if users.find(connection, caller.organization_id, id) is None:
                raise user.not_found()
            return store.of_member(connection, id, after, request.limit + 1)

        return await self._page(listing, request, query)

    async def update(self, caller: Caller, id: GroupId, changes: GroupChanges) -> Sized:
        """The local group after the changes. Raises AlreadyExists if another one is called so."""
        caller.require(Permission.CHANGE_GROUPS)

        def change(unit: UnitOfWork) -> Sized:
            before = _lock(unit, caller, id)
            after = domain.changed(before, changes, self._clock())
            if after is not before:
                store.update(unit, before, after)
                _note(unit, caller, Action.UPDATE, after, differences(before, after))
            return _sized(unit.connection, [domain.of_local(after)])[0]

        return await self._database.write(change)

    async def delete(self, caller: Caller, id: GroupId) -> None:
        """The local group is gone; who was in it stays what they are otherwise, without its roles.

        Raises PermissionDenied unless the caller may do all that these permit, and if nobody could act any more.
        """
        caller.require(Permission.CHANGE_GROUPS)

        def change(unit: UnitOfWork) -> None:
            before = _lock(unit, caller, id)
            now, connection = self._clock(), unit.connection
            bearers = RoleBearers(unit, before, [Remove(Everybody())])
            bearers.require_equal(caller)
            left = store.named_or_counted(connection, before, scim_group.MAX_NAMED)
            deletion.begin(unit, of_members(before, now))
            local_groups.delete(connection, caller.organization_id, id)
            gone = {**removed(before), **scim_group.members_change(left, ())}
            saving.note(unit, caller, Action.DELETE, Subject.GROUP, id, now, gone)
            bearers.revoke(caller, now)
            bearers.keep(now)

        await self._database.write(change)

    async def add(self, caller: Caller, id: GroupId, whom: UserId) -> GroupMembership:
        """Puts a member of the organization into a local group, whose roles they then have.

        Raises AlreadyExists if they are in it, and PermissionDenied unless the caller may do all that the roles permit.
        """
        caller.require(Permission.CHANGE_GROUPS)

        def change(unit: UnitOfWork) -> GroupMembership:
            # The member before the group: whoever leaves is taken out of groups after that.
            member = user.present(users.hold(unit.connection, caller.organization_id, whom))
            before = _lock(unit, caller, id)
            bearers = RoleBearers(unit, before, [Add([whom])])
            bearers.require_equal(caller)
            group = domain.of_local(before)
            if store.membership(unit.connection, group, whom) is not None:
                raise domain.already_in()
            after = domain.touched(before, self._clock())
            new = domain.LocalMembership(
                GroupMembershipId(new_id()), id, whom, caller.organization_id, after.updated_at
            )
            unit.write(local_memberships.inserting(new))
            store.update(unit, before, after)
            _note(unit, caller, Action.UPDATE, after, scim_group.members_change((), {whom}))
            bearers.keep(after.updated_at)
            return GroupMembership(new.id, id, whom, member.name, member.avatar_url)

        return await self._database.write(change)

    async def remove(self, caller: Caller, id: GroupMembershipId) -> None:
        """Takes somebody out of a local group. Raises PermissionDenied as `delete`."""
        caller.require(Permission.CHANGE_GROUPS)
        if domain.is_provided(id):
            raise domain.of_provider(None)

        def change(unit: UnitOfWork) -> None:
            found = local_memberships.find(unit.connection, caller.organization_id, id)
            before = found and local_groups.lock(
                unit.connection, caller.organization_id, found.group_id
            )
            if before:
                found = local_memberships.lock(unit.connection, caller.organization_id, id)
            if not found or not before:
                raise domain.membership_not_found()
            bearers = RoleBearers(unit, before, [Remove([found.user_id])])
            bearers.require_equal(caller)
            after = domain.touched(before, self._clock())
            unit.write(store.removing(before, found.user_id))
            store.update(unit, before, after)
            left = scim_group.members_change({found.user_id}, ())
            _note(unit, caller, Action.UPDATE, after, left)
            bearers.keep(after.updated_at)

        await self._database.write(change)

    async def membership(self, caller: Caller, id: GroupId, whom: UserId) -> GroupMembership | None:
        """That somebody is in a group; None if they are not."""
        caller.require(Permission.READ_GROUPS)
        return await self._database.read(
            lambda connection: store.membership(connection, _find(connection, caller, id), whom)
        )

    async def memberships(
        self, caller: Caller, id: GroupId, request: PageRequest, search: str = ""
    ) -> Page[GroupMembership]:
        """Who is in a group, in the order of their ids; `search` is part of the name or of the e-mail address."""
        caller.require(Permission.READ_GROUPS)
        storable(**{"filter.search": search})
        listing = f"memberships/{id}/{json.dumps(search)}"
        after = self._pages.after(listing, request)

        def query(connection: Connection) -> Sequence[GroupMembership]:
            group = _find(connection, caller, id)
            return store.memberships(connection, group, search, after, request.limit + 1)

        found = await self._database.read(query, long=bool(search))
        return self._pages.page_by(listing, request, found, lambda each: each.user_id.bytes)

    async def _page(
        self,
        listing: str,
        request: PageRequest,
        find: Callable[[Connection], Sequence[Group]],
        *,
        long: bool = False,
    ) -> Page[Sized]:
        """A page of what is found, with how many are in each; nobody else waits where these are very many."""

        def query(long: bool, connection: Connection) -> Page[Sized] | None:
            page = self._pages.page(listing, request, find(connection))
            if not long and store.many(connection, page.items):
                return None
            return Page(_sized(connection, page.items), page.next_token)

        found = await self._database.read(partial(query, long), long=long)
        if found is None:
            found = await self._database.read(partial(query, True), long=True)
        assert found is not None
        return found


def _find(connection: Connection, caller: Caller, id: GroupId) -> Group:
    found = store.find(connection, caller.organization_id, id)
    if found is None:
        raise domain.not_found()
    return found


def _lock(unit: UnitOfWork, caller: Caller, id: GroupId) -> LocalGroup:
    found = local_groups.lock(unit.connection, caller.organization_id, id)
    if found is None:
        raise domain.of_provider(_find(unit.connection, caller, id).configuration_id)
    return found


def _sized(connection: Connection, groups: Sequence[Group]) -> list[Sized]:
    sizes = store.sizes(connection, groups)
    return [Sized(group, sizes[group.id]) for group in groups]


def _note(
    unit: UnitOfWork,
    caller: Caller,
    action: Action,
    group: LocalGroup,
    changes: dict[str, FieldChange],
) -> None:
    saving.note(unit, caller, action, Subject.GROUP, group.id, group.updated_at, changes)


def _listing(id: OrganizationId, narrowed: GroupFilter) -> str:
    """Names a list and everything that narrows it."""
    ids = None if narrowed.ids is None else sorted(map(str, narrowed.ids))
    parts = [narrowed.search, ids, narrowed.provided, narrowed.without_roles]
    return f"groups/{id}/{json.dumps(parts)}"
