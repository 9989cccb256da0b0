"""A member's status as their identity provider sees it: `active` is true for active members only."""

from __future__ import annotations

from ..domain import scim_user
from ..domain.user import User, UserStatus
from ..store import scim_user as store
from ..store.unit_of_work import UnitOfWork


def reflect(unit: UnitOfWork, member: User) -> None:
    """What a member became through another door, a provisioned user shows as well.

    To be called in the transaction that changes the member's status, after it.
    """
    before = store.lock_member(unit.connection, member.organization_id, member.id)
    if before is not None:
        document = {**before.attributes, "active": member.status is UserStatus.ACTIVE}
        after = scim_user.changed(before, document, member.updated_at)
        if after is not before:
            store.update(unit.connection, before, after)
