"""The keys that this installation signs ID tokens with: one at a time, and those before it for as long as a token may be about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .identifier import SigningKeyId
from .revision import SECRET

ALGORITHM = "RS256"
#: How long a key is published after another one took its place.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`sealed` is the private key. One that is retired signs nothing more."""

    id: SigningKeyId
    sealed: bytes = field(repr=False, metadata=SECRET)
    created_at: datetime
    retired_at: datetime | None = None
