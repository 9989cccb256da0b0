"""Applications: whatever the operator has registered to let people in who sign in here, through their organization's provider.

An application shows its secret where a browser does not see it. It may have two that work, so that the second is in use before
the first is removed. Where its people come back to are addresses that are compared letter by letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from .caller import Origin
from .errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
    Unauthenticated,
    Violation,
)
from .identifier import ApplicationId, ApplicationSecretId, OrganizationId
from .revision import SECRET
from .text import controls

#: Secrets that work at a time.
MOST_SECRETS = 2
_MOST_ADDRESSES = 20
_MOST_ORGANIZATIONS = 1000
_LONGEST_ADDRESS = 2000
_LONGEST_NAME = 80
#: Where plain http stays on the machine.
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Application:
    """`organization_ids` are those whose members it lets in; all there are, also later, if it has none."""

    id: ApplicationId
    name: str
    return_to: tuple[str, ...]
    organization_ids: tuple[str, ...]
    created_at: datetime

    def lets_in(self, organization: OrganizationId) -> bool:
        return not self.organization_ids or str(organization) in self.organization_ids


@dataclass(frozen=True, slots=True)
class ApplicationSecret:
    """Only the digest is kept."""

    id: ApplicationSecretId
    application_id: ApplicationId
    digest: bytes = field(repr=False, metadata=SECRET)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApplicationCaller:
    """An application that has shown a secret of its own, as the database knew it when the call began."""

    application: Application
    secret_id: ApplicationSecretId
    origin: Origin


def check(name: str, return_to: Sequence[str], organizations: Sequence[OrganizationId]) -> None:
    """Raises InvalidArgument, in the words of the options."""
    violations = []
    if not 0 < len(name.strip()) <= _LONGEST_NAME or controls(name):
        violations.append(
            Violation("name", f"must be a line of 1 to {_LONGEST_NAME} characters", "name")
        )
    if not 0 < len(return_to) <= _MOST_ADDRESSES:
        violations.append(
            Violation("return_to", f"must be 1 to {_MOST_ADDRESSES} addresses", "return_to")
        )
    violations += [
        Violation("return_to", f"{address}: {wrong}", "return_to")
        for address in return_to
        if (wrong := _complaint(address))
    ]
    if len(organizations) > _MOST_ORGANIZATIONS:
        violations.append(
            Violation("organization", f"must be at most {_MOST_ORGANIZATIONS}", "organization")
        )
    if violations:
        raise InvalidArgument(*violations)


def _complaint(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no URL"
    plain = address.isascii() and address.isprintable() and not set(address) & set(' "<>\\^`{|}#')
    if not host or not plain or parts.username is not None or len(address) > _LONGEST_ADDRESS:
        return f"must be a URL of at most {_LONGEST_ADDRESS} characters, without user or fragment"
    if parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK):
        return None
    return "must begin with https://, or with http:// and be on this machine (localhost, 127.0.0.1, [::1])"


def check_secrets(there: Sequence[ApplicationSecret]) -> None:
    """Raises FailedPrecondition where there may be no other one."""
    if len(there) >= MOST_SECRETS:
        ids = " and ".join(str(each.id) for each in there)
        raise FailedPrecondition(
            f"the application has {MOST_SECRETS} secrets already, {ids}: remove the one that is not used any more"
        )


def check_removal(there: Sequence[ApplicationSecret], id: ApplicationSecretId) -> None:
    """Raises NotFound, and FailedPrecondition for the last one."""
    if all(each.id != id for each in there):
        raise NotFound(f"the application has no secret {id}")
    if len(there) == 1:
        raise FailedPrecondition("it is the application's only secret: make another one first")


def unknown_secret() -> Unauthenticated:
    return Unauthenticated(
        "the application's secret is unknown, or was removed", reason=Reason.TOKEN_UNKNOWN
    )


def not_found() -> NotFound:
    return NotFound("there is no such application; list-applications tells those that there are")
