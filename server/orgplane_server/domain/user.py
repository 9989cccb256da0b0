"""A user is a member of exactly one organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .errors import InvalidArgument, NotFound, PermissionDenied, Reason, Violation
from .identifier import OrganizationId, UserId
from .text import storable


class Role(StrEnum):
    ADMIN = "admin"
    MEMBER = "member"


class UserStatus(StrEnum):
    """Active; suspended (kept, but no token works); or left (no longer a member)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class User:
    id: UserId
    organization_id: OrganizationId
    name: str
    email: str
    role: Role
    status: UserStatus
    created_at: datetime
    updated_at: datetime
    avatar_url: str = ""


def is_email(text: str) -> bool:
    """Whether the text looks like an address: one @ with something on each side, no white space."""
    local, at, domain = text.partition("@")
    return bool(local and at and domain) and "@" not in domain and not any(map(str.isspace, text))


def check_email(field: str, email: str) -> None:
    """Raises InvalidArgument unless `email` looks like an address: one @ with something on each side."""
    if not is_email(email):
        raise InvalidArgument(Violation(field, "must be an e-mail address", "string.email"))
    storable(**{field: email})


def administers(user: User) -> bool:
    return user.role is Role.ADMIN and user.status is UserStatus.ACTIVE


def last_administrator() -> PermissionDenied:
    return PermissionDenied(
        "this is the organization's last active administrator, who can be neither deactivated nor "
        "removed; make somebody else an administrator first",
        reason=Reason.LAST_ADMINISTRATOR,
    )


def not_found() -> NotFound:
    return NotFound("user not found", reason=Reason.USER_NOT_FOUND)
