"""Warns a person whose last token with which they can change something ends soon, or whose tokens soon rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import errors
from .session import Session, tell

_SOON = timedelta(days=14)


def warn_of_last_token(session: Session) -> None:
    """Tells when the person's own tokens that are not read-only all end, or those that work all rest, within 14 days."""
    now = datetime.now(UTC)
    pages: Iterable[Sequence[Any]] = session.api.pages("ListPersonalAccessTokens")
    tokens = [token for page in pages for token in page]
    ends = [
        token.expires_at.to_datetime()
        for token in tokens
        if not token.read_only and token.expires_at is not None
    ]
    if tokens:
        _warn_of_rest(session, tokens[-1].id, now)
    last = max((end for end in ends if end > now), default=None)
    if last is not None and last - now <= _SOON:
        tell(
            f"warning: your last token that is not read-only ends at {last:%Y-%m-%d %H:%M:%S}Z; "
            "create another before: orgplane tokens create"
        )


def _warn_of_rest(session: Session, token_id: str, now: datetime) -> None:
    """All of a person's tokens rest at the same time: when they should have signed in again."""
    try:
        statuses = session.call(
            "ListPersonalAccessTokenStatuses", personal_access_token_ids=[token_id]
        ).statuses
    except errors.UnimplementedError:  # an older server
        return
    for status in statuses:
        if (at := status.rests_at) is not None and at.to_datetime() - now <= _SOON:
            tell(
                f"warning: your tokens do not work from {at.to_datetime():%Y-%m-%d %H:%M:%S}Z on unless you sign in "
                "before: orgplane login --sso"
            )
