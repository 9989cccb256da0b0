"""A user is a member of exactly one organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from .errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
    Unauthenticated,
    Violation,
)
from .identifier import OrganizationId, UserId
from .revision import revised
from .role import Role
from .text import folded, storable

#: The longest e-mail address (RFC 5321, section 4.5.3.1), in characters; the contract has it too.
MAX_EMAIL = 320
#: How much of a name orders and finds it.
_MAX_NAME_KEY = 256
#: An index entry has to fit on a page.
_MAX_EMAIL_KEY = 512


class UserStatus(StrEnum):
    """Active; suspended (kept, but no token works); or left (no longer a member)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class User:
    """`role` is their own, `ADMIN` or `MEMBER`. `suspended_by_administrator_at` is since when an administrator denies that they are active, if one does."""

    id: UserId
    organization_id: OrganizationId
    name: str
    email: str
    role: Role
    status: UserStatus
    created_at: datetime
    updated_at: datetime
    avatar_url: str = ""
    suspended_by_administrator_at: datetime | None = None


class UserChanges(TypedDict, total=False):
    """What to change; an absent key leaves its field as it is."""

    name: str
    email: str
    role: Role
    status: UserStatus
    avatar_url: str


def new_administrator(
    id: UserId, organization_id: OrganizationId, email: str, now: datetime, name: str = ""
) -> User:
    """An active administrator; called by what stands before the @ if they have no `name`."""
    return User(
        id=id,
        organization_id=organization_id,
        name=name or email.partition("@")[0],
        email=email,
        role=Role.ADMIN,
        status=UserStatus.ACTIVE,
        created_at=now,
        updated_at=now,
    )


def new_member(
    id: UserId, organization_id: OrganizationId, email: str, now: datetime, name: str
) -> User:
    """An active member without the administrator's role."""
    return User(
        id=id,
        organization_id=organization_id,
        name=name,
        email=email,
        role=Role.MEMBER,
        status=UserStatus.ACTIVE,
        created_at=now,
        updated_at=now,
    )


def changed(user: User, changes: UserChanges, now: datetime) -> User:
    """The user after `changes`; itself, `updated_at` included, when nothing differs."""
    return revised(user, changes, now)


def name_key(name: str) -> str:
    """What users are ordered and searched by; never the whole of a very long name."""
    return folded(name)[:_MAX_NAME_KEY]


def email_key(email: str) -> str:
    """What an e-mail address is found by, in whatever case it is asked for."""
    return folded(email)[:_MAX_EMAIL_KEY]


def is_email(text: str) -> bool:
    """Whether the text looks like an address: one @ with something on each side, no white space."""
    local, at, domain = text.partition("@")
    return bool(local and at and domain) and "@" not in domain and not any(map(str.isspace, text))


def check_email(field: str, email: str) -> None:
    """Raises InvalidArgument unless `email` looks like an address: one @ with something on each side.

    And no longer than `MAX_EMAIL`.
    """
    if not is_email(email):
        raise InvalidArgument(Violation(field, "must be an e-mail address", "string.email"))
    if len(email) > MAX_EMAIL:
        raise InvalidArgument(
            Violation(field, f"must be at most {MAX_EMAIL} characters", "string.max_len")
        )
    storable(**{field: email})


def cannot_act() -> Unauthenticated:
    """For whoever bears a token of somebody who is not active, or is there no more."""
    return Unauthenticated(
        "the token's user is suspended, or has left the organization",
        reason=Reason.USER_SUSPENDED,
    )


def present(found: User | None) -> User:
    """The member who was looked for. Raises NotFound, and FailedPrecondition for who has left."""
    if found is None:
        raise not_found()
    if found.status is UserStatus.LEFT:
        raise has_left()
    return found


def has_left() -> FailedPrecondition:
    """Refuses to change somebody who is no member any more."""
    return FailedPrecondition("the user has left the organization", reason=Reason.USER_LEFT)


def not_found() -> NotFound:
    return NotFound("user not found", reason=Reason.USER_NOT_FOUND)
