"""A letter that the server owes somebody: written with the change that it is about, delivered after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import FailedPrecondition, InvalidArgument, Reason, ResourceExhausted, Violation
from .identifier import LetterId, OrganizationId
from .revision import SECRET, revised
from .text import folded

#: How long after the first attempt that failed the next comes; each further one after twice as long, up to the longest.
_FIRST_DELAY = timedelta(seconds=15)
_LONGEST_DELAY = timedelta(hours=1)
#: Letters that are written for an organization, and to an address whoever writes; at most.
MOST_OF_ORGANIZATION = 200
MOST_TO_ADDRESS = 20
OF_ORGANIZATION_WITHIN = timedelta(hours=1)
TO_ADDRESS_WITHIN = timedelta(days=1)
#: How long a letter is remembered, without what it said.
KEPT = timedelta(days=30)


class LetterKind(StrEnum):
    """What a letter is for."""

    ADDRESS_CODE = "address_code"
    INVITE = "invite"


class Delivery(StrEnum):
    """On its way; taken by the mail server; refused by it for good; or not tried any more."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Letter:
    """`sealed` is what it says, for as long as it is queued, and `attempt_at` when it is tried next.

    `reason` is what went wrong last, as the mail server put it. `not_after` is when it is of no more use.
    """

    id: LetterId
    organization_id: OrganizationId
    kind: LetterKind
    recipient: str
    sealed: bytes | None = field(repr=False, metadata=SECRET)
    delivery: Delivery
    reason: str
    attempts: int
    attempt_at: datetime | None
    not_after: datetime
    created_at: datetime
    updated_at: datetime


def new(
    id: LetterId,
    organization_id: OrganizationId,
    kind: LetterKind,
    recipient: str,
    sealed: bytes,
    not_after: datetime,
    now: datetime,
) -> Letter:
    return Letter(
        id=id,
        organization_id=organization_id,
        kind=kind,
        recipient=recipient,
        sealed=sealed,
        delivery=Delivery.QUEUED,
        reason="",
        attempts=0,
        attempt_at=now,
        not_after=not_after,
        created_at=now,
        updated_at=now,
    )


def recipient_key(recipient: str) -> str:
    """What letters to an address are counted by: a letter case, or a +tag, makes it no other."""
    local, _, domain = folded(recipient).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def leased(letter: Letter, until: datetime) -> Letter:
    """While somebody tries to deliver it; who takes longer than that has failed."""
    return revised(
        letter, {"attempt_at": until, "attempts": letter.attempts + 1}, letter.updated_at
    )


def sent(letter: Letter, now: datetime) -> Letter:
    return _ended(letter, Delivery.SENT, "", now)


def refused(letter: Letter, reason: str, now: datetime) -> Letter:
    return _ended(letter, Delivery.REFUSED, reason, now)


def delayed(letter: Letter, reason: str, now: datetime) -> Letter:
    """After an attempt that failed: tried again, or given up if that would be too late."""
    delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(letter.attempts - 1, 20))
    if now + delay >= letter.not_after:
        return _ended(letter, Delivery.GIVEN_UP, reason, now)
    return revised(letter, {"reason": reason, "attempt_at": now + delay}, now)


def expired(letter: Letter, now: datetime) -> Letter:
    """One that nobody could try to deliver while it was of use."""
    return _ended(letter, Delivery.GIVEN_UP, letter.reason or "nobody delivered it in time", now)


def withdrawn(letter: Letter, now: datetime) -> Letter:
    """One that is of no more use before it could be delivered."""
    return _ended(letter, Delivery.GIVEN_UP, "what it was about has ended", now)


def _ended(letter: Letter, delivery: Delivery, reason: str, now: datetime) -> Letter:
    ended = {"delivery": delivery, "reason": reason, "attempt_at": None, "sealed": None}
    return revised(letter, ended, now)


def check_limits(of_organization: int, to_address: int) -> None:
    """Raises ResourceExhausted if as many were written lately as may."""
    if of_organization >= MOST_OF_ORGANIZATION:
        raise _too_many(f"{MOST_OF_ORGANIZATION} letters were written for the organization", "hour")
    if to_address >= MOST_TO_ADDRESS:
        raise _too_many(f"{MOST_TO_ADDRESS} letters were written to the address", "day")


def _too_many(what: str, within: str) -> ResourceExhausted:
    return ResourceExhausted(
        f"{what} within the last {within}, and no more are; try again later",
        reason=Reason.RATE_LIMITED,
        retry_after=600,
    )


def no_mail() -> FailedPrecondition:
    return FailedPrecondition(
        "the server sends no mail: its operator sets --smtp-url and --mail-from",
        reason=Reason.MAIL_NOT_CONFIGURED,
    )


def malformed(field: str, wrong: str) -> InvalidArgument:
    return InvalidArgument(Violation(field, wrong, f"{field}.address"))
