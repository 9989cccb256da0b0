"""The line of a call is the one that structlog would write."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog
from orgplane_server.telemetry.call_line import json_line

TOLD: dict[str, Any] = {
    "method": "gitpod.v1.UserService/GetUser",
    "protocol": "connect",
    "code": "ok",
    "milliseconds": 0.25,
    "caller": "",
    "organization": "01a20abd-f271-72d4-9a6b-055019bca2f3",
    "request_id": "01a20abd-f271-72d4-9a6b-055019bca2f2",
    "peer": "192.0.2.1:5",
}


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"milliseconds": 0.0},
        {"milliseconds": 1e16},
        {"method": '/"\\\n\x00\x1b\x7fé\u2028\U0001f600\ud800'},
    ],
)
def test_a_line_is_what_structlog_would_write(told: dict[str, Any]) -> None:
    line = json_line(**{**TOLD, **told})
    read = json.loads(line)
    given = {**TOLD, **told, "event": "call", "level": "info", "timestamp": read["timestamp"]}
    assert read == given
    assert line == structlog.processors.JSONRenderer()(None, "info", given)
