"""Which call a line of the log is written for."""

from __future__ import annotations

from contextvars import copy_context
from uuid import UUID

from orgplane_server.telemetry.call import Call, about, current_call
from orgplane_server.telemetry.trace import Trace, current_trace

ACME = UUID("01a20abd-f271-72d4-9a6b-055019bca2f3")


def test_a_line_names_its_call_its_organization_and_its_trace_as_long_as_the_call_lasts() -> None:
    def serve() -> None:
        call = Call("request-1", "192.0.2.1:5", "/", "http")
        current_call.set(call)
        assert about(None, "info", {"event": "x"}) == {"event": "x", "request_id": "request-1"}
        call.by("ada", ACME)
        current_trace.set(Trace("a" * 32, "b" * 16))
        known = {"request_id": "request-1", "organization": str(ACME)}
        traced = {"trace_id": "a" * 32, "span_id": "b" * 16}
        assert about(None, "info", {}) == known | traced
        other = {"organization": "other"}  # the line knows better
        assert about(None, "info", {**other}) == known | traced | other
        call.begin()
        call.finish()
        assert about(None, "info", {}) == {}

    copy_context().run(serve)
    assert about(None, "info", {}) == {}
