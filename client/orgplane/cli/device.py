"""Signing in from a machine without a browser: by a code that is typed on another (RFC 8628)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from ..errors import DeadlineExceededError, UnavailableError
from .authorization_server import CLIENT_ID, AuthorizationServer, Signed
from .failure import Exit, Failure
from .session import tell
from .table import printable

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: Seconds between two questions where the server says nothing, and how much more it wants if it wants more (section 3.5).
_INTERVAL = 5
_MORE = 5


def sign_in(server: AuthorizationServer, sleep: Callable[[float], None] = time.sleep) -> Signed:
    """The session of who types the code. Raises Failure."""
    endpoint = server.endpoint("device_authorization")
    if not endpoint:
        raise Failure(
            f"{server.issuer} has no sign-in by a code",
            "Where there is a browser: orgplane login --sso",
            Exit.REFUSED,
        )
    status, begun = server.post(endpoint, {"client_id": CLIENT_ID})
    try:
        code, shown, page = (
            str(begun[name]) for name in ("device_code", "user_code", "verification_uri")
        )
        left, wait = float(begun["expires_in"]), float(begun.get("interval", _INTERVAL))
    except (KeyError, TypeError, ValueError):
        raise Failure(
            f"the server begins no sign-in by a code (status {status})",
            "Try again later.",
            Exit.OTHER,
        ) from None
    tell(
        f"open this page in a browser, on any machine, and type the code {printable(shown)} there:"
    )
    print(f"  {printable(page)}", file=sys.stderr, flush=True)
    deadline = time.monotonic() + left
    while time.monotonic() + wait < deadline:
        sleep(wait)
        try:
            done = server.token({"grant_type": _GRANT, "device_code": code})
        except (UnavailableError, DeadlineExceededError):
            done = "slow_down"  # section 3.5
        if isinstance(done, Signed):
            return done
        if done == "slow_down":
            wait += _MORE  # for good
        elif done == "access_denied":
            raise Failure("nobody signed in: the sign-in was refused", "", Exit.DENIED)
        elif done == "expired_token":
            break
        elif done != "authorization_pending":
            raise Failure(
                f"the server does not take the sign-in: {printable(done)}",
                "Try again.",
                Exit.DENIED,
            )
    raise Failure("nobody typed the code in time", "Try again.", Exit.DENIED)
