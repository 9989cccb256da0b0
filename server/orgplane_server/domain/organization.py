"""An organization: the tenant that everything else belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from .errors import InvalidArgument, NotFound, Reason, Violation
from .identifier import OrganizationId
from .revision import revised
from .text import storable


@dataclass(frozen=True, slots=True)
class Organization:
    id: OrganizationId
    name: str
    invite_domains: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


class OrganizationChanges(TypedDict, total=False):
    """What to change; an absent key leaves its field as it is."""

    name: str
    invite_domains: tuple[str, ...]


def check_name(name: str) -> None:
    """Raises InvalidArgument unless `name` can name an organization."""
    if not name.strip():
        raise InvalidArgument(Violation("name", "must not be empty", "string.min_len"))
    storable(name=name)


def changed(
    organization: Organization, changes: OrganizationChanges, now: datetime
) -> Organization:
    """The organization after `changes`; itself when nothing differs."""
    if "name" in changes:
        check_name(changes["name"])
    return revised(organization, changes, now)


def not_found() -> NotFound:
    return NotFound("organization not found", reason=Reason.ORGANIZATION_NOT_FOUND)
