"""A user is a member of exactly one organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .errors import InvalidArgument, NotFound, Reason, Violation
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


def check_email(field: str, email: str) -> None:
    """Raises InvalidArgument unless `email` looks like an address: one @ with something on each side."""
    local, at, domain = email.partition("@")
    if not local or not at or not domain or "@" in domain or any(c.isspace() for c in email):
        raise InvalidArgument(Violation(field, "must be an e-mail address", "string.email"))
    storable(**{field: email})


def not_found() -> NotFound:
    return NotFound("user not found", reason=Reason.USER_NOT_FOUND)
