"""Calls that are refused before the runtime sees them, answered in the protocol they were made in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NoReturn

from connectrpc.code import Code
from connectrpc.interceptor import Interceptor, MetadataInterceptor
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from protobuf.wkt import Empty

from ..domain.errors import Reason
from ..domain.redaction import redacted_text
from .protocol import STREAM_TYPES, Protocol, media_type
from .receiving import Message, Receive

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Refusal(Exception):
    """What is wrong with a call as HTTP carries it.

    `status` and `headers` are HTTP's own, for callers who do not speak gRPC, where every answer has status 200.
    A call whose refusal has a status is taken for no stream: its answer is a plain one.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        reason: Reason,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.status = status
        self.headers = headers or {}


async def refuse(
    error: Exception,
    outer: Interceptor,
    scope: Scope,
    receive: Receive,
    send: Send,
    context: RequestContext[Any, Any] | None = None,
) -> None:
    """Answers the call with `error`, as the interceptor `outer` translates it; no body is read.

    The answer gets the metadata that the one of the `context` was to have.
    """
    content_type = media_type(
        next((value for name, value in scope["headers"] if name == b"content-type"), b"").decode(
            "ascii", "replace"
        )
    )
    protocol = Protocol.of(content_type)
    status = error.status if isinstance(error, Refusal) else None
    streams = False
    if protocol is not Protocol.CONNECT:
        content_type = f"application/{protocol}"
    elif streams := content_type in STREAM_TYPES and status is None:
        pass
    else:
        content_type = "application/json"
        send = send if status is None else _with_status(send, status)
    scope = {**scope, "method": "POST", "headers": [(b"content-type", content_type.encode())]}
    raising = _Raise(error, context)
    await _Refusing(scope["path"], raising, outer, streams=streams)(scope, receive, send)


class _Refusing(ConnectASGIApplication[None]):
    """An application with one RPC, of whichever name, that only ever fails."""

    def __init__(self, path: str, raising: _Raise, outer: Interceptor, *, streams: bool) -> None:
        self._path = path
        service, _, method = redacted_text(path[1:]).rpartition("/")
        info = MethodInfo(
            name=method,
            service_name=service,
            input=Empty,
            output=Empty,
            idempotency_level=IdempotencyLevel.UNKNOWN,
            stream_type=StreamType.BIDI_STREAM if streams else StreamType.UNARY,
        )
        endpoint: Any = (
            Endpoint.bidi_stream(method=info, function=_never_streamed)
            if streams
            else Endpoint.unary(method=info, function=_never)
        )
        super().__init__(
            service=None,
            endpoints=lambda _: {path: endpoint},
            interceptors=(outer, raising),
        )

    @property
    def path(self) -> str:
        return self._path


class _Raise(MetadataInterceptor[None]):
    def __init__(self, error: Exception, context: RequestContext[Any, Any] | None) -> None:
        self._error = error
        self._context = context

    async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
        for name, value in getattr(self._error, "headers", {}).items():
            ctx.response_headers[name] = value
        if self._context is not None:
            for name, value in self._context.response_headers.allitems():
                ctx.response_headers.add(name, value)
            for name, value in self._context.response_trailers.allitems():
                ctx.response_trailers.add(name, value)
        raise self._error


async def _never(request: Empty, ctx: RequestContext[Any, Any]) -> NoReturn:
    raise AssertionError("refused before")


async def _never_streamed(
    requests: AsyncIterator[Empty], ctx: RequestContext[Any, Any]
) -> AsyncIterator[Empty]:
    raise AssertionError("refused before")
    yield


def _with_status(send: Send, status: int) -> Send:
    async def send_with_status(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            if status == 415:  # whoever sent it may speak gRPC; plain JSON is Connect's alone
                headers = [(name, _TOLD.get(value, value)) for name, value in headers]
            message = {**message, "status": status, "headers": headers}
        await send(message)

    return send_with_status


_TOLD = {b"application/json": b"application/json; charset=utf-8"}
