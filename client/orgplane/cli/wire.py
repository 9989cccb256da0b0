"""`--debug`: what goes over the wire, on stderr."""

from __future__ import annotations

import sys
import time
from typing import Any

from pyqwest import SyncHTTPTransport, SyncRequest, SyncResponse

#: Headers whose values say nothing that a log may keep.
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})


class WireTransport:
    """An HTTP transport that tells of each request and its answer: headers, status, time; never a body."""

    def __init__(self, transport: SyncHTTPTransport) -> None:
        self._transport = transport

    def execute_sync(self, request: SyncRequest) -> SyncResponse:
        _tell(">", f"{request.method} {request.url}")
        _tell_headers(">", request.headers.items())
        start = time.perf_counter()
        try:
            response = self._transport.execute_sync(request)
        except BaseException as error:
            _tell("<", f"{type(error).__name__} after {_milliseconds(start)}")
            raise
        _tell("<", f"{response.status} after {_milliseconds(start)}")
        _tell_headers("<", response.headers.items())
        return response

    def close(self) -> None:
        self._transport.close()


def _milliseconds(start: float) -> str:
    return f"{(time.perf_counter() - start) * 1000:.1f} ms"


def _tell_headers(direction: str, headers: Any) -> None:
    for name, value in headers:
        _tell(direction, f"{name}: {'(secret)' if name.lower() in _SECRET else value}")


def _tell(direction: str, text: str) -> None:
    print(f"{direction} {text}", file=sys.stderr)
