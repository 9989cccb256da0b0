"""The breaker of a SCIM configuration: its provider removes only so many people at once before an administrator is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import FailedPrecondition, Reason, ResourceExhausted
from .identifier import ScimConfigurationId

#: Within what time people who are deactivated or deleted are counted.
WITHIN = timedelta(hours=1)
#: So many may always go.
LEAST = 10
#: When a provider is to try again what is paused, in seconds; it is kept anyway.
RETRY_AFTER = 600


@dataclass(frozen=True, slots=True)
class ScimBreaker:
    """`percent` of the active users may go within an hour; None for all. What is more is paused since `paused_at`."""

    id: ScimConfigurationId
    percent: int | None
    paused_at: datetime | None = None

    def trips(self, gone: int, active: int) -> bool:
        """Whether one of so many `active` users is too many to go after so many that are `gone`."""
        if self.percent is None or gone < LEAST:
            return False
        return (gone + 1) * 100 > self.percent * (gone + active)


def paused() -> ResourceExhausted:
    return ResourceExhausted(
        "too many users were deactivated or deleted within an hour, so this waits for an administrator to resume it: it is "
        "kept, and need not be sent again",
        reason=Reason.DEPROVISIONING_PAUSED,
        retry_after=RETRY_AFTER,
    )


def not_paused() -> FailedPrecondition:
    return FailedPrecondition(
        "the breaker of the SCIM configuration has paused nothing",
        reason=Reason.DEPROVISIONING_NOT_PAUSED,
    )
