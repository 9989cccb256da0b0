"""An organization's invite: a secret, by which whoever knows it may join with an address that they prove."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from .errors import NotFound, Reason
from .identifier import OrganizationId
from .revision import SECRET


@dataclass(frozen=True, slots=True)
class OrganizationInvite:
    """The one of an organization, whose `id` it has. The secret is found by its `digest`, and `sealed` to be shown."""

    id: OrganizationId
    digest: bytes = field(repr=False, metadata=SECRET)
    sealed: bytes = field(repr=False, metadata=SECRET)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class InviteSummary:
    """Where an invite leads."""

    organization_id: OrganizationId
    organization_name: str
    member_count: int


def digest(secret: UUID) -> bytes:
    """What an invite is found by: it has 122 random bits, so nobody finds it by its digest."""
    return hashlib.sha256(secret.bytes).digest()


def not_found() -> NotFound:
    """The same for one that never was, is not any more, or is another organization's."""
    return NotFound("invite not found", reason=Reason.INVITE_NOT_FOUND)
