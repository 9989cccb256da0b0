"""A personal access token: lets a program call the API as one user, for at most 90 days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .errors import NotFound, Reason, Unauthenticated
from .identifier import OrganizationId, PersonalAccessTokenId, SsoConfigurationId, UserId
from .revision import SECRET
from .user import User

#: The contract's limit, and what a request without a lifetime gets.
MAX_LIFETIME = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class PersonalAccessToken:
    """`creator_id` is the user that asked for it; `last_used_at` is exact to a minute.

    `signed_in_through` is the SSO configuration, there still or not, of the session that it was made with; it reaches no further
    than that. It does not end with the session, or the configuration: it may be what is left to act with.
    """

    id: PersonalAccessTokenId
    organization_id: OrganizationId
    user_id: UserId
    creator_id: UserId
    description: str
    read_only: bool
    digest: bytes = field(repr=False, metadata=SECRET)
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    signed_in_through: SsoConfigurationId | None = None

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at


def new(
    id: PersonalAccessTokenId,
    user: User,
    digest: bytes,
    now: datetime,
    *,
    description: str,
    lifetime: timedelta = MAX_LIFETIME,
) -> PersonalAccessToken:
    """A token that lets its user change things, valid for `lifetime`."""
    return PersonalAccessToken(
        id=id,
        organization_id=user.organization_id,
        user_id=user.id,
        creator_id=user.id,
        description=description,
        read_only=False,
        digest=digest,
        created_at=now,
        expires_at=now + lifetime,
    )


def not_found() -> NotFound:
    return NotFound(
        "personal access token not found", reason=Reason.PERSONAL_ACCESS_TOKEN_NOT_FOUND
    )


def unknown() -> Unauthenticated:
    """For a token that never was, or is no more."""
    return Unauthenticated("the token is unknown or revoked", reason=Reason.TOKEN_UNKNOWN)
