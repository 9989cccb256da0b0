"""An organization: the tenant that everything else belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from .errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
    ResourceExhausted,
    Violation,
)
from .identifier import OrganizationId
from .revision import revised
from .text import storable

#: In how many an account may be, whoever made them, to create another.
MOST_OF_AN_ACCOUNT = 10


#: Seconds after which an identity provider is to ask again whether its organization is suspended still.
_SCIM_RETRY = 3600
#: How long the operator can take back that they delete one.
DELETED_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Organization:
    """`suspended_at` is since when nothing is done for it but to show itself; None for one that is not suspended. From `deletes_at` on
    one is deleted that its operator has doomed."""

    id: OrganizationId
    name: str
    invite_domains: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    suspended_at: datetime | None = None
    deletes_at: datetime | None = None

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None


class OrganizationChanges(TypedDict, total=False):
    """What to change; an absent key leaves its field as it is."""

    name: str
    invite_domains: tuple[str, ...]


def check_name(name: str) -> None:
    """Raises InvalidArgument unless `name` can name an organization."""
    if not name.strip():
        raise InvalidArgument(Violation("name", "must not be empty", "string.min_len"))
    storable(name=name)


def check_new(name: str, *, join: bool, invite_domain: bool) -> None:
    """Raises InvalidArgument for a new organization that there cannot be, with everything that is wrong with it."""
    check_name(name)
    wrong = []
    if not join:
        alone = "must be true: nobody could act for an organization that nobody is in"
        wrong.append(Violation("join_organization", alone, "bool.const"))
    if invite_domain:
        later = (
            "must not be set: a domain lets nobody in before it is proven (VerifyDomain); then it is put among the "
            "invite_domains (UpdateOrganization)"
        )
        wrong.append(Violation("invite_accounts_with_matching_domain", later, "bool.const"))
    if wrong:
        raise InvalidArgument(*wrong)


def changed(
    organization: Organization, changes: OrganizationChanges, now: datetime
) -> Organization:
    """The organization after `changes`; itself when nothing differs."""
    if "name" in changes:
        check_name(changes["name"])
    return revised(organization, changes, now)


def suspended(before: Organization, now: datetime) -> Organization:
    """The organization, suspended from now on; itself if it is so already."""
    return before if before.suspended else revised(before, {"suspended_at": now}, now)


def doomed(before: Organization, now: datetime) -> Organization:
    """The organization, suspended, and to be deleted after `DELETED_AFTER`; itself if it is so already."""
    if before.deletes_at is not None:
        return before
    since = before.suspended_at or now
    return revised(before, {"suspended_at": since, "deletes_at": now + DELETED_AFTER}, now)


def resumed(before: Organization, now: datetime) -> Organization:
    """The organization, neither suspended nor to be deleted; itself if it is so already."""
    return revised(before, {"suspended_at": None, "deletes_at": None}, now)


def is_suspended() -> FailedPrecondition:
    return FailedPrecondition(
        "the organization is suspended: whoever runs the server can resume it",
        reason=Reason.ORGANIZATION_SUSPENDED,
    )


def provisions_later() -> ResourceExhausted:
    """As `is_suspended`, for an identity provider, which is to try again."""
    return ResourceExhausted(
        str(is_suspended()), reason=Reason.ORGANIZATION_SUSPENDED, retry_after=_SCIM_RETRY
    )


def creation_disabled() -> FailedPrecondition:
    return FailedPrecondition(
        "this server lets nobody create organizations; whoever runs it can allow that (orgplane-server serve "
        "--allow-organization-creation) or create one for you (orgplane-server create-organization)",
        reason=Reason.ORGANIZATION_CREATION_DISABLED,
    )


def too_many() -> FailedPrecondition:
    return FailedPrecondition(
        f"your account is in {MOST_OF_AN_ACCOUNT} organizations or more, and creates no further one: delete one "
        "first, or ask whoever runs the server (orgplane-server create-organization)",
        reason=Reason.TOO_MANY_ORGANIZATIONS,
    )


def not_found() -> NotFound:
    return NotFound("organization not found", reason=Reason.ORGANIZATION_NOT_FOUND)
