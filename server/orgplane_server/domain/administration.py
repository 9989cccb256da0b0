"""Who can act for an organization, and that somebody always can.

An administrator can act who is active and

- holds a credential that may change things: a personal access token that is not read-only; or
- has signed in within `SIGN_IN_COUNTS` through an SSO configuration that is active, and of which nothing has changed since that says
  who may sign in (see `domain.sign_in`): whoever did it can do it again.

To whom a first token is due (`domain.first_token`), such a token of their account counts
as theirs: with it they fetch one. So somebody can act for an organization from the moment that it is created.

Of what they have created and not fetched a token in nobody deprives themselves. Others may do so, who suspend them or revoke
their tokens where those are: no organization's administrators are to learn of another one, or be held up by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from .errors import PermissionDenied, Reason
from .identifier import OrganizationId, UserId

#: The active administrators of an organization, and until when each of them can act, by what they have that lasts the longest;
#: None for who never could.
Administrators = Mapping[UserId, datetime | None]

#: So long the last one who can act must be able to, for a change that takes it from another.
ENDURING = timedelta(hours=24)

#: So long after a sign-in it is taken for granted that the next one works.
SIGN_IN_COUNTS = timedelta(days=30)


def able_until(token_ends_at: datetime | None, signed_in_at: datetime | None) -> datetime | None:
    """Until when an active administrator can act whose last token ends then, and whose last sign-in that counts was then."""
    ends = [] if token_ends_at is None else [token_ends_at]
    if signed_in_at is not None:
        ends.append(signed_in_at + SIGN_IN_COUNTS)
    return max(ends, default=None)


def acting(
    administrators: Administrators, now: datetime, *, lasting: timedelta = timedelta()
) -> set[UserId]:
    """Those who can act now and, if `lasting` is given, so long more."""
    return {
        id
        for id, until in administrators.items()
        if until is not None and until > now and until - now >= lasting
    }


def without(administrators: Administrators, id: UserId) -> Administrators:
    """Those who are left when this one is no active administrator any more."""
    return {other: until for other, until in administrators.items() if other != id}


def last(administrators: Administrators) -> tuple[UserId, datetime] | None:
    """Who can act the longest, and until when; None if nobody ever could."""
    ends = [(until, id) for id, until in administrators.items() if until is not None]
    if not ends:
        return None
    until, id = max(ends)
    return id, until


def locks_out(before: Administrators, after: Administrators, now: datetime) -> bool:
    """Whether nobody would be left to undo a change.

    That is one which takes from somebody the ability to act, or shortens it, unless somebody can act then for
    `ENDURING` more; or one that leaves no active administrator at all. What takes nothing from
    anybody who can act, such as the end of a read-only token, is allowed, however bad things stand.
    """
    if acting(after, now, lasting=ENDURING):
        return False
    lessened = any(_until(after, id, now) < _until(before, id, now) for id in acting(before, now))
    return lessened or bool(before and not after)


def check_somebody_can_act(before: Administrators, after: Administrators, now: datetime) -> None:
    """Raises PermissionDenied for a change that `locks_out`."""
    if locks_out(before, after, now):
        # Their own tokens help those alone who stay administrators.
        first = (
            "create a personal access token first"
            if set(before) <= set(after)
            else "an administrator must first make another active member one, who has such a token or has signed in so"
        )
        raise PermissionDenied(
            "nobody would be left who can act for the organization, that is, an active administrator with a "
            "personal access token that is not read-only and lives at least 24 hours more, or who has signed in within "
            f"{SIGN_IN_COUNTS.days} days through an SSO configuration that is active and unchanged since; "
            + first,
            reason=Reason.LAST_ADMINISTRATOR,
        )


def check_founder_can_act(
    id: OrganizationId,
    before: Administrators,
    after: Administrators,
    now: datetime,
    *,
    named: bool = True,
) -> None:
    """Raises PermissionDenied for what `locks_out` of an organization that one has created, in another one.

    It is `named` to whom it is theirs to know: not to who signed in, as the other organization's provider says who that is.
    """
    if locks_out(before, after, now):
        if not named:
            raise PermissionDenied(
                "nobody would be left who can act for another organization that the member has created; do this with a personal "
                "access token that was not made with a session, which tells more",
                reason=Reason.LAST_ADMINISTRATOR,
            )
        raise PermissionDenied(
            f"nobody would be left who can act for the organization {id}, where you are an administrator without a token; "
            f"fetch your first one there before (CreateFirstToken, orgplane account first-token {id})",
            reason=Reason.LAST_ADMINISTRATOR,
        )


def kept(refusal: PermissionDenied) -> PermissionDenied:
    """The same refusal, of what a provider wants and gets later."""
    return PermissionDenied(
        f"{refusal}; the wish is kept and comes true by itself as soon as another administrator can act",
        reason=refusal.reason,
    )


def _until(administrators: Administrators, id: UserId, now: datetime) -> datetime:
    return administrators.get(id) or now
