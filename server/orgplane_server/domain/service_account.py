"""A service account: a program that acts in an organization as itself, until it ends.

It is no member: nobody signs in as it, no identity provider knows of it, and it never counts among those who can act for the
organization (`domain.administration`). Its tokens live no longer than itself. Those of programs are listed, and live for as long
as was asked for; `brief` ones live an hour at most, so that nobody has to look after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from .errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
    Unauthenticated,
    Violation,
)
from .identifier import OrganizationId, ServiceAccountId, ServiceAccountTokenId, UserId
from .revision import SECRET, revised
from .role import Role
from .text import folded

#: Of what CreateServiceAccountAccessToken gives.
BRIEF = timedelta(hours=1)
#: How long a token is remembered that has ended.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """`creator_id` is the user that made it, or the service account if `made_by_service_account`."""

    id: ServiceAccountId
    organization_id: OrganizationId
    name: str
    description: str
    creator_id: UserId | ServiceAccountId
    made_by_service_account: bool
    created_at: datetime
    updated_at: datetime
    valid_until: datetime
    suspended: bool = False

    @property
    def role(self) -> Role:
        """Its own, which it has without any assignment."""
        return Role.MEMBER


class ServiceAccountChanges(TypedDict, total=False):
    """What to change; an absent key leaves its field as it is."""

    name: str
    description: str
    suspended: bool
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class ServiceAccountToken:
    """`creator_id` is as a service account's; `last_used_at` is exact to a minute."""

    id: ServiceAccountTokenId
    organization_id: OrganizationId
    service_account_id: ServiceAccountId
    creator_id: UserId | ServiceAccountId
    made_by_service_account: bool
    description: str
    brief: bool
    digest: bytes = field(repr=False, metadata=SECRET)
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None

    @property
    def read_only(self) -> bool:
        return False

    @property
    def signed_in_through(self) -> None:
        return None

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at


@dataclass(frozen=True, slots=True)
class ServiceAccountFilter:
    """What accounts must meet, all of it; an empty collection or text lets every one through.

    `search` is part of the name or of the description, and minds no case.
    """

    include_suspended: bool = False
    ids: Sequence[ServiceAccountId] = ()
    search: str = ""


def changed(
    account: ServiceAccount, changes: ServiceAccountChanges, now: datetime
) -> ServiceAccount:
    """The account after `changes`; itself, `updated_at` included, when nothing differs."""
    return revised(account, changes, now)


def check_end(valid_until: datetime, now: datetime) -> None:
    """Raises InvalidArgument unless it lies ahead."""
    if valid_until <= now:
        raise InvalidArgument(Violation("valid_until", "must be in the future", "timestamp.gt_now"))


def check_acts(account: ServiceAccount, now: datetime) -> None:
    """Raises FailedPrecondition for one of which no token would work."""
    if account.suspended:
        raise FailedPrecondition(
            "the service account is suspended", reason=Reason.SERVICE_ACCOUNT_SUSPENDED
        )
    if account.valid_until <= now:
        raise FailedPrecondition(
            f"the service account has ended, at {account.valid_until.isoformat()}",
            reason=Reason.SERVICE_ACCOUNT_ENDED,
        )


def end_of_token(account: ServiceAccount, lifetime: timedelta | None, now: datetime) -> datetime:
    """When a new token ends: with the account, unless a `lifetime` is wished for.

    Raises InvalidArgument for one that goes beyond the account's end.
    """
    if lifetime is None:
        return account.valid_until
    if lifetime > account.valid_until - now:
        raise InvalidArgument(
            Violation(
                "valid_for",
                f"must not go beyond the end of the service account, {account.valid_until.isoformat()}; absent, or 0, means "
                "until then",
                "duration.lte",
            )
        )
    return now + lifetime


def search_key(account: ServiceAccount) -> str:
    """What accounts are searched by."""
    return folded(f"{account.name}\n{account.description}")


def not_found() -> NotFound:
    return NotFound("service account not found", reason=Reason.SERVICE_ACCOUNT_NOT_FOUND)


def token_not_found() -> NotFound:
    return NotFound(
        "service account token not found", reason=Reason.SERVICE_ACCOUNT_TOKEN_NOT_FOUND
    )


def is_suspended() -> Unauthenticated:
    """For whoever bears a token of one."""
    return Unauthenticated(
        "the token's service account is suspended", reason=Reason.SERVICE_ACCOUNT_SUSPENDED
    )
