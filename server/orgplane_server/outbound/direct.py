"""Connections to one server without a proxy in between: several times as cheap for each request as `exchange`. Imports h11."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import h11

from .answer import (
    HEADERS,
    IDLE_SECONDS,
    MOST_AROUND,
    NO_TLS,
    Answer,
    NotFetched,
    not_trusted,
    too_much,
)

#: Idle ones that are kept.
_MOST_IDLE = 32
#: At a time, after which others have their turn.
_READ_BYTES = 4 * 1024
#: An interim answer (RFC 9110, section 15.2) takes as long to be looked at as so many bytes of another.
_INTERIM_BYTES = 4 * 1024


class _Stale(Exception):
    """A connection that was kept had ended before anything came of the request."""


class DirectConnections:
    """To `host` (None for TLS where the scheme has none) by the first of its addresses that takes a connection."""

    def __init__(
        self,
        addresses: Sequence[str],
        port: int,
        context: ssl.SSLContext | None,
        host: str,
        most: int,
    ) -> None:
        self._most = most
        self._addresses = addresses
        self._port = port
        self._context = context
        self._host = host
        self._idle: list[tuple[_Connection, float]] = []
        self._closed = False

    async def __call__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        cut: bool = False,
    ) -> Answer:
        """As `exchange.Connections`. A request may come twice, where a connection that was kept ends with it."""
        kept = self._taken()
        if kept is not None:
            try:
                return await self._ask(kept, method, url, headers, body, cut)
            except _Stale:
                pass
        try:
            return await self._ask(await self._connected(), method, url, headers, body, cut)
        except _Stale:
            raise NotFetched("ends the connection without an answer") from None

    async def aclose(self) -> None:
        self._closed = True
        for connection, _ in self._idle:
            connection.close()
        self._idle.clear()

    def _taken(self) -> _Connection | None:
        while self._idle:
            connection, since = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and connection.alive:
                return connection
            connection.close()
        return None

    async def _ask(
        self,
        connection: _Connection,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        cut: bool,
    ) -> Answer:
        whole, most = False, self._most
        try:
            answer, whole = await connection.ask(method, url, headers, body or b"", most)
        except (OSError, ssl.SSLError):
            raise _Stale from None
        except (h11.ProtocolError, ValueError):  # the latter for a number of thousands of digits
            raise NotFetched("does not answer in HTTP") from None
        finally:
            if whole and not self._closed and len(self._idle) < _MOST_IDLE:
                self._idle.append((connection, time.monotonic()))
            else:
                connection.close()
        if len(answer.body) > most:
            if not cut:
                raise NotFetched(f"gives more than {most} bytes")
            return Answer(answer.status, answer.headers, answer.body[:most])
        return answer

    async def _connected(self) -> _Connection:
        failure = NotFetched("does not take the connection")
        for address in self._addresses:
            try:
                streams = await asyncio.open_connection(
                    address,
                    self._port,
                    ssl=self._context,
                    server_hostname=self._host if self._context else None,
                )
                return _Connection(*streams)
            except ssl.SSLCertVerificationError as error:
                failure = NotFetched(not_trusted(error))
            except ssl.SSLError:
                failure = NotFetched(NO_TLS)
            except OSError:
                continue
        raise failure


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._state = h11.Connection(h11.CLIENT)

    @property
    def alive(self) -> bool:
        return not self._reader.at_eof() and not self._writer.is_closing()

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, most: int
    ) -> tuple[Answer, bool]:
        """The answer, perhaps with more than `most` bytes of its body, and whether the connection is good for another request.

        Raises OSError, h11.ProtocolError, NotFetched for too much beside the body, and _Stale if it ends before an answer begins.
        """
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fields = [
            ("host", parts.netloc),
            *HEADERS.items(),
            ("content-length", str(len(body))),
            *headers.items(),
        ]
        state = self._state
        begun = state.send(h11.Request(method=method, target=target, headers=fields))
        assert begun is not None
        self._writer.write(begun + body)
        # Its bytes are on their way, with the head.
        state.send(h11.Data(data=body))
        state.send(h11.EndOfMessage())
        response: h11.Response | None = None
        read, left = bytearray(), MOST_AROUND
        while True:
            event = state.next_event()
            if event is h11.NEED_DATA:
                data = await self._reader.read(_READ_BYTES)
                await asyncio.sleep(0)  # a read of what is there already does not wait
                left -= len(data)
                if left < 0:
                    raise too_much()
                if not data and response is None:
                    raise _Stale
                state.receive_data(data)
            elif isinstance(event, h11.InformationalResponse):
                left -= _INTERIM_BYTES
            elif isinstance(event, h11.Response):
                response = event
                left += most
            elif isinstance(event, h11.Data):
                read += event.data
                if len(read) > most:
                    break
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                break
        assert response is not None
        whole = state.our_state is h11.DONE and state.their_state is h11.DONE
        if whole:
            state.start_next_cycle()
        told = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status_code, told, bytes(read)), whole

    def close(self) -> None:
        self._writer.transport.abort()
