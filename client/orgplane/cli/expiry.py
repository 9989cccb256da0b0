"""Warns a person whose last token with which they can change something ends soon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .session import Session, tell

_SOON = timedelta(days=14)


def warn_of_last_token(session: Session) -> None:
    """Tells when the person's own tokens that are not read-only all end within 14 days."""
    now = datetime.now(UTC)
    pages: Iterable[Sequence[Any]] = session.api.pages("ListPersonalAccessTokens")
    ends = [
        token.expires_at.to_datetime()
        for page in pages
        for token in page
        if not token.read_only and token.expires_at is not None
    ]
    last = max((end for end in ends if end > now), default=None)
    if last is not None and last - now <= _SOON:
        tell(
            f"warning: your last token that is not read-only ends at {last:%Y-%m-%d %H:%M:%S}Z; "
            "create another before: orgplane tokens create"
        )
