"""A session: lets somebody who has signed in through an SSO configuration act, for as long as a working day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .errors import FailedPrecondition, Reason, Unauthenticated
from .identifier import ApplicationId, OrganizationId, SessionId, SsoConfigurationId, UserId
from .revision import SECRET, FieldChange

#: However much it is used, and how long it lives unused.
LIFETIME = timedelta(hours=24)
IDLE = timedelta(hours=8)
#: Characters of what the provider calls its own.
LONGEST_SID = 255
#: By so much the clocks may differ of who ends a session and of us, who have begun it.
LOGOUT_LEEWAY = timedelta(minutes=1)
#: How long one that is over is remembered.
KEPT = timedelta(days=1)
#: How long the token works that a browser brings to where it was sent.
EXCHANGE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Session:
    """`last_used_at` is exact to a minute. It ends, and is gone, with what it came from: see `domain.sign_in`.

    `sid` is the provider's own session, if it has told. One of an application lets it ask who has signed in, and do nothing else.
    """

    id: SessionId
    organization_id: OrganizationId
    user_id: UserId
    configuration_id: SsoConfigurationId
    digest: bytes = field(repr=False, metadata=SECRET)
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    application_id: ApplicationId | None = None
    #: Of what its token can be had for once, as nobody has it yet. Ends with the session, by whatever that ends.
    exchange_digest: bytes | None = field(default=None, repr=False, metadata=SECRET)
    sid: str | None = None
    #: Which of its configuration's series it is of: with the next one all before end.
    series: int = 0

    @property
    def read_only(self) -> bool:
        return False

    @property
    def signed_in_through(self) -> SsoConfigurationId:
        return self.configuration_id

    @property
    def idle_expires_at(self) -> datetime:
        """When it ends unless it is used before."""
        return min(self.expires_at, (self.last_used_at or self.created_at) + IDLE)

    def expired(self, now: datetime) -> bool:
        return now >= self.idle_expires_at

    def exchanged(self, digest: bytes, now: datetime) -> Session:
        """The session, with a new token that somebody gets. Raises Unauthenticated if it was not asked for in time."""
        if now >= self.created_at + EXCHANGE:
            raise unknown_exchange()
        return replace(self, digest=digest, exchange_digest=None)


def told(through: SsoConfigurationId, *, ended: bool = False) -> dict[str, FieldChange]:
    """How the audit log tells that a member signed in through it, or that a session `ended` that came of that."""
    before, after = (str(through), "") if ended else ("", str(through))
    return {"signed_in_through": FieldChange(before, after)}


def none() -> FailedPrecondition:
    """For who has not signed in."""
    return FailedPrecondition("this is no token of a session", reason=Reason.NO_SESSION)


def unknown_exchange() -> Unauthenticated:
    """The same for one that never was, was used, or is too old."""
    return Unauthenticated(
        f"the exchange token is unknown, was used, or is older than {EXCHANGE.seconds} seconds: sign in anew",
        reason=Reason.TOKEN_UNKNOWN,
    )
