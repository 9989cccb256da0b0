"""The line of a call, as JSON: what structlog would write of it, without what structlog does for any line."""

from __future__ import annotations

from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as quoted

from .trace import Trace


def json_line(
    *,
    method: str,
    protocol: str,
    code: str,
    milliseconds: float,
    caller: str,
    organization: str,
    request_id: str,
    peer: str,
    trace: Trace | None = None,
) -> str:
    at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    traced = f'"trace_id": "{trace.trace_id}", "span_id": "{trace.span_id}", ' if trace else ""
    return (
        f'{{"method": {quoted(method)}, "protocol": {quoted(protocol)}, "code": {quoted(code)}, '
        f'"milliseconds": {milliseconds!r}, "caller": {quoted(caller)}, '
        f'"organization": {quoted(organization)}, '
        f'"request_id": {quoted(request_id)}, "peer": {quoted(peer)}, {traced}'
        f'"event": "call", "level": "info", "timestamp": "{at}"}}'
    )
