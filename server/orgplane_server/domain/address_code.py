"""A code that is mailed to an address: whoever enters it has the address."""

from __future__ import annotations

import dataclasses
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from .errors import FailedPrecondition, Reason, ResourceExhausted
from .identifier import AddressCodeId
from .revision import SECRET

DIGITS = 8
#: How long a code is taken, and how often somebody may be wrong.
LIFETIME = timedelta(minutes=10)
GUESSES = 5
#: How long the proof holds that it gives.
PROOF_LIFETIME = timedelta(minutes=10)
#: So many are mailed to an address, whoever asks for them, within so long.
MOST_MAILS = 5
MAILS_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AddressCode:
    """`bound_to` is whom or what the code is for: the member whose address it proves, or the organization to join.

    `address` is folded (`user.email_key`). With `taken_at` the code was entered.
    """

    id: AddressCodeId
    bound_to: UUID
    address: str
    digest: bytes = field(repr=False, metadata=SECRET)
    guesses: int
    sent_at: datetime
    taken_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        return self.sent_at + LIFETIME

    @property
    def proves_until(self) -> datetime | None:
        """How long the address is proven; None before the code is entered."""
        return None if self.taken_at is None else self.taken_at + PROOF_LIFETIME


def entered(code: AddressCode, digest: bytes, now: datetime) -> AddressCode:
    """The code after a guess: taken if that was right, and if it still could be."""
    if code.taken_at is not None or code.guesses >= GUESSES or now >= code.expires_at:
        return code
    right = hmac.compare_digest(code.digest, digest)
    return dataclasses.replace(code, guesses=code.guesses + 1, taken_at=now if right else None)


def not_valid() -> FailedPrecondition:
    """The same whether it is wrong, too old, used, or guessed at too often."""
    return FailedPrecondition(
        "code: is not the one that was mailed, or works no more; ask for a new one",
        reason=Reason.CODE_NOT_VALID,
    )


def too_many(seconds: int) -> ResourceExhausted:
    return ResourceExhausted(
        f"{MOST_MAILS} codes were mailed to the address within an hour; try again in {seconds} s",
        reason=Reason.RATE_LIMITED,
        retry_after=seconds,
    )
