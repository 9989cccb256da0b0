"""Which web pages of other origins may call RPCs from a browser (the Fetch Standard's CORS protocol)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .responses import Send, refuse, respond

Headers = tuple[tuple[bytes, bytes], ...]

ANY = "*"

#: What the Connect and gRPC-Web clients of a browser send, and what callers may add.
_REQUEST_HEADERS = (
    "authorization",
    "baggage",
    "connect-accept-encoding",
    "connect-content-encoding",
    "connect-protocol-version",
    "connect-timeout-ms",
    "content-encoding",
    "content-type",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-timeout",
    "traceparent",
    "tracestate",
    "x-grpc-web",
    "x-request-id",
    "x-user-agent",
)
#: What a script may read of an answer, beside the few headers that every script may.
_ANSWER_HEADERS = (
    "connect-content-encoding",
    "grpc-encoding",
    "grpc-message",
    "grpc-status",
    "grpc-status-details-bin",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "x-request-id",
    "x-should-retry",
)
#: How long a browser may remember a preflight, in seconds; Chromium takes no more.
_MAX_AGE = 7200

_VARY = (b"vary", b"origin")
_EXPOSED = (b"access-control-expose-headers", ", ".join(_ANSWER_HEADERS).encode())
_PREFLIGHT: Headers = (
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", ", ".join(_REQUEST_HEADERS).encode()),
    (b"access-control-max-age", str(_MAX_AGE).encode()),
)


class CrossOrigin:
    """The pages of some origins may call us; without any, no page of another origin can.

    `*` lets every page in. Credentials that a browser adds by itself (cookies, client certificates)
    are never allowed: a page has to present a token of its own.
    """

    def __init__(self, origins: Collection[str] = ()) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self._any = ANY in origins

    def headers(self, request: Iterable[tuple[bytes, bytes]]) -> Headers:
        """What the answer to a request says about who may read it."""
        if not self._origins:
            return ()
        allowed = self._allowed(request)
        if allowed is None:
            return (_VARY,)  # a cache must not give this answer to an allowed origin
        return (_VARY, (b"access-control-allow-origin", allowed), _EXPOSED)

    async def preflight(self, request: Iterable[tuple[bytes, bytes]], send: Send) -> None:
        """Answers a browser that asks if it may send a page's request."""
        if self._allowed(request) is not None:
            await respond(send, 200, {}, _PREFLIGHT)
        else:
            await refuse(
                send,
                403,
                "permission_denied",
                "pages of this origin may not call; --cors-allowed-origins lists those that may",
            )

    def _allowed(self, request: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        for name, value in request:
            if name == b"origin":
                if self._any:
                    return ANY.encode()
                return value if value in self._origins else None
        return None


def is_preflight(method: str, request: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a browser asks if it may send a request of another origin's page."""
    return method == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in request
    )
