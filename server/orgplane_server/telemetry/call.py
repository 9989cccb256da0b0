"""The record of the call being served, filled in by whoever learns something about it."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from . import logs
from .call_counts import call_counts
from .trace import current_trace

#: What asks every few seconds whether all is well leaves a line only if it is not.
_PROBES = frozenset(
    {"/healthz", "/readyz", "grpc.health.v1.Health/Check", "grpc.health.v1.Health/List"}
)
_WELL = frozenset({"ok", "200"})


@dataclass(slots=True)
class Call:
    """`method` is `package.Service/Method` or a path; `code` an RPC code, `ok` or an HTTP status.

    `route` is what is served there, in words of ours: `package.Service/Method`, a page's path, of SCIM
    `GET /Users/{id}`; `other` for all else. `counted` is whether it counts for what its credential may ask for.
    """

    request_id: str
    peer: str
    method: str
    protocol: str
    code: str = ""
    caller: str = ""
    organization: str = ""
    route: str = "other"
    counted: bool = False
    started: float = field(default_factory=time.perf_counter)
    finished: bool = False

    def begin(self) -> None:
        """Counts the call among those that run; it is to `finish`."""
        call_counts.began()

    def by(self, caller: str, organization: UUID) -> None:
        """Notes whose call it is, and in which organization."""
        self.caller, self.organization = caller, str(organization)

    def finish(self) -> None:
        """Counts the call and writes its one line. Never a body, never a token."""
        self.finished = True
        seconds = time.perf_counter() - self.started
        trace = current_trace.get()
        call_counts.ended(self.route, self.protocol, self.code, seconds, trace)
        if self.route in _PROBES and self.code in _WELL:
            return
        logs.call(
            method=self.method,
            protocol=self.protocol,
            code=self.code,
            milliseconds=round(seconds * 1000, 2),
            caller=self.caller,
            organization=self.organization,
            request_id=self.request_id,
            peer=self.peer,
            trace=trace,
        )


current_call: ContextVar[Call] = ContextVar("current_call")


def about(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: a line that is written for a call says for which, of whom, and in which trace."""
    call = current_call.get(None)
    if call is None or call.finished:  # what goes on after it is the server's own
        return event
    event.setdefault("request_id", call.request_id)
    if call.organization:
        event.setdefault("organization", call.organization)
    if (trace := current_trace.get()) is not None:
        event.update(trace.ids())
    return event
