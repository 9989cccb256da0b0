"""The first and last thing every request meets: dispatch, request id, body limit, the log line."""

from __future__ import annotations

import re
from collections.abc import Mapping

import structlog
from connectrpc.code import Code

from ..domain.client_address import NO_PROXIES, TrustedProxies
from ..domain.errors import Reason, ResourceExhausted, Unavailable
from ..domain.redaction import redacted_text
from ..fairness import Party, whose
from ..rpc.door import RpcDoor
from ..rpc.refusal import Refusal
from ..scim.lazy_door import LazyDoor
from ..telemetry.call import Call, current_call
from ..usecases.address_limit import UNLIMITED, AddressLimit
from ..usecases.minting import new_text_id
from ..web import request_head
from ..web.cors import CrossOrigin, Headers, is_preflight
from ..web.responses import Application, Message, Receive, Scope, Send, refuse
from .arrival import Arrivals, left_meanwhile
from .bodies import Bodies
from .shelter import sheltered

_STOPPING = "the server is stopping; ask another one"
_REQUEST_ID = re.compile(rb"[\w.:-]{1,128}", re.ASCII)

log = structlog.get_logger(__name__)


class Front:
    """Sends RPCs and SCIM straight to their doors, other paths to `pages`, of which one whose path ends in `/` has all
    that is in there; everything also under `/api`.

    RPCs, and nothing else, may be called by web pages of other origins, as `cross_origin` says.
    """

    def __init__(
        self,
        rpc: RpcDoor,
        scim: LazyDoor,
        pages: Mapping[str, Application],
        max_request_bytes: int,
        cross_origin: CrossOrigin,
        proxies: TrustedProxies = NO_PROXIES,
        tokenless_calls: AddressLimit = UNLIMITED,
        bodies: Bodies | None = None,
    ) -> None:
        self._rpc = rpc
        self._scim = scim
        self._pages = pages
        self._max_request_bytes = max_request_bytes
        self._cross_origin = cross_origin
        self._proxies = proxies
        self._tokenless_calls = tokenless_calls
        self._bodies = bodies or Bodies()
        self._closed = False
        self._arrivals = Arrivals(_stopping)

    def close(self) -> None:
        """From here on every request is turned away, before anything is done for it, and so are halves of one."""
        self._closed = True
        self._arrivals.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        told = path if self._rpc.names(path) else redacted_text(path)
        call = Call(_request_id(scope), self._peer(scope), told, "http")
        current_call.set(call)
        whose.set(Party(credential=call.peer))
        body = self._bodies.body(call.peer, scope, self._max_request_bytes)
        receive = body.metered(self._arrivals.of(sheltered(receive)))
        send = sheltered(send)
        asked = scope
        if scope["path"].startswith("/api/"):  # the vendor's base URL ends in /api
            scope = {**scope, "path": scope["path"][4:]}
        is_rpc = self._rpc.serves(scope["path"])
        if self._rpc.names(scope["path"]):
            call.route = scope["path"][1:]
        is_scim = not is_rpc and self._scim.serves(asked["path"])
        turn_away = self._scim.refuse if is_scim else refuse
        answer = _Answer(
            send,
            call,
            self._cross_origin.headers(scope["headers"]) if is_rpc else (),
            only_headers=scope["method"] == "HEAD",
        )
        call.begin()
        try:
            if (excess := request_head.excess(scope["headers"])) is not None:
                if is_rpc:
                    raise Refusal(Code.RESOURCE_EXHAUSTED, excess, Reason.REQUEST_TOO_LARGE)
                await turn_away(answer, 431, "resource_exhausted", excess)
            elif is_rpc:
                await self._call(scope, receive, answer)
            elif self._closed:
                await turn_away(answer, 503, "unavailable", _STOPPING)
            elif not all(value.isascii() for _, value in scope["headers"]):
                await turn_away(answer, 400, "invalid_argument", "a header value is not ASCII")
            elif is_scim:  # its answers hold the address it was asked at
                state = {**asked.get("state", {}), "has_left": left_meanwhile(receive)}
                await self._scim({**asked, "state": state}, receive, answer)
            else:
                await self._page(scope, receive, answer)
        except _TooLarge:
            await answer.instead(413, "resource_exhausted", "the request is too large")
        except Exception as error:
            told = is_rpc or isinstance(error, (ResourceExhausted, Unavailable))
            if told and not answer.started:
                await self._rpc.refuse(error, scope, receive, answer)
            else:
                log.error("unhandled error", request_id=call.request_id, exc_info=error)
                await answer.instead(500, "internal", "internal error")
        finally:
            body.free()
            call.finish()

    def _peer(self, scope: Scope) -> str:
        forwarded = [
            str(value, "latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"
        ]
        return self._proxies.client(scope.get("client"), forwarded)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._closed:
            await self._rpc.refuse(_stopping(), scope, receive, send)
        elif is_preflight(scope["method"], scope["headers"]):
            self._tokenless_calls.count(current_call.get().peer)
            await self._cross_origin.preflight(scope["headers"], send)
        else:
            if self._rpc.is_free(scope["path"]):
                self._tokenless_calls.count(current_call.get().peer)
            await self._rpc(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        known = path if path in self._pages else path[: path.rfind("/") + 1]
        if (page := self._pages.get(known)) is not None:
            current_call.get().route = known
            await page(scope, _limited(scope, receive, self._max_request_bytes), send)
        else:
            self._tokenless_calls.count(current_call.get().peer)
            await self._rpc(scope, receive, send)  # it refuses, in the protocol it was asked in


class _Answer:
    """`send`, adding the headers that every answer has and noting the outcome in the call's record.

    What is sent to a client that is gone is dropped: whoever answers learns of it by `receive`. With
    `only_headers` the rest is dropped as well: the listener would send it, and a client that asked by HEAD
    takes it for the beginning of the next answer.
    """

    def __init__(self, send: Send, call: Call, headers: Headers, *, only_headers: bool) -> None:
        self._send = send
        self._only_headers = only_headers
        self._call = call
        self._headers = ((b"x-request-id", call.request_id.encode()), *headers)
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self._call.code = self._call.code or str(message["status"])
            message = {**message, "headers": [*message["headers"], *self._headers]}
        elif self._only_headers and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        try:
            await self._send(message)
        except Exception as error:
            if not _says_disconnected(error):
                raise

    async def instead(self, status: int, code: str, message: str) -> None:
        """Answers with an error, if there is no answer yet."""
        self._call.code = code
        if not self.started:
            await refuse(self, status, code, message)


def _says_disconnected(error: Exception) -> bool:
    """An OSError, as ASGI has it; the listener's own class cannot be imported here."""
    return isinstance(error, OSError) or type(error).__name__ == "ClientDisconnectedError"


def _stopping() -> Unavailable:
    return Unavailable(_STOPPING, reason=Reason.SERVER_STOPPING)


class _TooLarge(Exception):
    pass


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """`receive`, raising _TooLarge once the body is over the limit, or says that it will be."""
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    if not announced.isdigit() or int(announced) > limit:
        raise _TooLarge
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise _TooLarge
        return message

    return limited


def _request_id(scope: Scope) -> str:
    """The caller's or the proxy's `x-request-id` if it is a sane one and no token, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            id = str(value, "ascii")
            if redacted_text(id) == id:
                return id
    return new_text_id()
