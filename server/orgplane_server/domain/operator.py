"""Whoever runs the server: acts in any organization, from the server's own machine or as the server itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from .caller import Origin
from .errors import AlreadyExists, NotFound, PermissionDenied, Reason
from .identifier import OrganizationId, UserId
from .user import User, UserStatus

#: The option that lets in who is no active administrator, as the operator writes it.
_OPTION = "--make-administrator"
#: Members that a refusal names.
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Operator:
    organization_id: OrganizationId
    origin: Origin = field(default_factory=Origin)


def let_in(
    holders: Sequence[User],
    email: str,
    administrators: Collection[UserId],
    *,
    make_administrator: bool,
) -> User | None:
    """Of the members with an address, who have not left, the one who is to act; None for somebody new.

    That is the one of the active `administrators`; to `make_administrator`, else the active member, else the suspended
    one. Raises AlreadyExists where there are several, and NotFound or PermissionDenied for one who
    would have to be made an administrator.
    """
    for kind in (
        [holder for holder in holders if holder.id in administrators],
        [holder for holder in holders if holder.status is UserStatus.ACTIVE],
        holders,
    ):
        if len(kind) > 1 and (make_administrator or kind[0].id in administrators):
            raise _several(kind, email)
        if kind and (make_administrator or kind[0].id in administrators):
            return kind[0]
    if make_administrator:
        return None
    if not holders:
        raise NotFound(
            f"email: no member of the organization has the address {email}; {_OPTION} makes one",
            reason=Reason.USER_NOT_FOUND,
        )
    suspended = all(holder.status is UserStatus.SUSPENDED for holder in holders)
    raise PermissionDenied(
        f"email: {email} is {'suspended' if suspended else 'no administrator'}; {_OPTION} makes them an "
        "active one"
    )


def _several(holders: Sequence[User], email: str) -> AlreadyExists:
    ids = ", ".join(str(holder.id) for holder in holders[:_MOST_NAMED])
    if len(holders) > _MOST_NAMED:
        ids += f" and {len(holders) - _MOST_NAMED} more"
    return AlreadyExists(
        f"email: several members of the organization have the address {email}: {ids}; give another address, "
        f"with {_OPTION} also one that nobody has"
    )
