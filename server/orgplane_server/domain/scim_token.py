"""SCIM credentials that have ended: known for a while, so that an administrator sees who still shows one.

Of each only its digest is kept, and what people know it by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .identifier import ScimConfigurationId, ScimCredentialId
from .instant import text
from .scim_credential import CredentialKind, ScimCredential

#: How long one that has ended is known, and how many of a configuration are.
KEPT = timedelta(days=90)
MAXIMUM = 20
#: Of the requests with one that has ended at most one in this time is worth a line in the log.
REFUSALS_APART = timedelta(minutes=1)


class End(StrEnum):
    """What has ended a credential: its time, a new one in its place, or an administrator."""

    EXPIRED = "expired"
    REPLACED = "replaced"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class EndedToken:
    """`refused_at` is when a request that bore it was last worth a line in the log; None before that.

    Those of before are known to be tokens, and by nothing else.
    """

    digest: bytes = field(repr=False)
    scim_configuration_id: ScimConfigurationId
    end: End
    ended_at: datetime
    refused_at: datetime | None = None
    kind: CredentialKind = CredentialKind.TOKEN
    credential_id: ScimCredentialId | None = None
    hint: str = ""

    def worth_a_line(self, now: datetime) -> bool:
        return self.refused_at is None or now - self.refused_at >= REFUSALS_APART

    def reason(self) -> str:
        """Why it is refused, and what to do, in words for the administrator."""
        when, what = text(self.ended_at), _NAMES[self.kind]
        if self.kind is CredentialKind.ACCESS_TOKEN:
            return f"the {what} {_PAST[self.end]} at {when}; the provider has to get another one"
        if self.end is End.EXPIRED:
            return f"the {what} expired at {when}; {self.kind.renewal}, and enter the new one at the provider"
        return f"the {what} {_PAST[self.end]} at {when}; enter the new one at the provider"


_NAMES = {
    CredentialKind.TOKEN: "token",
    CredentialKind.CLIENT_SECRET: "client secret",
    CredentialKind.ACCESS_TOKEN: "access token",
}
_PAST = {End.EXPIRED: "expired", End.REPLACED: "was replaced", End.ENDED: "was ended"}


def expired(credential: ScimCredential) -> EndedToken:
    """One whose time is over."""
    end = End.REPLACED if credential.replaced else End.EXPIRED
    return ended(credential, end, credential.expires_at)


def ended(credential: ScimCredential, end: End, when: datetime) -> EndedToken:
    """One that was ended then, be its time over or not."""
    return EndedToken(
        digest=credential.digest,
        scim_configuration_id=credential.scim_configuration_id,
        end=end,
        ended_at=when,
        kind=credential.kind,
        credential_id=credential.shown_id,
        hint=credential.hint,
    )
