# Generated from _async/connection.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar
from weakref import WeakSet

from connectrpc.client import ResponseMetadata
from connectrpc.errors import ConnectError
from connectrpc.interceptor import InterceptorSync
from pyqwest import SyncClient, SyncHTTPTransport, SyncResponse, SyncTransport

from .._core import forked, retry
from .._core.failures import translated
from .._core.options import Options, Seconds, seconds
from .._core.required import require
from ..errors import (
    AnswerLostError,
    ClientClosedError,
    ConfigurationError,
    DeadlineExceededError,
)
from .transport import ServersAnswers, answered

REQ = TypeVar("REQ", contravariant=True)
RES = TypeVar("RES", covariant=True)


class RPC(Protocol[REQ, RES]):
    """A method of a generated client."""

    def __call__(self, request: REQ, *, headers: dict[str, str], timeout_ms: int) -> RES: ...


class StreamRPC(Protocol[REQ, RES]):
    """A method of a generated client that answers with a stream."""

    def __call__(self, request: REQ, *, headers: dict[str, str]) -> Iterator[RES]: ...


class Endless(Protocol):
    """What goes on until it is closed."""

    def close(self) -> None: ...


class Connection:
    """Calls RPCs: with the token, within a deadline, again where that is safe, with our errors."""

    def __init__(
        self,
        options: Options,
        transport: SyncTransport | None = None,
        interceptors: Iterable[InterceptorSync] = (),
    ) -> None:
        self.options = options
        self._interceptors = tuple(interceptors)
        for interceptor in self._interceptors:
            if not isinstance(
                interceptor, InterceptorSync
            ):  # the library would never call it, and not say so
                name = type(interceptor).__name__
                raise ConfigurationError(
                    f"interceptors: {name} has no method that this client calls"
                )
        self._own: SyncHTTPTransport | None = None
        if transport is None:
            transport = self._own = options.made(SyncHTTPTransport)
        self._client = SyncClient(ServersAnswers(transport, options.token))
        self._closed = False
        #: What ends with the connection, although another task or thread waits for it.
        self.endless: WeakSet[Endless] = WeakSet()

    def stub(self, kind: Callable[..., RES]) -> RES:
        """A generated client over this connection."""
        return kind(
            self.options.url,
            http_client=self._client,
            interceptors=self._interceptors,
            **self.options.stub(),
        )

    def call(self, rpc: RPC[REQ, RES], request: REQ, timeout: Seconds | None) -> RES:
        """The RPC's answer; raises an APIError. `timeout` covers all attempts."""
        deadline = time.monotonic() + (
            self.options.timeout if timeout is None else seconds(timeout)
        )
        attempt = 0
        while True:
            try:
                return self._try(rpc, request, deadline)
            except Exception as error:
                delay = self._delay(rpc, error, attempt)
                if delay is None or time.monotonic() + delay >= deadline:
                    raise
            time.sleep(delay)
            attempt += 1

    def _delay(self, rpc: RPC[REQ, RES], error: Exception, attempt: int) -> float | None:
        if attempt >= self.options.max_retries:
            return None
        return retry.delay(error, attempt, retry.is_read_only(rpc))

    def _try(self, rpc: RPC[REQ, RES], request: REQ, deadline: float) -> RES:
        self.check()
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlineExceededError("the deadline passed before the call was sent")
        with ResponseMetadata() as answer:
            try:
                found = rpc(
                    request, headers=self.options.headers(), timeout_ms=max(1, int(left * 1000))
                )
            except ConnectError as error:
                headers: Any = answer.headers
                raise translated(error, headers, self.options) from error
        require(found, request)
        return found

    def stream(
        self,
        rpc: StreamRPC[REQ, RES],
        request: REQ,
        told: Callable[[SyncResponse], None] | None = None,
    ) -> Iterator[RES]:
        """What the RPC answers, message after message; raises an APIError, at the stream's end too.

        To be closed by whoever does not iterate to the end. Another task or thread cannot while one iterates: it
        closes the response instead, which `told` gets when it is there.
        """
        self.check()
        messages: Any = rpc(request, headers=self.options.headers())
        try:
            before = answered.set(told)
            try:
                first = next(messages, None)
            finally:
                answered.reset(before)
            if first is not None:
                yield first
            for message in messages:
                yield message
        except ConnectError as error:
            raise translated(error, {}, self.options) from error
        finally:
            messages.close()
        raise AnswerLostError("the server's answer was lost: the stream ended")

    def check(self) -> None:
        """Raises ClientClosedError once it is closed."""
        if self._closed:
            raise ClientClosedError("the client is closed")
        if self._own is not None:
            forked.check()

    def close(self) -> None:
        self._closed = True
        for each in [*self.endless]:
            each.close()
        if self._own is not None:
            own, self._own = self._own, None
            own.close()
