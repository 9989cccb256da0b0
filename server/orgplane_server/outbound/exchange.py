"""One exchange over HTTP. Imports httpcore2, which takes a moment."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore2

from ..domain.destination import Destination
from .answer import MOST_BYTES, Answer, NotFetched
from .direct import DirectConnections

#: How long a connection is kept that nobody uses: less than servers do, as one that they close loses a request.
_IDLE_SECONDS = 4.0
_HEADERS = {"accept-encoding": "identity", "user-agent": "orgplane"}


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

    def connections(self, addresses: Sequence[str]) -> Connections:
        """To one server, by these addresses of its."""
        given: dict[str, Any] = {
            "ssl_context": self._context,
            "max_connections": None,
            "keepalive_expiry": _IDLE_SECONDS,
        }
        if self._proxy is not None:
            return Connections(httpcore2.AsyncConnectionPool(**given, proxy=self._proxy))
        return Connections(
            httpcore2.AsyncConnectionPool(**given, network_backend=_Pinned(addresses))
        )

    def kept(
        self, destination: Destination, addresses: Sequence[str]
    ) -> Connections | DirectConnections:
        """To one server, by these addresses of its, for many requests."""
        if self._proxy is not None:
            return self.connections(addresses)
        context = self._context if destination.scheme == "https" else None
        return DirectConnections(addresses, destination.port, context, str(destination.host))


class Connections:
    """Those to one server, which are kept from one request to the next until it is left, or closed."""

    def __init__(self, pool: httpcore2.AsyncConnectionPool) -> None:
        self._pool = pool

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
        most: int = MOST_BYTES,
        cut: bool = False,
    ) -> Answer:
        """Of a body of more bytes than `most` the beginning, if it may be `cut`. Raises as `Exchange` does."""
        try:
            async with self._pool.stream(
                method, url, headers=[*_HEADERS.items(), *headers.items()], content=body
            ) as answer:
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
                    if len(read) > most:
                        if cut:
                            return Answer(answer.status, fields, bytes(read[:most]))
                        raise NotFetched(f"gives more than {most} bytes")
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


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to the addresses that were looked at, whatever host is asked for; TLS and HTTP still name the host."""

    def __init__(self, addresses: Sequence[str]) -> None:
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
        for address in self._addresses:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


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
        return (
            f"has a certificate that is not trusted ({cause.verify_message}); whoever runs the server can name an authority: "
            "--outbound-ca"
        )
    if isinstance(cause, ssl.SSLError):
        return "does not speak TLS as is safe"
    if isinstance(error, httpcore2.ProxyError):
        return "is not reached: the proxy of --outbound-proxy refuses"
    if isinstance(error, httpcore2.ConnectError | httpcore2.ConnectTimeout):
        return "does not take the connection"
    if isinstance(error, httpcore2.ProtocolError | ValueError):
        return "does not answer in HTTP"
    return "ends the connection without an answer"
