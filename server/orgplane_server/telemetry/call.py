"""The record of the call being served, filled in by whoever learns something about it."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from . import logs


@dataclass(slots=True)
class Call:
    """`method` is `package.Service/Method` or a path; `code` an RPC code, `ok` or an HTTP status."""

    request_id: str
    peer: str
    method: str
    protocol: str
    code: str = ""
    caller: str = ""
    started: float = field(default_factory=time.perf_counter)

    def finish(self) -> None:
        """Writes the call's one line. Never a body, never a token."""
        logs.call(
            method=self.method,
            protocol=self.protocol,
            code=self.code,
            milliseconds=round((time.perf_counter() - self.started) * 1000, 2),
            caller=self.caller,
            request_id=self.request_id,
            peer=self.peer,
        )


current_call: ContextVar[Call] = ContextVar("current_call")
