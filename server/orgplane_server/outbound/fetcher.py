"""One request, to where it may go, and the whole answer or why there is none."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.destination import NO_HOSTS, AllowedHosts, Destination
from .answer import Answer, NotFetched

if TYPE_CHECKING:
    from .exchange import Exchange

#: All of it, the look-up of the host too.
_SECONDS = 5.0
#: Requests that run at a time; others wait.
_AT_ONCE = 20


class Fetcher:
    """Requests by https to public addresses, or to hosts that are `allowed`. Belongs to one event loop.

    A host is looked up once and connected to as found. No redirect is followed, nothing is inflated or kept, no variable of
    the environment is read. `authorities` (PEM) are trusted beside the system's; a `proxy` looks hosts up itself.
    """

    def __init__(
        self,
        allowed: AllowedHosts = NO_HOSTS,
        *,
        authorities: Path | None = None,
        proxy: str = "",
        seconds: float = _SECONDS,
        look_up: Callable[[str, int], Sequence[str]] | None = None,
    ) -> None:
        self._allowed = allowed
        self._authorities = authorities
        self._proxy = proxy
        self._seconds = seconds
        self._look_up = look_up or _look_up
        # Of its own, as a look-up that hangs cannot be cancelled, and asyncio's threads are everybody's. A few that hang, for
        # longer than a request may take, keep none from others.
        self._lookups = ThreadPoolExecutor(_AT_ONCE, "look-up")
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._exchange: Exchange | None = None
        self._preparing = asyncio.Lock()

    def complaint(self, url: str) -> str | None:
        """Why nothing is fetched from there, as far as the URL tells; None if it is tried."""
        destination = Destination.of(url)
        if destination is None:
            return "is no plain https:// URL"
        return destination.complaint(self._allowed)

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """The answer, redirects and errors among them. Raises NotFetched."""
        destination = Destination.of(url)
        wrong = self.complaint(url)
        if destination is None or wrong is not None:
            raise NotFetched(wrong)
        exchange = await self.exchange()
        async with self._turns:
            try:
                async with asyncio.timeout(self._seconds):
                    addresses = await self.addresses(destination)
                    return await exchange(method, url, headers or {}, body, addresses)
            except TimeoutError:
                raise NotFetched(
                    f"gives no whole answer within {self._seconds:g} seconds"
                ) from None

    def close(self) -> None:
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def exchange(self) -> Exchange:
        """What requests are made by, once it is known where to."""
        async with self._preparing:
            if self._exchange is None:
                self._exchange = await asyncio.to_thread(self._prepared)
        return self._exchange

    async def addresses(self, destination: Destination) -> Sequence[str]:
        """All of the host's; none where a proxy looks it up. Raises NotFetched, if one bad one is among good ones as well."""
        if self._proxy:
            return ()
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._lookups, self._look_up, str(destination.host), destination.port
            )
        except (OSError, UnicodeError):
            raise NotFetched(f"has a host, {destination.host}, that is not found") from None
        for address in found:
            if (wrong := destination.refusal(address, self._allowed)) is not None:
                raise NotFetched(wrong)
        return found

    def _prepared(self) -> Exchange:
        """In a thread, as the import and the system's authorities take a moment, in which others are served."""
        from .exchange import Exchange

        return Exchange(trust(self._authorities), self._proxy)


def trust(authorities: Path | None) -> ssl.SSLContext:
    """The system's authorities and these. Raises OSError if they cannot be read, ssl.SSLError if there are none."""
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(authorities)
    return context


def _look_up(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))
