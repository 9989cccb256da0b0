"""Credentials that end with nothing to take their place, and when to warn of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from .audit import Subject
from .identifier import OrganizationId
from .instant import text
from .scim_credential import CredentialKind
from .user import User

DAY = timedelta(days=1)
#: So many days before its end a credential is warned of.
WARNINGS = (14, 7, 1)
FIRST_WARNING = max(WARNINGS) * DAY
#: So long after its end a credential is warned of that nobody was warned of in time.
LATEST_WARNING = 90 * DAY


@dataclass(frozen=True, slots=True)
class ExpiryWarning:
    """That a credential ends; `message` says what to do about it, in words for an administrator."""

    expires_at: datetime
    days_left: int
    holder: User | None
    message: str


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a configuration's last SCIM token or client secret, or of the time in which somebody can act for an organization.

    The subject is the configuration or the organization, the `holder` the administrator who can act the longest;
    None for a credential of a configuration, whose `kind` is told instead.
    """

    organization_id: OrganizationId
    subject: Subject
    subject_id: UUID
    ends_at: datetime
    holder: User | None = None
    kind: CredentialKind | None = None

    def warning(self, now: datetime) -> int | None:
        """Which of `WARNINGS` is due; None while the end is far. What has ended is at its last."""
        return min((days for days in WARNINGS if self.ends_at - now <= days * DAY), default=None)

    def warned(self, now: datetime) -> ExpiryWarning | None:
        """What an administrator is to know of it now; None while the end is far."""
        if self.warning(now) is None:
            return None
        return ExpiryWarning(self.ends_at, self.days_left(now), self.holder, self._advice(now))

    def days_left(self, now: datetime) -> int:
        """Whole days; 0 from the last day on."""
        return max(self.ends_at - now, timedelta()) // DAY

    def _advice(self, now: datetime) -> str:
        ended, when = now >= self.ends_at, text(self.ends_at)
        if self.holder is None:
            kind = self.kind or CredentialKind.TOKEN
            ends = f"the {kind.called} {'ended' if ended else 'ends'} at {when}"
            return f"{ends}: {kind.renewal}, and enter the new one at the provider"
        last = (
            f"the last token or sign-in that can act for the organization, of {self.holder.email},"
        )
        if ended:
            return (
                f"{last} ended at {when}: an administrator signs in, if that works, or whoever runs the server "
                "lets one in (orgplane-server create-token)"
            )
        return (
            f"{last} ends at {when}: an administrator should sign in again, or create another token, before "
            "(CreatePersonalAccessToken, orgplane tokens create)"
        )
