"""An invite that was mailed to an address: for whoever has that, once, and always as a plain member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import AlreadyExists
from .identifier import EmailInviteId, LetterId, OrganizationId
from .revision import SECRET, revised
from .user import User, UserStatus

LIFETIME = timedelta(days=7)
#: How long one is listed after it was made.
KEPT = timedelta(days=37)


class State(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class EmailInvite:
    """The secret is in the letter alone, and found by its `digest`; `address` is the folded `email`."""

    id: EmailInviteId
    organization_id: OrganizationId
    email: str
    address: str
    digest: bytes = field(repr=False, metadata=SECRET)
    letter_id: LetterId
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None

    def state(self, now: datetime) -> State:
        if self.accepted_at is not None:
            return State.ACCEPTED
        return State.PENDING if now < self.expires_at else State.EXPIRED

    def leads(self, address: str, now: datetime) -> bool:
        """Whether it works for whoever has a folded address."""
        return self.address == address and self.state(now) is State.PENDING


def accepted(invite: EmailInvite, now: datetime) -> EmailInvite:
    return revised(invite, {"accepted_at": now}, now)


def check_new(known: Sequence[User], email: str) -> None:
    """Raises AlreadyExists for the address of an active member."""
    if any(each.status is UserStatus.ACTIVE for each in known):
        raise AlreadyExists(f"email: {email} is the address of a member already")
