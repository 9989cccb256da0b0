"""The secret that an installation seals with, and those it has sealed with before.

What is in the database is sealed anew when the key changes. Page tokens and cursors are out there: for a while they are
opened with the keys before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .errors import Unavailable
from .identifier import FormerKeyId
from .revision import SECRET

#: How long page tokens and cursors of a key before are opened.
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FormerKey:
    """`sealed` is what opens texts of a key that was the database's until it was retired."""

    id: FormerKeyId
    sealed: bytes = field(repr=False, metadata=SECRET)
    retired_at: datetime


def outdated() -> Unavailable:
    """For what a server cannot do that has not yet the key that the database is sealed with."""
    return Unavailable("the server's secret key is being replaced, try again later")
