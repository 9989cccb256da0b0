"""How somebody first acts who became a member with a token of another organization.

Such a member has no token, and a first one is due to them, once:

- Whoever has a token of the same account that may change things fetches it: that they are the same person is
  what ties the account. It is so for who created the organization and for who joined it.
- A plain member whom nobody provisioned gets it by an invite and their address too, as `domain.joining` has it.

It is due no more once it was given, by whatever way, so that an administrator who revokes a member's tokens is not undone
by one of these. Nobody gets it while they are suspended, and who leaves has no claim to it when they come back.
"""

from __future__ import annotations

from .errors import FailedPrecondition, Reason
from .user import User, UserStatus


def check_active(member: User) -> None:
    """Raises FailedPrecondition for a member who is suspended, or has left."""
    if member.status is not UserStatus.ACTIVE:
        raise FailedPrecondition(
            "you were suspended in the organization, or have left it: ask an administrator there",
            reason=Reason.JOINING_DENIED,
        )


def given() -> FailedPrecondition:
    return FailedPrecondition(
        "your first token in the organization was given already: create others with it, or ask an administrator there, or "
        "whoever runs the server (orgplane-server create-token)",
        reason=Reason.FIRST_TOKEN_GIVEN,
    )
