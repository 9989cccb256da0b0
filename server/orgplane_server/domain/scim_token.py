"""SCIM tokens that have ended: known for a while, so that an administrator sees who still sends one.

Of a token only its digest is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .identifier import ScimConfigurationId
from .instant import text
from .scim_configuration import ScimConfiguration

#: How long an ended token is known, and how many of a configuration are.
KEPT = timedelta(days=90)
MAXIMUM = 20
#: Of an ended token's requests at most one in this time is worth a line in the log.
REFUSALS_APART = timedelta(minutes=1)


class End(StrEnum):
    """What has ended a token: its time, or a new one in its place."""

    EXPIRED = "expired"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class EndedToken:
    """`refused_at` is when a request that bore it was last worth a line in the log; None before that."""

    digest: bytes = field(repr=False)
    scim_configuration_id: ScimConfigurationId
    end: End
    ended_at: datetime
    refused_at: datetime | None = None

    def worth_a_line(self, now: datetime) -> bool:
        return self.refused_at is None or now - self.refused_at >= REFUSALS_APART

    def reason(self) -> str:
        """Why it is refused, and what to do, in words for the administrator."""
        when = text(self.ended_at)
        if self.end is End.EXPIRED:
            return (
                f"the token expired at {when}; regenerate it, and enter the new one at the provider"
            )
        return f"the token was replaced at {when}; enter the new one at the provider"


def expired(configuration: ScimConfiguration) -> EndedToken:
    """The configuration's own token, whose time is over."""
    return EndedToken(
        configuration.token_digest, configuration.id, End.EXPIRED, configuration.token_expires_at
    )


def replaced(configuration: ScimConfiguration, now: datetime) -> EndedToken:
    """The token that the configuration had until it got another."""
    return EndedToken(configuration.token_digest, configuration.id, End.REPLACED, now)
