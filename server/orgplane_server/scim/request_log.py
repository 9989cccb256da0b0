from __future__ import annotations

import time
from datetime import timedelta

from ..domain import scim_request
from ..domain.identifier import ScimRequestId
from ..domain.instant import Clock
from ..domain.scim_request import FAILED, MAX_BODY_BYTES, ScimRequest
from ..usecases.minting import new_id
from ..usecases.scim_access import Visit
from ..usecases.scim_request_log import ScimRequestLog
from . import content_coding
from .application import Message, Receive, ScimDoor, Scope, Send
from .errors import CLIENT_CLOSED_REQUEST


class RequestLog:
    """Around the SCIM door: notes each request, and its answer, for the configuration that the gate found.

    A request whose token is unknown belongs to none; of those whose token has ended one a minute is noted.
    Bodies are noted only if they are to be.
    """

    def __init__(
        self, door: ScimDoor, log: ScimRequestLog, clock: Clock, *, bodies: bool = False
    ) -> None:
        self._door = door
        self._log = log
        self._clock = clock
        self._bodies = bodies

    async def refuse(self, send: Send, status: int, message: str) -> None:
        """Turns a request away before it was looked at."""
        await self._door.refuse(send, status, message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = dict(scope.get("state", {}))
        exchange = _Exchange(receive, send, bodies=self._bodies)
        received_at, started = self._clock(), time.perf_counter()
        try:
            await self._door({**scope, "state": state}, exchange.receive, exchange.send)
        finally:
            visit: Visit | None = state.get("visit")
            if visit is not None and visit.configuration is not None:
                detail, scim_type = exchange.error()
                shown = visit.shown()
                if visit.ended is not None:
                    detail = visit.ended.reason()
                request = ScimRequest(
                    id=ScimRequestId(new_id()),
                    organization_id=visit.configuration.organization_id,
                    scim_configuration_id=visit.configuration.id,
                    received_at=received_at,
                    duration=timedelta(seconds=time.perf_counter() - started),
                    method=scim_request.method(scope["method"]),
                    path=scim_request.path(_raw_path(scope), scope["query_string"]),
                    status=exchange.status,
                    detail=detail,
                    scim_type=scim_type,
                    user_agent=scim_request.user_agent(_user_agent(scope)),
                    request_id=visit.origin.request_id,
                    peer=visit.origin.peer,
                    request_body=exchange.sent.text(content_coding.of(scope))
                    if self._bodies
                    else "",
                    response_body=exchange.answered.text() if self._bodies else "",
                    credential_id=shown[0],
                    credential=shown[1],
                    remark="" if exchange.failed else scim_request.remark(visit.remarks),
                )
                self._log.note(request, visit.ended)


class _Body:
    """A body that passes by: its size, and as much of it as may be kept."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._size = 0

    def add(self, message: Message) -> None:
        content: bytes = message.get("body", b"")
        self._size += len(content)
        if self._size <= MAX_BODY_BYTES:
            self._content += content

    def error(self) -> tuple[str, str]:
        return scim_request.error(bytes(self._content))

    def text(self, coding: str = "") -> str:
        content, size = bytes(self._content), self._size
        if coding and size:
            inflated = content_coding.inflated(content, MAX_BODY_BYTES)
            if inflated is None:
                return f"({size} bytes in the content coding {coding[:16]}, not kept)"
            content, size = inflated, len(inflated)
        return scim_request.body(content, size)


class _Exchange:
    """`receive` and `send` of a request, overheard."""

    def __init__(self, receive: Receive, send: Send, *, bodies: bool) -> None:
        self._receive = receive
        self._send = send
        self._bodies = bodies
        self.status = CLIENT_CLOSED_REQUEST
        self.sent = _Body()
        self.answered = _Body()

    async def receive(self) -> Message:
        message = await self._receive()
        if self._bodies and message["type"] == "http.request":
            self.sent.add(message)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self._bodies or self.failed:
            self.answered.add(message)
        await self._send(message)

    @property
    def failed(self) -> bool:
        return self.status >= FAILED

    def error(self) -> tuple[str, str]:
        """The detail and the scimType of an answer that says no."""
        if self.status == CLIENT_CLOSED_REQUEST:
            return "the client went away before the answer", ""
        return self.answered.error() if self.failed else ("", "")


def _raw_path(scope: Scope) -> bytes:
    """As it was sent, where the server tells."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    return raw.partition(b"?")[0]


def _user_agent(scope: Scope) -> bytes:
    values = (value for name, value in scope["headers"] if name.lower() == b"user-agent")
    return next(values, b"")
