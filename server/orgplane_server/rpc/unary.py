"""The short way of a unary call: what most calls are like, answered without the RPC runtime's work for each.

It knows POST, Connect and gRPC, and messages that come uncompressed; and of those only how to succeed.

- What is unusual about a call, or wrong with it before its RPC begins, is the runtime's affair: it begins anew,
  with all that was received so far (`Runtime`), and so says what it always says.
- What fails after that is raised, and answered like a call that is refused (`refusal.py`): by the runtime too.
- So is what is wrong with a caller's token. As anybody may send that by the thousand, the door says again what the runtime
  said the first time (`door.py`).

So there is one place that writes errors. Tests take both ways.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectrpc.code import Code
from connectrpc.codec import Codec
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import Headers, RequestContext
from protobuf import DescService
from protobuf import Message as Proto

from ..telemetry.call import current_call
from ..usecases.authentication import Presumption
from .caller import know
from .compression import compressing
from .interceptors.authentication import Authenticate
from .interceptors.incoming import Incoming
from .interceptors.time_limit import too_long
from .protocol import ENCODINGS, Protocol
from .receiving import DISCONNECT_CHECK, LATER_DISCONNECT_CHECK, Message, Receive

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Handle = Callable[[Any, Any], Awaitable[Proto]]
Metadata = Sequence[tuple[bytes, bytes]]

#: The codec, by the content types that come this way.
_CONNECT = {b"application/proto": "proto", b"application/json": "json"}
_GRPC = {b"application/grpc": "proto", b"application/grpc+proto": "proto"}

#: Before a message in gRPC: whether it is compressed, and its length.
_PREFIX_BYTES = 5

_VARY = (b"vary", b"Accept-Encoding")
_ACCEPTED = (b"grpc-accept-encoding", ",".join(ENCODINGS).encode())

_CONNECT_TIMEOUT = re.compile(rb"[1-9][0-9]{0,9}")
_GRPC_TIMEOUT = re.compile(rb"([1-9][0-9]{0,7})([HMSmun])")
_SECONDS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}


class Runtime(Exception):
    """The call is the runtime's, which shall receive it by this."""

    def __init__(self, receive: Receive) -> None:
        super().__init__()
        self.receive = receive


class Failed(Exception):
    """The RPC did, after it had begun: with its cause, and the metadata that the answer was to have."""

    def __init__(self, error: Exception, context: Context) -> None:
        super().__init__()
        self.error = error
        self.context = context


@dataclass(frozen=True, slots=True)
class Unary:
    """An RPC that may be called this way."""

    info: MethodInfo[Any, Any]
    handle: Handle

    @classmethod
    def all(cls, service: DescService, rpcs: object) -> dict[str, Unary]:
        """Those of a service, by path, as `rpcs` implements them."""
        return {
            f"/{service.type_name}/{method.name}": cls(
                MethodInfo(
                    name=method.name,
                    service_name=service.type_name,
                    input=method.input.type,
                    output=method.output.type,
                    idempotency_level=IdempotencyLevel.UNKNOWN,
                    stream_type=StreamType.UNARY,
                ),
                _implementation(rpcs, method.name),
            )
            for method in service.methods
            if method.method_kind == "unary"
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call's headers say; `accepts` is how its answer may be compressed."""

    protocol: Protocol
    codec: str
    accepts: bytes
    timeout: float | None
    credentials: Sequence[str]


class Shortcut:
    """Unary RPCs, by path, with what the interceptors of the runtime do for each."""

    def __init__(
        self,
        rpcs: Mapping[str, Unary],
        codecs: Sequence[Codec[Any, Any]],
        incoming: Sequence[Incoming],
        authenticate: Authenticate | None,
        *,
        read_max_bytes: int,
        request_timeout: float,
    ) -> None:
        self._rpcs = rpcs
        self._codecs = {codec.name(): codec for codec in codecs}
        self._incoming = incoming
        self._authenticate = authenticate
        self._read_max_bytes = read_max_bytes
        self._request_timeout = request_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers. Raises Runtime, Failed, or what is wrong with the caller's token."""
        rpc = self._rpcs.get(scope["path"])
        if rpc is None or (asked := _asked(scope)) is None:
            raise Runtime(receive)
        call = current_call.get()
        call.method = f"{rpc.info.service_name}/{rpc.info.name}"
        call.protocol = asked.protocol
        context = Context(rpc.info, scope, asked.timeout)
        patience = _Patience(asked.timeout)
        try:
            presumed = await self._caller(scope["path"], asked)
            request = await self._request(rpc, asked, receive, context)
            patience.begin(receive, self._request_timeout)
            try:
                answer = await self._handled(rpc, request, context, asked, presumed)
                body = self._codecs[asked.codec].encode(answer)
            except Exception as error:
                raise Failed(error, context) from None
        except asyncio.CancelledError:
            if patience.lost is None:
                call.code = Code.CANCELED.value
                raise
            patience.forgive()
            raise Failed(patience.lost, context) from None
        finally:
            patience.end()
        call.code = "ok"
        if asked.accepts != b"identity":
            _, send = compressing(scope, send)
        if asked.protocol is Protocol.GRPC:
            await _answer_grpc(body, context, send)
        else:
            await _answer_connect(body, asked, context, send)

    async def _caller(self, path: str, asked: Asked) -> Presumption | None:
        """Whose call it is, from here on: they are, if the presumption holds."""
        if self._authenticate is None or path in self._authenticate.tokenless:
            return None
        for_members = self._authenticate.for_members(path)
        presumed = self._authenticate.presumed(asked.credentials) if for_members else None
        if presumed is None:
            await self._authenticate.know(path, asked.credentials)
            return None
        know(presumed.caller)
        await self._authenticate.count_presumed(asked.credentials)
        return presumed

    async def _handled(
        self,
        rpc: Unary,
        request: Proto,
        context: Context,
        asked: Asked,
        presumed: Presumption | None,
    ) -> Proto:
        """The answer to a caller whom the database knows, as it was at some time since the call began."""
        if presumed is not None:
            try:
                with presumed.relied_on():
                    answer = await rpc.handle(request, context)
                if presumed.confirmed:
                    return answer
            except Exception:
                if presumed.confirmed:
                    raise
            # Nothing but this was asked of the database, if anything was: it begins anew.
            assert self._authenticate is not None
            know(await self._authenticate.caller(asked.credentials))
        return await rpc.handle(request, context)

    async def _request(self, rpc: Unary, asked: Asked, receive: Receive, context: Context) -> Proto:
        """The message, if the RPC may have it. Raises Runtime if the runtime has something to say."""
        prefix = _PREFIX_BYTES if asked.protocol is Protocol.GRPC else 0
        received = [message := await receive()]
        size = len(message.get("body", b""))
        while message.get("more_body", False) and size <= self._read_max_bytes + prefix:
            received.append(message := await receive())
            size += len(message.get("body", b""))
        body = b"".join(each.get("body", b"") for each in received)
        if message["type"] == "http.request" and _whole(body, prefix, self._read_max_bytes):
            try:
                codec = self._codecs[asked.codec]
                request: Proto = codec.decode(body[prefix:], rpc.info.input)
                for each in self._incoming:
                    each.accept(request, context)
            except Exception:  # noqa: S110 (the runtime finds it again)
                pass
            else:
                return request
        raise Runtime(_again(received, receive))


class Context(RequestContext[Any, Any]):
    """What a handler may ask about its call; headers are only read if it does."""

    def __init__(self, info: MethodInfo[Any, Any], scope: Scope, timeout: float | None) -> None:
        super().__init__(
            method=info,
            http_method="POST",
            request_headers=_UNREAD,
            timeout_ms=None if timeout is None else timeout * 1000,  # type: ignore[arg-type]
        )
        self._scope = scope

    @property
    def request_headers(self) -> Headers:
        return Headers(
            [(str(name, "ascii"), str(value, "ascii")) for name, value in self._scope["headers"]]
        )

    def told(self) -> tuple[Metadata, Metadata]:
        """The answer's headers and trailers, as far as there are any."""
        return _metadata(self._response_headers), _metadata(self._response_trailers)

    @property
    def client_address(self) -> str | None:
        client = self._scope.get("client")
        return f"{client[0]}:{client[1]}" if client else None


_UNREAD = Headers()


class _Patience:
    """Ends the task of a call that takes too long, or whose client has gone. Most are over before it looks."""

    def __init__(self, timeout: float | None) -> None:
        """`timeout` is the client's, in seconds, and holds for all that is done for the call."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._watch: asyncio.Task[None] | None = None
        self._timers: list[asyncio.TimerHandle] = []
        if timeout is not None:
            late = ConnectError(Code.DEADLINE_EXCEEDED, "Request timed out")
            self._timers.append(self._loop.call_later(timeout, self._lose, late))
        #: Why the call was ended.
        self.lost: ConnectError | None = None

    def begin(self, receive: Receive, seconds: float) -> None:
        """The request is whole, and its RPC may last so long."""
        self._timers.append(self._loop.call_later(DISCONNECT_CHECK, self._look, receive, seconds))

    def forgive(self) -> None:
        """The task goes on, to answer."""
        if self._task is not None:
            self._task.uncancel()

    def end(self) -> None:
        for timer in self._timers:
            timer.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def _look(self, receive: Receive, seconds: float) -> None:
        left = max(0.0, seconds - DISCONNECT_CHECK)
        self._timers.append(self._loop.call_later(left, self._lose, too_long(seconds)))
        self._watch = self._loop.create_task(self._until_disconnected(receive))

    async def _until_disconnected(self, receive: Receive) -> None:
        check = DISCONNECT_CHECK
        while (await receive())["type"] != "http.disconnect":
            await asyncio.sleep(check)  # as `patient` does, and why
            check = min(1.1 * check, LATER_DISCONNECT_CHECK)
        self._lose(ConnectError(Code.CANCELED, "Client disconnected"))

    def _lose(self, error: ConnectError) -> None:
        if self.lost is None and self._task is not None:
            self.lost = error
            self._task.cancel()


def _asked(scope: Scope) -> Asked | None:
    """None for a call of another kind."""
    headers = dict(scope["headers"])
    if (
        scope["method"] != "POST"
        or scope["query_string"]
        or len(headers) != len(scope["headers"])
        or not b"".join(headers.values()).isascii()
    ):
        return None
    content_type = headers.get(b"content-type", b"")
    if (codec := _CONNECT.get(content_type)) is not None:
        protocol, encoding, accepted = Protocol.CONNECT, b"content-encoding", b"accept-encoding"
        if headers.get(b"connect-protocol-version", b"1") != b"1":
            return None
        timeout = _connect_timeout(headers.get(b"connect-timeout-ms"))
    elif (codec := _GRPC.get(content_type)) is not None:
        protocol, encoding, accepted = Protocol.GRPC, b"grpc-encoding", b"grpc-accept-encoding"
        timeout = _grpc_timeout(headers.get(b"grpc-timeout"))
    else:
        return None
    if timeout == 0 or headers.get(encoding, b"identity") != b"identity":
        return None
    credentials = headers.get(b"authorization")
    return Asked(
        protocol,
        codec,
        headers.get(accepted, b"identity"),
        timeout,
        () if credentials is None else (str(credentials, "ascii"),),
    )


def _connect_timeout(value: bytes | None) -> float | None:
    """In seconds; 0 for one that the runtime is to look at."""
    if not value:
        return None
    return int(value) / 1000 if _CONNECT_TIMEOUT.fullmatch(value) else 0


def _grpc_timeout(value: bytes | None) -> float | None:
    """As `_connect_timeout`."""
    if value is None:
        return None
    match = _GRPC_TIMEOUT.fullmatch(value)
    return int(match[1]) * _SECONDS[match[2]] if match else 0


def _whole(body: bytes, prefix: int, most: int) -> bool:
    """Whether it is one message, of a size that is read."""
    if len(body) > most + prefix:
        return False
    if not prefix:
        return True
    return body[:1] == b"\0" and int.from_bytes(body[1:prefix]) == len(body) - prefix


def _again(received: Sequence[Message], receive: Receive) -> Receive:
    """`receive` from the beginning."""
    left = list(reversed(received))

    async def receive_again() -> Message:
        return left.pop() if left else await receive()

    return receive_again


async def _answer_connect(body: bytes, asked: Asked, context: Context, send: Send) -> None:
    told, trailers = context.told()
    headers = [(b"content-type", b"application/" + asked.codec.encode()), _VARY, *told]
    headers += ((b"trailer-" + name, value) for name, value in trailers)
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer_grpc(body: bytes, context: Context, send: Send) -> None:
    told, trailers = context.told()
    headers = [(b"content-type", b"application/grpc+proto"), _ACCEPTED, *told]
    trailers = [*trailers, (b"grpc-status", b"0")]
    body = bytes(1) + len(body).to_bytes(_PREFIX_BYTES - 1) + body
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": True})
    await send({"type": "http.response.body", "body": body})
    await send({"type": "http.response.trailers", "headers": trailers})


def _metadata(headers: Headers | None) -> Metadata:
    if headers is None:
        return ()
    return [(name.encode(), value.encode()) for name, value in headers.allitems()]


def _implementation(rpcs: object, name: str) -> Handle:
    """The method of an RPC: `GetSCIMConfiguration` is `get_scim_configuration`."""
    wanted = name.lower()
    found: Handle = next(
        getattr(rpcs, each) for each in dir(rpcs) if each.replace("_", "") == wanted
    )
    return found
