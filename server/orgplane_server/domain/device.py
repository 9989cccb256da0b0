"""How a program on a machine without a browser gets a session: the device authorization grant (RFC 8628).

The program shows a code, and whoever started it types it into a page on another machine, signs in, sees from where the code was
asked for, and lets the program in by a button. A code that somebody else passes on, to have others let *them* in (section 5.4),
is met by that page alone: it says where the program is, and that nobody has to do this who has not begun it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .identifier import DeviceAuthorizationId, OrganizationId, SessionId
from .revision import SECRET

LIFETIME = timedelta(minutes=10)
#: How long a program waits before it asks again.
INTERVAL = timedelta(seconds=5)
#: How long one that is over is remembered.
KEPT = timedelta(hours=1)
#: Letters that make no words, and are not mistaken for each other (section 6.1).
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
#: How many are remembered, of those that began at one address and in all; the earliest give way, so that nobody fills the table. From
#: one address as many as `PROGRAMS` lets begin while a code works.
MOST_OF_ADDRESS = 300
MOST = 10_000
#: Programs that begin, from one address in a minute.
PROGRAMS = 30
#: Codes that are none, from one address in a minute.
GUESSES = 5


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """Begun from the address `peer`, without a port. With a session it was let in; until it has fetched the token nobody has that."""

    id: DeviceAuthorizationId
    device_digest: bytes = field(repr=False, metadata=SECRET)
    code_digest: bytes = field(repr=False, metadata=SECRET)
    peer: str
    created_at: datetime
    expires_at: datetime
    polled_at: datetime | None = None
    organization_id: OrganizationId | None = None
    session_id: SessionId | None = None
    denied: bool = False

    def undecided(self, now: datetime) -> bool:
        return self.session_id is None and not self.denied and now < self.expires_at

    def too_soon(self, now: datetime) -> bool:
        return self.polled_at is not None and now < self.polled_at + INTERVAL


def typed(text: str) -> str:
    """A code as somebody has typed it, in the spelling that it was shown in; empty for what can be none."""
    letters = "".join(each for each in text.upper() if each.isalnum())
    good = len(letters) == LENGTH and set(letters) <= set(LETTERS)
    return f"{letters[:4]}-{letters[4:]}" if good else ""
