"""Whether a logout token says who is signed out (OpenID Connect Back-Channel Logout 1.0, section 2.6). Imports joserfc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.session import LONGEST_SID
from .id_token import check_issued, check_lasts, check_parties, signed
from .keys import Keys
from .refusal import Refused

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
#: Seconds for which a provider may try.
_OLDEST = 600


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """The provider's `subject`, in its session `sid` or, without one, in all; one of the two is there. `issued_at` in seconds since 1970."""

    subject: str | None
    sid: str | None
    issued_at: float


async def logged_out(
    token: object, keys: Keys, issuer: str, client_id: str, now: float
) -> LoggedOut:
    """Whom a token tells of that is signed by the provider, for us, and new. Raises Refused, and NotFetched when the keys cannot be had."""
    _, claims = await signed(token, keys)
    check_parties(claims, issuer, client_id)
    issued_at = check_issued(claims, now, _OLDEST)
    if "exp" in claims:  # older drafts had none
        check_lasts(claims, now)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise Refused("events", "it does not say that somebody was logged out")
    if "nonce" in claims:
        raise Refused("nonce", "it is a token of a sign-in")
    if not isinstance(claims.get("jti"), str):
        raise Refused("jti", "it has no id")
    subject, sid = _text(claims, "sub"), _text(claims, "sid")
    if subject is None and sid is None:
        raise Refused("sub", "it does not say who was logged out, or of which session")
    return LoggedOut(subject, sid, issued_at)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SID:
        raise Refused(name, f"it is no text of 1 to {LONGEST_SID} characters")
    return value
