"""What a provider wants of an administrator while nobody else can act: refused, kept, and done later by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime

from ..domain import membership, scim_user
from ..domain.audit import Action, Subject
from ..domain.errors import PermissionDenied
from ..domain.identifier import OrganizationId, ScimConfigurationId, UserId
from ..domain.membership import Membership
from ..domain.provisioner import Provisioner
from ..domain.revision import FieldChange, removed
from ..domain.scim_user import ScimUser, Wish
from ..domain.user import User, UserStatus
from ..store import membership as memberships
from ..store import scim_configuration, scim_count, scim_group, scim_membership
from ..store import scim_user as store
from ..store.administration import take_turn
from ..store.engine.database import Connection
from ..store.engine.unit_of_work import Overtaken, UnitOfWork
from ..store.scim_user import scim_users
from . import saving
from .administration import keep_an_administrator
from .membership import keep

#: How the audit trail calls a wish.
_WISH = "pending_deprovisioning"


def lock_groups(connection: Connection, configuration: ScimConfigurationId, id: UserId) -> None:
    """The groups that a user is in; before the user, as whoever changes a group's members does it."""
    groups = scim_membership.groups_with(connection, configuration, id)
    scim_group.lock(connection, configuration, groups)


def lock_user(connection: Connection, configuration: ScimConfigurationId, id: UserId) -> None:
    """After the member: whoever puts somebody into a group holds the user, not the member."""
    scim_users.lock(connection, configuration, id)


def remove(
    unit: UnitOfWork, provisioner: Provisioner, known: Membership, user: ScimUser, now: datetime
) -> None:
    """The user of a configuration is gone, and the member has left unless another one knows them.

    Groups, member and user are locked. Raises PermissionDenied, and has written nothing, if nobody could act any more.
    """
    configuration, id = provisioner.id, user.id
    left = membership.withdrawn(known, configuration, now)
    keep_an_administrator(unit, known.member, left.member, now)
    leave_groups(unit, configuration, id, now)
    changes, gone = keep(unit, known, left, now), scim_user.differences(user, None)
    if left.links or known.member.status is UserStatus.LEFT:
        unlinked = {"scimConfigurationId": FieldChange(str(configuration), None)}
        changes = {**unlinked, **changes, **gone}
        saving.note(unit, provisioner, Action.UPDATE, Subject.USER, id, now, changes)
    else:
        changes = {**removed(known.member), **gone}
        saving.note(unit, provisioner, Action.DELETE, Subject.USER, id, now, changes)
    unit.write(scim_count.adding(configuration, "users", -1))


def leave_groups(
    unit: UnitOfWork, configuration: ScimConfigurationId, id: UserId, now: datetime
) -> None:
    """The user of a configuration, locked with their groups, is in none any more."""
    groups = scim_membership.groups_with(unit.connection, configuration, id)
    # Also rosters that are being written for a group.
    scim_membership.leave(unit.connection, configuration, id)
    if groups:
        scim_group.touch(unit, configuration, groups, now)


def wish_for(
    unit: UnitOfWork, provisioner: Provisioner, user: ScimUser, wish: Wish, now: datetime
) -> bool:
    """Keeps what a provider was refused, with the member locked; whether it is new."""
    if user.wish is wish:
        return False
    store.update(unit, user, scim_user.wishing(user, wish, now))
    changes = told_of_wish(user, wish)
    saving.note(unit, provisioner, Action.UPDATE, Subject.USER, user.id, now, changes)
    return True


def told_of_wish(before: ScimUser, wish: Wish | None) -> dict[str, FieldChange]:
    """How the audit trail tells that a wish is another one than before."""
    return {} if before.wish is wish else {_WISH: FieldChange(before.wish, wish)}


def carry_out(
    unit: UnitOfWork,
    organization: OrganizationId,
    now: datetime,
    wishes: Callable[[Connection, OrganizationId], Sequence[ScimUser]] = store.wished,
) -> list[User]:
    """Does what providers wanted and were refused, as far as it would not be refused now; to whom.

    To be called at the end of every change after which others may be able to act than before, or a
    provider may change something again: while its configuration is disabled or unlinked, its wish waits.
    Whoever refuses takes the same turn: a wish is seen either here, or was not refused. `wishes` finds other
    ones than all that a breaker has not paused.
    """
    wished = wishes(unit.connection, organization)
    provisioners = _hold(unit.connection, organization, wished)
    take_turn(unit.connection, organization)
    held = {(user.configuration_id, user.id) for user in wished}
    done: list[User] = []
    for user in wishes(unit.connection, organization):
        if (user.configuration_id, user.id) not in held:
            raise Overtaken  # it is too late to lock this one
        provisioner = provisioners[user.configuration_id]
        if not provisioner.may_change:
            continue
        (known,) = memberships.find(unit.connection, organization, [user.id])
        with contextlib.suppress(PermissionDenied):  # still nobody else
            _carry_out(unit, provisioner, known, user, now)
            done.append(known.member)
    return done


def _hold(
    connection: Connection, organization: OrganizationId, wished: Sequence[ScimUser]
) -> dict[ScimConfigurationId, Provisioner]:
    """Locks what wishes are about, in the order in which everybody does."""
    if not wished:
        return {}
    found = scim_configuration.hold(
        connection, organization, {user.configuration_id for user in wished}
    )
    for user in wished:
        lock_groups(connection, user.configuration_id, user.id)
    memberships.lock(connection, organization, {user.id for user in wished})
    for user in wished:
        lock_user(connection, user.configuration_id, user.id)
    return {each.id: Provisioner(each) for each in found}


def _carry_out(
    unit: UnitOfWork, provisioner: Provisioner, known: Membership, user: ScimUser, now: datetime
) -> None:
    if user.wish is Wish.DELETE:
        remove(unit, provisioner, known, user, now)
        return
    after = scim_user.changed(user, {**user.attributes, "active": False}, now)
    changes = {
        **keep(unit, known, membership.told(known, after, now), now),
        **scim_user.differences(user, after),
        **told_of_wish(user, None),
    }
    saving.note(unit, provisioner, Action.UPDATE, Subject.USER, user.id, now, changes)
