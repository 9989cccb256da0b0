"""A domain that an organization claims, and proves by a record in the domain's DNS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
    ResourceExhausted,
    Unavailable,
    Violation,
)
from .identifier import DomainVerificationId, OrganizationId
from .revision import FieldChange, revised

#: The label below a domain where the record belongs.
LABEL = "_orgplane-challenge"
#: Random bytes of a challenge.
ENTROPY_BYTES = 20
#: Claims of an organization, proven or not; each proven one is looked up every day.
MOST = 1_000
#: Look-ups that an organization may ask for at a time, of each process.
AT_ONCE = 4
#: How often the record of a proven domain is looked up; after a fault of DNS sooner.
CHECK_EVERY = timedelta(days=1)
CHECK_AFTER_FAULT = timedelta(hours=1)
#: How long a record may be missing before the domain stops being proven, and in how many answers it must be.
DEFAULT_GRACE = timedelta(days=7)
LEAST_ABSENCES = 5
#: Seconds after which a caller may ask DNS again.
_RETRY_AFTER = 10
#: What changes with every look-up, and is not told.
_UNTOLD = frozenset({"checked_at", "check_at", "absences"})


class Verifier(StrEnum):
    """Who says that a domain is an organization's: its DNS, or whoever runs the server."""

    DNS = "dns"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class DomainVerification:
    """`domain` is in normal form (`dns.names.normal`); it is proven if anybody says so (`verified_by`).

    A `shared` one may have other holders. `checked_at` is when DNS last told whether the record is there, `check_at` when it is asked next by
    itself. Since `absent_since` the record of a proven domain is missing, in so many answers (`absences`).
    """

    id: DomainVerificationId
    organization_id: OrganizationId
    domain: str
    verification_token: str
    verified_by: Verifier | None
    verified_at: datetime | None
    shared: bool
    checked_at: datetime | None
    check_at: datetime | None
    absent_since: datetime | None
    absences: int
    created_at: datetime
    updated_at: datetime

    @property
    def proven(self) -> bool:
        return self.verified_by is not None

    @property
    def record_name(self) -> str:
        """Where the TXT record belongs that says `verification_token`."""
        return f"{LABEL}.{self.domain}"

    def revoked_after(self, grace: timedelta) -> datetime | None:
        """When the domain stops being proven at the earliest; None while the record is there."""
        return None if self.absent_since is None else self.absent_since + grace


def new(
    id: DomainVerificationId,
    organization_id: OrganizationId,
    domain: str,
    challenge: bytes,
    now: datetime,
) -> DomainVerification:
    """A claim that nothing proves yet; its token is this organization's and this claim's alone."""
    return DomainVerification(
        id=id,
        organization_id=organization_id,
        domain=domain,
        verification_token=f"orgplane-domain-verification={challenge.hex()}",
        verified_by=None,
        verified_at=None,
        shared=False,
        checked_at=None,
        check_at=None,
        absent_since=None,
        absences=0,
        created_at=now,
        updated_at=now,
    )


def vouched(claim: DomainVerification, now: datetime, *, shared: bool) -> DomainVerification:
    """Proven because the operator says so: nothing is looked up any more."""
    if claim.verified_by is Verifier.OPERATOR:
        return claim
    return revised(
        claim,
        {
            "verified_by": Verifier.OPERATOR,
            "verified_at": claim.verified_at or now,
            "shared": claim.shared if claim.proven else shared,
            "check_at": None,
            "absent_since": None,
            "absences": 0,
        },
        now,
    )


def present(claim: DomainVerification, now: datetime, *, shared: bool) -> DomainVerification:
    """After an answer that had the record: proven, whatever was missing before."""
    changes: dict[str, object] = {
        "checked_at": now,
        "check_at": now + CHECK_EVERY,
        "absent_since": None,
        "absences": 0,
    }
    if not claim.proven:
        changes |= {"verified_by": Verifier.DNS, "verified_at": now, "shared": shared}
    return revised(claim, changes, now)


def absent(claim: DomainVerification, now: datetime, grace: timedelta) -> DomainVerification:
    """After an answer that did not have the record of a proven domain: in its grace, or proven no more.

    It is proven no more when the record has been missing for all the grace, and in `LEAST_ABSENCES` answers.
    """
    since, absences = claim.absent_since or now, claim.absences + 1
    if now - since < grace or absences < LEAST_ABSENCES:
        return revised(
            claim,
            {
                "checked_at": now,
                "check_at": now + CHECK_EVERY,
                "absent_since": since,
                "absences": absences,
            },
            now,
        )
    return revised(
        claim,
        {
            "verified_by": None,
            "verified_at": None,
            "shared": False,
            "checked_at": now,
            "check_at": None,
            "absent_since": None,
            "absences": 0,
        },
        now,
    )


def unknown(claim: DomainVerification, now: datetime) -> DomainVerification:
    """After a fault of DNS: asked again soon, and nothing follows from it."""
    return revised(claim, {"check_at": now + CHECK_AFTER_FAULT}, now)


def told(changes: Mapping[str, FieldChange]) -> Mapping[str, FieldChange]:
    """What an event tells of these changes; nothing if the record was only looked up once more."""
    return {name: change for name, change in changes.items() if name not in _UNTOLD}


def malformed(field: str, wrong: str) -> InvalidArgument:
    return InvalidArgument(Violation(field, wrong, f"{field}.domain"))


def not_found() -> NotFound:
    return NotFound("domain verification not found", reason=Reason.DOMAIN_VERIFICATION_NOT_FOUND)


def taken(domain: str) -> AlreadyExists:
    return AlreadyExists(f"domain: the organization claims {domain} already")


def too_many(most: int) -> FailedPrecondition:
    return FailedPrecondition(
        f"domain: the organization claims {most} domains, and no more are allowed; give one up first",
        reason=Reason.TOO_MANY_DOMAINS,
    )


def too_many_at_once() -> ResourceExhausted:
    return ResourceExhausted(
        f"{AT_ONCE} of the organization's domains are being looked up; try again when that is done",
        reason=Reason.RATE_LIMITED,
        retry_after=_RETRY_AFTER,
    )


def not_vouched_for(domain: str) -> NotFound:
    """For whoever runs the server."""
    return NotFound(
        f"the operator has not vouched for {domain} there: what DNS proves its organization gives up, "
        "with orgplane domains remove",
        reason=Reason.DOMAIN_VERIFICATION_NOT_FOUND,
    )


def not_there(claim: DomainVerification, seen: str) -> FailedPrecondition:
    """`seen` is what DNS has instead."""
    return FailedPrecondition(
        f"{claim.record_name} has {seen}; publish a TXT record there that says "
        f"{claim.verification_token}, and mind that resolvers remember for a while what was there before",
        reason=Reason.DOMAIN_RECORD_NOT_FOUND,
        metadata={
            "record_name": claim.record_name,
            "record_value": claim.verification_token,
            "seen": seen,
        },
    )


def held(domain: str) -> FailedPrecondition:
    """Never says by whom."""
    return FailedPrecondition(
        f"{domain} is held by another organization, which has proven it; it can give it up, or take its record "
        "out of DNS: then it loses the domain after some days",
        reason=Reason.DOMAIN_HELD,
        metadata={"domain": domain},
    )


def held_by(holder: DomainVerification) -> FailedPrecondition:
    """For whoever runs the server, who may know."""
    return FailedPrecondition(
        f"{holder.domain} is held by organization {holder.organization_id}; --shared-domains lets several hold "
        "one domain",
        reason=Reason.DOMAIN_HELD,
        metadata={"domain": holder.domain},
    )


def vouched_for(claim: DomainVerification) -> FailedPrecondition:
    return FailedPrecondition(
        f"the operator of the server has vouched for {claim.domain}, and only they can end that",
        reason=Reason.DOMAIN_VERIFIED_BY_OPERATOR,
        metadata={"domain": claim.domain},
    )


def unanswered(record_name: str, why: str) -> Unavailable:
    """A fault of DNS, which says nothing about the record."""
    error = Unavailable(
        f"DNS does not say what {record_name} has ({why}); try again later",
        reason=Reason.DNS_UNAVAILABLE,
    )
    error.retry_after = _RETRY_AFTER
    return error
