"""Posting to the same few servers again and again, to each over connections that are kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..domain.destination import Destination
from .answer import Answer, NotFetched
from .fetcher import Fetcher

if TYPE_CHECKING:
    from .direct import DirectConnections
    from .exchange import Connections

#: Of an answer's body; the rest is not read.
_MOST_BYTES = 16 * 1024
#: How long connections are kept to what a host was looked up to be.
_KNOWN_SECONDS = 60.0
#: Servers whose connections are kept.
_MOST_SERVERS = 1000


@dataclass(slots=True)
class _Server:
    connections: Connections | DirectConnections
    until: float
    in_use: int = 0


class Poster:
    """As guarded as the `Fetcher` that it looks hosts up by, with a limit of time of its own. Belongs to one event loop."""

    def __init__(
        self, fetcher: Fetcher, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetcher = fetcher
        self._seconds = seconds
        self._clock = clock
        self._servers: dict[tuple[Destination, Hashable], _Server] = {}
        self._finding: dict[tuple[Destination, Hashable], asyncio.Task[_Server]] = {}

    def complaint(self, url: str) -> str | None:
        """Why nothing is posted there, as far as the URL tells; None if it is tried."""
        return self._fetcher.complaint(url)

    async def post(
        self, whose: Hashable, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """The answer, redirects and errors among them, with the beginning of its body. Raises NotFetched.

        Connections are shared by requests that name the same `whose`.
        """
        destination = Destination.of(url)
        wrong = self.complaint(url)
        if destination is None or wrong is not None:
            raise NotFetched(wrong)
        try:
            async with asyncio.timeout(self._seconds):
                server = await self._server(destination, whose)
                server.in_use += 1
                try:
                    return await server.connections("POST", url, headers, body, cut=True)
                finally:
                    server.in_use -= 1
                    if not server.in_use and self._servers.get((destination, whose)) is not server:
                        await server.connections.aclose()
        except TimeoutError:
            raise NotFetched(f"gives no answer within {self._seconds:g} seconds") from None

    async def aclose(self) -> None:
        servers, self._servers = self._servers, {}
        for server in servers.values():
            await server.connections.aclose()
        self._fetcher.close()

    async def _server(self, destination: Destination, whose: Hashable) -> _Server:
        key = destination, whose
        known = self._servers.get(key)
        if known is not None and self._clock() < known.until:
            return known
        finding = self._finding.get(key)
        if finding is None:
            finding = self._finding[key] = asyncio.create_task(self._found(key))

            def over(found: asyncio.Task[_Server]) -> None:
                self._finding.pop(key, None)
                if not found.cancelled():
                    found.exception()  # known, also where all who waited have given up

            finding.add_done_callback(over)
        # Others wait for the same.
        return await asyncio.shield(finding)

    async def _found(self, key: tuple[Destination, Hashable]) -> _Server:
        destination, _ = key
        async with asyncio.timeout(self._seconds):
            addresses = await self._fetcher.addresses(destination)
            connections = (await self._fetcher.exchange()).kept(destination, addresses, _MOST_BYTES)
        server = _Server(connections, self._clock() + _KNOWN_SECONDS)
        await self._forget(key)
        while len(self._servers) >= _MOST_SERVERS:
            await self._forget(next(iter(self._servers)))
        self._servers[key] = server
        return server

    async def _forget(self, key: tuple[Destination, Hashable]) -> None:
        """What is in use is closed by whoever uses it last."""
        server = self._servers.pop(key, None)
        if server is not None and not server.in_use:
            await server.connections.aclose()
