from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ..domain import organization as organizations
from ..domain import role, scim_group, service_account, user
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.group import LocalGroup
from ..domain.identifier import (
    OrganizationId,
    RoleAssignmentId,
    ScimConfigurationId,
    ScimGroupId,
    ServiceAccountId,
    UserId,
)
from ..domain.instant import Clock
from ..domain.page import Page, PageRequest
from ..domain.revision import FieldChange
from ..domain.role import Principal, PrincipalKind, Role, RoleAssignment, Told
from ..domain.scim_group import Rename, ScimGroup, Step
from ..domain.service_account import ServiceAccount
from ..domain.user import User
from ..store import role as store
from ..store import scim_configuration
from ..store import scim_group as scim_groups
from ..store.administration import administrators
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.group import local_groups
from ..store.role import role_assignments
from ..store.service_account import service_accounts
from ..store.user import users
from . import saving
from .administration import keep_role_bearers
from .deprovisioning import carry_out
from .minting import new_id
from .paging import PageTokens


@dataclass(frozen=True, slots=True)
class AssignmentFilter:
    """What assignments must meet, all of it; an empty `to`, or `roles`, or None, lets all through.

    They are to principals of these `kinds`. `to` are principals; `effective_for` is somebody who has the role by the assignment, be it by a group.
    """

    kinds: frozenset[PrincipalKind] = frozenset(PrincipalKind)
    to: frozenset[UUID] = frozenset()
    effective_for: UUID | None = None
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Effective:
    """The roles of a member: their own, and the assignments that give them others."""

    member: User
    because: Sequence[Told]

    @property
    def roles(self) -> frozenset[Role]:
        return role.effective(
            self.member.role, frozenset(told.assignment.role for told in self.because)
        )


class Roles:
    """Roles on the caller's organization, by assignment: all see them, and who has them gives them."""

    def __init__(self, database: Database, clock: Clock, pages: PageTokens) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages

    async def assign(
        self,
        caller: Caller,
        principal: Principal,
        wanted: Role,
        organization_id: OrganizationId | None = None,
    ) -> Told:
        """In force when it returns, on every process, for all who are in a group.

        Raises PermissionDenied unless the caller may do all that the role permits, NotFound for an organization that is
        not theirs, or a principal that is not there, AlreadyExists if it has the role by another assignment, and ResourceExhausted for one too many.
        """
        caller.require(Permission.ASSIGN_ROLES)
        caller.require_equal_to([wanted])
        if organization_id not in (None, caller.organization_id):
            raise organizations.not_found()

        def change(unit: UnitOfWork) -> Told:
            organization = caller.organization_id
            store.take_turn(unit.connection, organization)
            name = _hold(unit.connection, organization, principal)
            there = store.all_of(unit.connection, organization)
            if any(each.principal == principal and each.role is wanted for each in there):
                raise role.already_assigned()
            if len(there) >= role.MAX_ASSIGNMENTS:
                raise role.too_many()
            now = self._clock()
            new = RoleAssignment(
                RoleAssignmentId(new_id()), organization, principal.kind, principal.id, wanted, now
            )
            unit.write(role_assignments.inserting(new))
            saving.note(
                unit, caller, Action.CREATE, Subject.ROLE_ASSIGNMENT, new.id, now, _told(None, new)
            )
            if wanted is Role.ADMIN:
                carry_out(unit, organization, now)
            return Told(new, name)

        return await self._database.write(change)

    async def revoke(
        self, caller: Caller, id: RoleAssignmentId, of: PrincipalKind | None = None
    ) -> None:
        """Raises PermissionDenied as `assign`, and if nobody could act for the organization any more.

        Raises NotFound for one that is not there, or not `of` such a principal.
        """
        caller.require(Permission.ASSIGN_ROLES)

        def change(unit: UnitOfWork) -> None:
            organization = caller.organization_id
            store.take_turn(unit.connection, organization)
            old = role_assignments.lock(unit.connection, organization, id)
            if old is None or of not in (None, old.principal_kind):
                raise role.not_found()
            caller.require_equal_to([old.role])
            now = self._clock()
            could = (
                administrators(unit.connection, organization) if old.role is Role.ADMIN else None
            )
            _revoke(unit, caller, [old], now)
            if could is not None:
                keep_role_bearers(unit, organization, could, now)

        await self._database.write(change)

    async def list(
        self, caller: Caller, request: PageRequest, narrowed: AssignmentFilter
    ) -> Page[Told]:
        """The organization's assignments, oldest first."""
        caller.require(Permission.READ_ROLES)
        parts = [
            sorted(narrowed.kinds),
            sorted(map(str, narrowed.to)),
            str(narrowed.effective_for),
            sorted(narrowed.roles),
        ]
        listing = f"role_assignments/{caller.organization_id}/{json.dumps(parts)}"
        after = self._pages.after(listing, request)

        def query(connection: Connection) -> list[Told]:
            organization = caller.organization_id
            there = (
                store.all_of(connection, organization)
                if narrowed.effective_for is None
                else store.because_of(connection, organization, narrowed.effective_for)
            )
            found = [
                each
                for each in there
                if each.id > after
                and each.principal_kind in narrowed.kinds
                and (not narrowed.to or each.principal_id in narrowed.to)
                and (not narrowed.roles or each.role in narrowed.roles)
            ]
            return named(connection, organization, found[: request.limit + 1])

        found = await self._database.read(query)
        return self._pages.page_by(listing, request, found, lambda told: told.assignment.id.bytes)

    async def of(self, caller: Caller, id: UserId) -> Effective:
        """What roles a member has, and why."""
        caller.require(Permission.READ_ROLES)
        return await self._database.read(
            lambda connection: effective_of(connection, caller.organization_id, id)
        )


class RoleBearers:
    """Who has roles by being in a group, for whoever changes it; to be made before that, with the group locked."""

    def __init__(
        self, unit: UnitOfWork, group: ScimGroup | LocalGroup, steps: Sequence[Step]
    ) -> None:
        self._unit = unit
        self._organization = group.organization_id
        moves = any(not isinstance(step, Rename) for step in steps)
        leave = any(map(scim_group.may_take_out, steps))
        self._assigned = (
            store.assigned_to(unit.connection, group.organization_id, group.id) if moves else []
        )
        self._administer = any(each.role is Role.ADMIN for each in self._assigned)
        self._could = (
            administrators(unit.connection, group.organization_id)
            if self._administer and leave
            else None
        )

    def require_equal(self, caller: Caller) -> None:
        """Raises PermissionDenied unless the caller may do all that the group's roles permit: nobody grants what they do not have."""
        caller.require_equal_to({each.role for each in self._assigned})

    def revoke(self, actor: saving.Actor, now: datetime) -> None:
        """With the group goes what it gave."""
        _revoke(self._unit, actor, self._assigned, now)

    def keep(self, now: datetime) -> None:
        """Raises PermissionDenied if nobody could act any more; to be called last."""
        if self._could is not None:
            keep_role_bearers(self._unit, self._organization, self._could, now)
        if self._administer:
            carry_out(self._unit, self._organization, now)


def revoke_of(unit: UnitOfWork, caller: Caller, account: ServiceAccount, now: datetime) -> None:
    """With a service account, locked before, goes what was assigned to it."""
    old = store.assigned_to(unit.connection, account.organization_id, account.id)
    _revoke(unit, caller, old, now)


def revoke_of_configuration(
    unit: UnitOfWork, caller: Caller, configuration: ScimConfigurationId, now: datetime
) -> set[Role]:
    """Nobody has a role by a group of the configuration any more; the roles that its groups had."""
    old = store.of_configuration(unit.connection, caller.organization_id, configuration)
    _revoke(unit, caller, old, now)
    return {each.role for each in old}


def effective_of(connection: Connection, organization: OrganizationId, id: UserId) -> Effective:
    """Raises NotFound for who is no user of the organization."""
    member = users.find(connection, organization, id)
    if member is None:
        raise user.not_found()
    return Effective(
        member, named(connection, organization, store.because_of(connection, organization, id))
    )


def _revoke(
    unit: UnitOfWork, actor: saving.Actor, old: Collection[RoleAssignment], now: datetime
) -> None:
    for each in old:
        role_assignments.delete(unit.connection, each.organization_id, each.id)
        saving.note(
            unit, actor, Action.DELETE, Subject.ROLE_ASSIGNMENT, each.id, now, _told(each, None)
        )


def _told(before: RoleAssignment | None, after: RoleAssignment | None) -> Mapping[str, FieldChange]:
    """How the audit trail tells of an assignment that comes or goes."""
    return {
        name: FieldChange(getattr(before, name, None), getattr(after, name, None))
        for name in ("principal_kind", "principal_id", "role")
    }


def _hold(connection: Connection, organization: OrganizationId, principal: Principal) -> str:
    """What a principal is called, who stays there until this transaction ends."""
    match principal.kind:
        case PrincipalKind.USER:
            return user.present(users.hold(connection, organization, UserId(principal.id))).name
        case PrincipalKind.GROUP:
            return _hold_group(connection, organization, ScimGroupId(principal.id))
        case PrincipalKind.SERVICE_ACCOUNT:
            account = service_accounts.hold(
                connection, organization, ServiceAccountId(principal.id)
            )
            if account is None:
                raise service_account.not_found()
            return account.name


def _hold_group(connection: Connection, organization: OrganizationId, id: ScimGroupId) -> str:
    local = local_groups.hold(connection, organization, id)
    if local is not None:
        return local.name
    found = scim_groups.of_organization(connection, organization, id)
    if found is None:
        raise scim_group.not_found()
    # Before the group, as its provider does it; a configuration that is deleted takes all roles of its groups.
    if not scim_configuration.hold(connection, organization, [found.configuration_id]):
        raise scim_group.not_found()
    held = scim_groups.scim_groups.hold(connection, found.configuration_id, id)
    if held is None:
        raise scim_group.not_found()
    return held.display_name


def named(
    connection: Connection, organization: OrganizationId, found: Sequence[RoleAssignment]
) -> list[Told]:
    """With what their principals are called."""
    names = store.names(connection, organization, found)
    return [Told(each, names.get(each.principal_id, "")) for each in found]
