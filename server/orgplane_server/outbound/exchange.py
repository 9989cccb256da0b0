"""One exchange over HTTP. Imports httpcore2, which takes a moment."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore2

from ..domain.destination import Destination
from .answer import (
    HEADERS,
    IDLE_SECONDS,
    MOST_AROUND,
    MOST_BYTES,
    NO_TLS,
    Answer,
    NotFetched,
    not_trusted,
    too_much,
)
from .direct import DirectConnections

#: At a time, after which others have their turn: a few bytes can be an answer, or a chunk, to be looked at.
_MOST_AT_ONCE = 8 * 1024


class Exchange:
    def __init__(self, context: ssl.SSLContext, proxy: str) -> None:
        self._context = context
        self._proxy = _proxy(proxy, context) if proxy else None

    async def __call__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        addresses: Sequence[str],
    ) -> Answer:
        """Raises NotFetched, and TimeoutError when it is cancelled by one."""
        async with self.connections(addresses) as kept:
            return await kept(method, url, headers, body)

    def connections(self, addresses: Sequence[str], most: int = MOST_BYTES) -> Connections:
        """To one server, by these addresses of its, unless there is a proxy. Bodies of answers have so many bytes at `most`."""
        given: dict[str, Any] = {
            "ssl_context": self._context,
            "max_connections": None,
            "keepalive_expiry": IDLE_SECONDS,
            "network_backend": _Guarded(addresses if self._proxy is None else None),
            "proxy": self._proxy,
        }
        return Connections(httpcore2.AsyncConnectionPool(**given), most)

    def kept(
        self, destination: Destination, addresses: Sequence[str], most: int
    ) -> Connections | DirectConnections:
        """As `connections`, for many requests."""
        if self._proxy is not None:
            return self.connections(addresses, most)
        context = self._context if destination.scheme == "https" else None
        return DirectConnections(addresses, destination.port, context, str(destination.host), most)


class Connections:
    """Those to one server, which are kept from one request to the next until it is left, or closed."""

    def __init__(self, pool: httpcore2.AsyncConnectionPool, most: int) -> None:
        self._pool = pool
        self._most = most

    async def __aenter__(self) -> Connections:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def __call__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        cut: bool = False,
    ) -> Answer:
        """Of a body of more bytes than there may be the beginning, if it may be `cut`. Raises as `Exchange` does."""
        try:
            async with self._pool.stream(
                method, url, headers=[*HEADERS.items(), *headers.items()], content=body
            ) as answer:
                stream = answer.extensions["network_stream"]
                if isinstance(stream, _Metered):
                    stream.expect_body(self._most)
                fields = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in answer.headers
                }
                if fields.get("content-encoding", "identity").lower() != "identity":
                    if cut:
                        return Answer(answer.status, fields, b"")
                    raise NotFetched("gives a compressed answer, which was not asked for")
                read = bytearray()
                async for chunk in answer.aiter_stream():
                    read += chunk
                    if len(read) > self._most:
                        if cut:
                            return Answer(answer.status, fields, bytes(read[: self._most]))
                        raise NotFetched(f"gives more than {self._most} bytes")
                return Answer(answer.status, fields, bytes(read))
        except _FAILURES as error:
            raise NotFetched(_reason(error)) from error


def _proxy(url: str, context: ssl.SSLContext) -> httpcore2.Proxy:
    parts = urlsplit(url)
    auth = (
        None
        if parts.username is None
        else (unquote(parts.username).encode(), unquote(parts.password or "").encode())
    )
    return httpcore2.Proxy(
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        auth,
        ssl_context=context if parts.scheme == "https" else None,
    )


class _Guarded(httpcore2.AsyncNetworkBackend):
    """Connects to the addresses that were looked at, whatever host is asked for; TLS and HTTP still name the host. None are a proxy's,
    which is connected to as it is named.
    """

    def __init__(self, addresses: Sequence[str] | None) -> None:
        self._addresses = addresses
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception = httpcore2.ConnectError("no address")
        for address in (host,) if self._addresses is None else self._addresses:
            try:
                stream = await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
                return _Metered(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class _Metered(httpcore2.AsyncNetworkStream):
    """Gives so many bytes at most after each request, and few at a time."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner = inner
        self._left = 0

    def expect_body(self, most: int) -> None:
        """After the head."""
        self._left += most

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._inner.read(min(max_bytes, _MOST_AT_ONCE), timeout)
        self._left -= len(data)
        if self._left < 0:
            raise too_much()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._left = MOST_AROUND
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        return _Metered(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


_FAILURES = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.TimeoutException,
    httpcore2.ConnectionNotAvailable,
    OSError,
    ValueError,
)


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return not_trusted(cause)
    if isinstance(cause, ssl.SSLError):
        return NO_TLS
    if isinstance(error, httpcore2.ProxyError):
        return "is not reached: the proxy of --outbound-proxy refuses"
    if isinstance(error, httpcore2.ConnectError | httpcore2.ConnectTimeout):
        return "does not take the connection"
    if isinstance(error, httpcore2.ProtocolError | ValueError):
        return "does not answer in HTTP"
    return "ends the connection without an answer"
