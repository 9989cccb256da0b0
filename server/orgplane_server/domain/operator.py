"""Whoever runs the server: acts in any organization, from the server's own machine or as the server itself; with a token, on organizations from outside."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from .caller import Origin
from .errors import AlreadyExists, InvalidArgument, NotFound, PermissionDenied, Reason, Violation
from .identifier import OperatorTokenId, OrganizationId, UserId
from .revision import SECRET
from .text import controls
from .user import User, UserStatus

#: The option that lets in who is no active administrator, as the operator writes it.
_OPTION = "--make-administrator"
#: Members that a refusal names.
_MOST_NAMED = 20
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs the server, at something of an organization; `token_id` is of the token they came with, None on the machine."""

    organization_id: OrganizationId
    origin: Origin = field(default_factory=Origin)
    token_id: OperatorTokenId | None = None


@dataclass(frozen=True, slots=True)
class OperatorToken:
    """Lets a program act on organizations until it is revoked, and never inside of one; `last_used_at` is exact to a minute.

    `created_by` and `revoked_by` say who it was on the machine; empty where that is not known, or not so.
    """

    id: OperatorTokenId
    name: str
    read_only: bool
    digest: bytes = field(repr=False, metadata=SECRET)
    hint: str
    created_at: datetime
    last_used_at: datetime | None = None
    created_by: str = ""
    revoked_at: datetime | None = None
    revoked_by: str = ""

    def revoked(self, by: str, now: datetime) -> OperatorToken:
        """It works no more, on a server of before either: nothing is left of its digest."""
        never = self.id.bytes * 2
        return replace(self, digest=never, revoked_at=now, revoked_by=by)


@dataclass(frozen=True, slots=True)
class OperatorCaller:
    """Whoever has shown an operator token, as the database knew it when the call began."""

    token: OperatorToken
    origin: Origin = field(default_factory=Origin)

    def require_change(self) -> None:
        """Raises PermissionDenied for a read-only token."""
        if self.token.read_only:
            raise PermissionDenied(
                "a read-only operator token may not change organizations",
                reason=Reason.TOKEN_READ_ONLY,
            )

    def at(self, organization: OrganizationId) -> Operator:
        """Who an event of the organization is by."""
        return Operator(organization, self.origin, self.token.id)


def check_token_name(name: str) -> None:
    """Raises InvalidArgument, in the words of the option."""
    if not 0 < len(name.strip()) <= _LONGEST_NAME or controls(name):
        must = f"must be a line of 1 to {_LONGEST_NAME} characters"
        raise InvalidArgument(Violation("name", must, "name"))


def no_such_token() -> NotFound:
    return NotFound("there is no such token; list-operator-tokens tells those that there are")


def operator_needed() -> PermissionDenied:
    """For a member, a service account or an application at what is the operator's."""
    return PermissionDenied(
        "only whoever runs the server may do this: call with an operator token (orgplane-server create-operator-token)",
        reason=Reason.OPERATOR_NEEDED,
    )


def outside() -> PermissionDenied:
    """For an operator token at what is done inside an organization."""
    return PermissionDenied(
        "an operator token acts on organizations (orgplane.v1.OperatorService), and never inside of one: call with a token of a "
        "member or of a service account",
        reason=Reason.OPERATOR_OUTSIDE,
    )


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
