"""A client as the suite runs it: calls come on stdin, what came of each goes to stdout. `async` or `sync`.

The calls go through the client's own connections, over the suite's service in place of Orgplane's.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from conformance_stubs.connectrpc.conformance.v1 import client_compat_pb, config_pb, service_pb
from conformance_stubs.connectrpc.conformance.v1.service_connect import (
    ConformanceServiceClient,
    ConformanceServiceClientSync,
)
from connectrpc.client import ResponseMetadata
from connectrpc.code import Code
from connectrpc.codec import proto_json_codec
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from connectrpc.request import Headers
from orgplane._async.connection import AsyncConnection
from orgplane._core.options import Options
from orgplane._core.tls import Certificates
from orgplane._sync.connection import Connection
from orgplane.errors import APIError
from protobuf import Oneof, Registry
from pyqwest import HTTPVersion

Request = client_compat_pb.ClientCompatRequest
Result = client_compat_pb.ClientResponseResult

_AT_ONCE = 8
#: A thread that waits for an answer which never comes would last for ever.
_PATIENCE = 5.0
_VERSIONS = {1: HTTPVersion.HTTP1, 2: HTTPVersion.HTTP2}
_PROTOCOLS: dict[Any, Any] = {1: "connect", 2: "grpc", 3: "grpc-web"}
_MESSAGES = {
    message.desc().type_name: message
    for message in (
        service_pb.UnaryRequest,
        service_pb.IdempotentUnaryRequest,
        service_pb.ClientStreamRequest,
        service_pb.ServerStreamRequest,
        service_pb.BidiStreamRequest,
        service_pb.UnimplementedRequest,
    )
}


@dataclass(frozen=True, slots=True)
class Chosen(Options):
    """Options beyond those that our client offers: the suite chooses them for each call."""

    version: int = 1
    compressed: bool = False
    limit: int = 0

    def stub(self) -> dict[str, Any]:
        chosen = Options.stub(self) | {"read_max_bytes": self.limit or None}
        if self.codec == "json":
            chosen["codec"] = proto_json_codec(Registry(service_pb.desc()))
        if self.compressed:
            chosen["send_compression"] = GzipCompression()
        return chosen

    def transport(self) -> dict[str, Any]:
        return Options.transport(self) | {"http_version": _VERSIONS[self.version]}

    def headers(self) -> dict[str, str]:
        return {}


def _chosen(request: Request) -> Chosen:
    ca = request.server_tls_cert
    return Chosen(
        url=f"{'https' if ca else 'http'}://{request.host}:{request.port}",
        token="",
        protocol=_PROTOCOLS[request.protocol],
        codec="json" if request.codec == config_pb.Codec.JSON else "proto",
        timeout=60.0,
        max_retries=0,
        certificates=Certificates(ca or None),
        proxy=None,
        version=int(request.http_version),
        compressed=request.compression == config_pb.Compression.GZIP,
        limit=request.message_receive_limit,
    )


def _headers(request: Request) -> Any:
    headers = Headers()
    for header in request.request_headers:
        for value in header.value:
            headers.add(header.name, value)
    return headers


def _messages(request: Request) -> list[Any]:
    return [
        message.unpack(_MESSAGES[message.type_url.rpartition("/")[2]])
        for message in request.request_messages
    ]


def _method(request: Request) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in request.method or "").lstrip("_")


def _wire(headers: Any) -> list[service_pb.Header]:
    values: dict[str, list[str]] = {}
    for name, value in headers.allitems():
        values.setdefault(name, []).append(value)
    return [service_pb.Header(name=name, value=found) for name, found in values.items()]


def _error(error: BaseException) -> service_pb.Error:
    """Of our own errors, the library's behind it: they keep it."""
    if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
        return service_pb.Error(code=config_pb.Code.CANCELED)
    found = error if isinstance(error, ConnectError) else error.__cause__
    if not isinstance(found, ConnectError):
        raise error
    return service_pb.Error(
        code=config_pb.Code[found.code.name],
        message=found.message,
        details=[detail._any for detail in found.details],
    )


class Call:
    """One call of the suite's: what it asks for, and what comes of it."""

    def __init__(self, request: Request, connection: Any, kind: Any) -> None:
        self._request = request
        self._connection = connection
        self._function = getattr(connection.stub(kind), _method(request))
        self._options: dict[str, Any] = {"headers": _headers(request)}
        if request.has_field("timeout_ms"):
            self._options["timeout_ms"] = request.timeout_ms
        if request.use_get_http_method:
            self._options["use_get"] = True
        self._messages = _messages(request)
        self._sent = 0
        self.result = Result()

    @property
    def _in_turn(self) -> bool:
        """Whether each message waits for the answer to the one before."""
        return bool(self._request.stream_type == config_pb.StreamType.FULL_DUPLEX_BIDI_STREAM)

    def _canceling(self, when: str) -> int | None:
        """What is said of the moment of cancelling, if it is this one."""
        if self._request.cancel is None:
            return None
        timing = self._request.cancel.cancel_timing
        if timing is None:
            return 0 if when == "after_close_send_ms" else None
        if timing.field != when:
            return None
        return timing.value if isinstance(timing.value, int) else 0

    def _stream(self, request: Any, **_: Any) -> Any:
        return self._function(request, **self._options)

    def _take(self, answer: Any) -> bool:
        """Whether it was the answer after which to cancel."""
        if not isinstance(answer, service_pb.UnimplementedResponse):
            self.result.payloads.append(answer.payload or service_pb.ConformancePayload())
        return len(self.result.payloads) == self._canceling("after_num_responses")

    def _tell(self, metadata: Any) -> None:
        self.result.response_headers.extend(_wire(metadata.headers))
        self.result.response_trailers.extend(_wire(metadata.trailers))

    def _finish(self, metadata: Any) -> None:
        self._tell(metadata)
        self.result.num_unsent_requests = len(self._messages) - self._sent


class AsyncCall(Call):
    """In a task, so that it can be cancelled at any time."""

    async def run(self) -> Result:
        self._answered = asyncio.Semaphore(0)
        self._task = asyncio.create_task(self._run())
        await asyncio.wait([self._task])
        self._task.result()
        return self.result

    async def _run(self) -> None:
        with ResponseMetadata() as metadata:
            try:
                await self._call()
            except BaseException as error:
                self.result.error = _error(error)
        self._finish(metadata)

    async def _call(self) -> None:
        match self._request.stream_type:
            case config_pb.StreamType.UNARY:
                self._closed(1)
                self._take(await self._connection.call(self._unary, self._messages[0], 60.0))
            case config_pb.StreamType.SERVER_STREAM:
                self._closed(1)
                await self._read(self._connection.stream(self._stream, self._messages[0]))
            case config_pb.StreamType.CLIENT_STREAM:
                self._take(await self._function(self._sending(), **self._options))
            case _:
                await self._read(self._function(self._sending(), **self._options))

    async def _unary(self, request: Any, **_: Any) -> Any:
        with ResponseMetadata() as metadata:
            try:
                return await self._function(request, **self._options)
            finally:
                self._tell(metadata)

    async def _sending(self) -> AsyncIterator[Any]:
        for message in self._messages:
            await asyncio.sleep(self._request.request_delay_ms / 1000)
            self._sent += 1
            yield message
            if self._in_turn:
                await self._answered.acquire()
        if self._canceling("before_close_send") is not None:
            self._task.cancel()
            await asyncio.Event().wait()
        self._closed(self._sent)

    def _closed(self, sent: int) -> None:
        self._sent = sent
        if (milliseconds := self._canceling("after_close_send_ms")) is not None:
            asyncio.get_running_loop().call_later(milliseconds / 1000, self._task.cancel)

    async def _read(self, answers: AsyncIterator[Any]) -> None:
        try:
            async for answer in answers:
                if self._take(answer):
                    self._task.cancel()
                self._answered.release()
        except APIError as error:
            if error.__cause__ is not None:  # our streams tell their end as an error
                raise


class SyncCall(Call):
    """In a thread. Nobody can cancel what blocks in it; a stream is ended by its reader."""

    def run(self) -> Result:
        self._answered = threading.Semaphore(0)
        with ResponseMetadata() as metadata:
            try:
                self._call()
            except BaseException as error:
                self.result.error = _error(error)
        self._finish(metadata)
        return self.result

    def _call(self) -> None:
        match self._request.stream_type:
            case config_pb.StreamType.UNARY:
                self._sent = 1
                self._take(self._connection.call(self._unary, self._messages[0], 60.0))
            case config_pb.StreamType.SERVER_STREAM:
                self._sent = 1
                self._read(self._connection.stream(self._stream, self._messages[0]))
            case config_pb.StreamType.CLIENT_STREAM:
                self._take(self._function(self._sending(), **self._options))
            case _:
                self._read(self._function(self._sending(), **self._options))

    def _unary(self, request: Any, **_: Any) -> Any:
        with ResponseMetadata() as metadata:
            try:
                return self._function(request, **self._options)
            finally:
                self._tell(metadata)

    def _sending(self) -> Iterator[Any]:
        for message in self._messages:
            time.sleep(self._request.request_delay_ms / 1000)
            self._sent += 1
            yield message
            if self._in_turn:
                self._answered.acquire(timeout=_PATIENCE)

    def _read(self, answers: Any) -> None:
        try:
            for answer in answers:
                if self._take(answer):
                    answers.close()
                    raise ConnectError(Code.CANCELED, "closed by its reader")
                self._answered.release()
        except APIError as error:
            if error.__cause__ is not None:  # our streams tell their end as an error
                raise


def _requests() -> Iterator[Request]:
    while size := sys.stdin.buffer.read(4):
        yield Request.from_binary(sys.stdin.buffer.read(int.from_bytes(size)))


def _write(name: str, outcome: Result | Exception) -> None:
    result: Any = (
        Oneof("response", outcome)
        if isinstance(outcome, Result)
        else Oneof("error", client_compat_pb.ClientErrorResult(message=repr(outcome)))
    )
    response = client_compat_pb.ClientCompatResponse(test_name=name, result=result)
    content = response.to_binary()
    sys.stdout.buffer.write(len(content).to_bytes(4) + content)
    sys.stdout.buffer.flush()


async def _asynchronously() -> None:
    connections: dict[Chosen, AsyncConnection] = {}
    limit = asyncio.Semaphore(_AT_ONCE)

    async def answer(request: Request) -> None:
        async with limit:
            chosen = _chosen(request)
            connection = connections.setdefault(chosen, AsyncConnection(chosen))
            try:
                outcome: Result | Exception = await AsyncCall(
                    request, connection, ConformanceServiceClient
                ).run()
            except Exception as error:
                outcome = error
            _write(request.test_name, outcome)

    requests = _requests()
    async with asyncio.TaskGroup() as group:
        while (request := await asyncio.to_thread(next, requests, None)) is not None:
            group.create_task(answer(request))
    for connection in connections.values():
        await connection.close()


def _in_threads() -> None:
    connections: dict[Chosen, Connection] = {}
    lock = threading.Lock()

    def answer(request: Request) -> None:
        try:
            chosen = _chosen(request)
            with lock:
                connection = connections.setdefault(chosen, Connection(chosen))
            outcome: Result | Exception = SyncCall(
                request, connection, ConformanceServiceClientSync
            ).run()
        except Exception as error:
            outcome = error
        with lock:
            _write(request.test_name, outcome)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for request in _requests():
            threads.submit(answer, request)
    for connection in connections.values():
        connection.close()


if __name__ == "__main__":
    if sys.argv[1] == "async":
        asyncio.run(_asynchronously())
    else:
        _in_threads()
