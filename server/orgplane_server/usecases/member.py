from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from ..domain import membership, organization, user
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.identifier import OrganizationId, UserId
from ..domain.instant import Clock
from ..domain.member import Count, Member, MemberFilter, MemberOrder, MemberSort
from ..domain.page import Page, PageRequest
from ..domain.revision import removed
from ..domain.role import Role
from ..domain.sign_out import SignOutReason
from ..domain.text import storable
from ..domain.user import User, UserChanges, UserStatus, name_key
from ..store import member as store
from ..store import membership as memberships
from ..store import role as roles
from ..store import scim_count, scim_user, session, tables
from ..store.engine.database import Database
from ..store.engine.unit_of_work import Overtaken, UnitOfWork
from ..store.user import users
from . import saving
from .administration import keep_an_administrator, keep_founded
from .deprovisioning import carry_out, leave_groups, lock_groups, lock_user
from .membership import keep, require_nobody_else_denies, sharing
from .paging import PageTokens

#: Where the first of an order stands: no member has this id, and no name comes before the empty one.
_BEFORE_ALL_OTHERS = UUID(int=0).bytes
_LEFT: UserChanges = {"status": UserStatus.LEFT}


class Members:
    """The members of the caller's organization: all see each other, administrators change them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        pages: PageTokens,
        *,
        unique_addresses: bool = False,
    ) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages
        self._unique = unique_addresses

    async def list(
        self,
        caller: Caller,
        organization_id: OrganizationId,
        request: PageRequest,
        narrowed: MemberFilter,
        order: MemberOrder | None,
        *,
        counted: bool = False,
    ) -> tuple[Page[Member], Count | None]:
        """A page of members and, if they are to be `counted`, how many the filter lets through.

        Without an order the caller comes first, then the others by name.
        """
        caller.require(Permission.READ_MEMBERS)
        if organization_id != caller.organization_id:
            raise organization.not_found()
        storable(**{"filter.search": narrowed.search, "filter.email": narrowed.email})
        if order is None:
            order = MemberOrder(
                MemberSort.NAME, first=None if caller.service_account else caller.user_id
            )
        listing = _listing(organization_id, narrowed, order)
        token = self._pages.position(listing, request)
        after = None if token is None else _position(order, token)
        found, count = await self._database.read(
            lambda connection: (
                store.page(connection, organization_id, narrowed, order, after, request.limit + 1),
                store.count(connection, organization_id, narrowed) if counted else None,
            ),
            long=narrowed.long,
        )
        return self._pages.page_by(listing, request, found, _place(order)), count

    async def set_role(
        self, caller: Caller, organization_id: OrganizationId, id: UserId, role: Role
    ) -> User:
        """The member in their role. Raises PermissionDenied if nobody could act any more."""
        caller.require(Permission.CHANGE_MEMBERS)
        if organization_id != caller.organization_id:
            raise organization.not_found()
        return await self._update(caller, id, {"role": role})

    async def set_suspended(self, caller: Caller, id: UserId, suspended: bool) -> User:
        """The member in the status that follows: an administrator denies that they are active, or none does.

        Raises PermissionDenied if nobody could act any more, and FailedPrecondition if an identity
        provider denies it, which no administrator can lift; nothing has changed then. Raises AlreadyExists
        if another active member has the address, where each is to be one person's.
        """
        caller.require(Permission.CHANGE_MEMBERS)

        def change(unit: UnitOfWork) -> User:
            connection, organization_id = unit.connection, caller.organization_id
            found = memberships.lock(connection, organization_id, [id])
            if not found:
                raise user.not_found()
            (before,) = found
            if before.member.status is UserStatus.LEFT:
                raise user.has_left()
            now = self._clock()
            if suspended:
                keep_founded(unit, caller, id, now)
                after = membership.suspended(before, now)
            else:
                after = membership.resumed(before, now)
                require_nobody_else_denies(connection, after)
                comes = self._unique and after.member.status is not before.member.status
                if others := sharing(connection, before, after, comes=comes):
                    raise membership.address_taken(others)
            changes = keep(unit, before, after, now)
            if changes:
                at = after.member.updated_at
                saving.note(unit, caller, Action.UPDATE, Subject.USER, id, at, changes)
                carry_out(unit, organization_id, now)
            return after.member

        return await self._database.write(change)

    async def leave(self, caller: Caller, id: UserId) -> None:
        """The caller, or another for an administrator, is no member any more, and has no tokens.

        What providers go on saying of them does not bring them back, unless one assigns them anew. Raises
        PermissionDenied if nobody could act any more.
        """
        caller.require(Permission.LEAVE if id == caller.id else Permission.CHANGE_MEMBERS)

        def change(unit: UnitOfWork) -> None:
            found = memberships.lock(unit.connection, caller.organization_id, [id])
            if not found:
                raise user.not_found()
            (before,) = found
            if before.member.status is UserStatus.LEFT:
                raise user.has_left()
            now = self._clock()
            keep_founded(unit, caller, id, now)
            keep(unit, before, membership.left(before, now), now)
            gone = removed(before.member)
            saving.note(unit, caller, Action.DELETE, Subject.USER, id, now, gone)
            carry_out(unit, caller.organization_id, now)

        await self._database.write(change)

    async def delete(self, caller: Caller, id: UserId) -> None:
        """Nothing but the trail knows of the user any more, identity providers included. Administrators only.

        A provider or an invite may make somebody new of the same person. Raises PermissionDenied if nobody
        could act any more.
        """
        caller.require(Permission.CHANGE_MEMBERS)

        def change(unit: UnitOfWork) -> None:
            now = self._clock()
            before = take_away(unit, caller, id, now)
            gone = removed(before)
            saving.note(unit, caller, Action.DELETE, Subject.USER, id, now, gone)
            carry_out(unit, caller.organization_id, now)

        await self._database.write(change)

    async def _update(self, caller: Caller, id: UserId, changes: UserChanges) -> User:
        def change(unit: UnitOfWork) -> User:
            before = user.present(users.lock(unit.connection, caller.organization_id, id))
            now = self._clock()
            after = user.changed(before, changes, now)
            keep_an_administrator(unit, before, after, now)
            saving.update(unit, caller, users, Subject.USER, before, after)
            if after is not before:
                carry_out(unit, caller.organization_id, now)
            return after

        return await self._database.write(change)


def take_away(unit: UnitOfWork, caller: Caller, id: UserId, now: datetime) -> User:
    """Deletes a member, and all that is theirs but what the trail and the logs tell; who it was.

    Raises NotFound, and PermissionDenied if nobody could act any more.
    """
    connection, organization_id = unit.connection, caller.organization_id
    if users.find(connection, organization_id, id) is None:
        raise user.not_found()
    linked = scim_user.configurations_of(connection, id)
    for configuration in linked:
        lock_groups(connection, configuration, id)
    before = users.lock(connection, organization_id, id)
    if before is None:
        raise user.not_found()
    if scim_user.configurations_of(connection, id) != linked:
        raise Overtaken
    keep_founded(unit, caller, id, now)
    keep_an_administrator(unit, before, user.changed(before, _LEFT, now), now)
    unit.write(roles.forgetting(organization_id, id))
    for configuration in linked:
        lock_user(connection, configuration, id)
        leave_groups(unit, configuration, id, now)
        scim_user.erase(unit, configuration, id)
        unit.write(scim_count.adding(configuration, "users", -1))
    session.end_of_member(unit, id, now, SignOutReason.MEMBER)
    unit.write(*tables.deleting_of(id))
    users.delete(unit.connection, organization_id, id)
    return before


def _listing(id: OrganizationId, narrowed: MemberFilter, order: MemberOrder) -> str:
    """Names a list and everything that narrows and orders it."""
    parts = [
        narrowed.search,
        narrowed.email,
        *(
            sorted(map(str, each))
            for each in (narrowed.statuses, narrowed.roles, narrowed.user_ids, narrowed.outside)
        ),
        narrowed.login_provider,
        order.by,
        order.descending,
        order.first and str(order.first),
    ]
    return f"members/{id}/{json.dumps(parts)}"


def _place(order: MemberOrder) -> Callable[[Member], bytes]:
    """How a page token spells where a member stands."""

    def place(item: Member) -> bytes:
        if item.user.id == order.first:
            return _BEFORE_ALL_OTHERS
        joined = item.user.created_at.isoformat()
        key = name_key(item.user.name) if order.by is MemberSort.NAME else joined
        return item.user.id.bytes + key.encode()

    return place


def _position(order: MemberOrder, place: bytes) -> store.Position:
    key = place[16:].decode()
    by_name = order.by is MemberSort.NAME
    return key if by_name else datetime.fromisoformat(key), UUID(bytes=place[:16])
