"""What an organization asks of the personal access tokens of its members, besides that they have not ended.

- `max_token_age`: no token gets older. Whoever wants one for longer is refused; those that are there end at that age, and not
  later again when the bound goes.
- `sign_in_within`: the tokens of a member whom SCIM does not provision work for so long after somebody has vouched for them: an
  identity provider, through which they signed in, or the operator, who gave them a token. After that they rest until the next time.

Neither may leave nobody who can act: see `domain.administration`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from .administration import Administrators, locks_out
from .errors import InvalidArgument, PermissionDenied, Reason, Unauthenticated, Violation
from .identifier import OrganizationId
from .personal_access_token import MAX_LIFETIME

#: Less would leave nobody who can act for a day more (`administration.ENDURING`), whatever they do.
SHORTEST = timedelta(days=2)
LONGEST_WITHOUT_SIGN_IN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PersonalAccessTokenPolicy:
    """`id` is the organization's, and so is `updated_at`; None asks for nothing."""

    id: OrganizationId
    max_token_age: timedelta | None
    sign_in_within: timedelta | None
    updated_at: datetime


class PersonalAccessTokenPolicyChanges(TypedDict, total=False):
    """What to change; an absent key leaves its field as it is."""

    max_token_age: timedelta | None
    sign_in_within: timedelta | None


def check(changes: PersonalAccessTokenPolicyChanges) -> None:
    """Raises InvalidArgument, with everything that is wrong, for bounds that there cannot be."""
    wrong = []
    for name, longest in (
        ("max_token_age", MAX_LIFETIME),
        ("sign_in_within", LONGEST_WITHOUT_SIGN_IN),
    ):
        wanted = changes.get(name)
        if isinstance(wanted, timedelta) and not SHORTEST <= wanted <= longest:
            between = f"must be between {SHORTEST.days} and {longest.days} days, or 0 for none"
            wrong.append(Violation(name, between, "duration.range"))
    if wrong:
        raise InvalidArgument(*wrong)


def lifetime(policy: PersonalAccessTokenPolicy, wanted: timedelta | None) -> timedelta:
    """How long a new token lives: the longest there is, if nothing is `wanted`.

    Raises InvalidArgument for a wish that goes beyond the organization's bound.
    """
    most = MAX_LIFETIME if policy.max_token_age is None else policy.max_token_age
    if wanted is not None and policy.max_token_age is not None and wanted > most:
        bound = f"must be at most {_days(most)}: no token of the organization gets older (max_token_age)"
        raise InvalidArgument(Violation("valid_for", bound, "duration.lte"))
    return min(most, MAX_LIFETIME if wanted is None else wanted)


def check_somebody_can_act(before: Administrators, after: Administrators, now: datetime) -> None:
    """Raises PermissionDenied for what would leave nobody whose token the policy lets work for a day more."""
    if locks_out(before, after, now):
        raise PermissionDenied(
            "nobody would be left who can act for the organization for 24 hours more: an active administrator must first create a "
            "personal access token that is not read-only (max_token_age), and sign in unless SCIM provisions them (sign_in_within)",
            reason=Reason.LAST_ADMINISTRATOR,
        )


def resting() -> Unauthenticated:
    """For the token of somebody who has not signed in for as long as the organization asks them to."""
    return Unauthenticated(
        "the organization asks whom SCIM does not provision to sign in from time to time, and the token's user has not: sign in "
        "through the identity provider, and the token works again",
        reason=Reason.SIGN_IN_DUE,
    )


def _days(span: timedelta) -> str:
    days = span / timedelta(days=1)
    return f"{days:.0f} days" if days.is_integer() else f"{days:.2f} days"
