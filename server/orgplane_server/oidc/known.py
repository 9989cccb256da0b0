"""What is remembered of providers, so that a sign-in seldom asks for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..outbound.fetcher import Fetcher
from .discovery import NotDiscovered, Provider, discover

if TYPE_CHECKING:
    from .keys import Keys

#: How long it is believed what a provider says of itself, in seconds; and that it says nothing.
_KEPT, _FAILED = 300.0, 10.0
#: Of so many, those that people signed in with last.
_MOST = 200


class KnownProviders:
    """Providers by their issuer. Many who ask for one at once cause one request to it.

    A key that is not known is looked for at most once in `again` seconds.
    """

    def __init__(self, fetcher: Fetcher, seconds: Callable[[], float], again: float = 60.0) -> None:
        self._fetcher = fetcher
        self._seconds = seconds
        self._again = again
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def provider(self, issuer: str) -> Provider:
        """Raises NotDiscovered."""
        known = self._of(issuer)
        async with known.turn:
            now = self._seconds()
            if known.failure is not None and now - known.asked < _FAILED:
                raise NotDiscovered(str(known.failure), known.failure.date)
            if known.provider is None or known.failure is not None or now - known.asked >= _KEPT:
                known.asked = now
                try:
                    known.provider = await discover(self._fetcher, issuer)
                    known.failure = None
                except NotDiscovered as failure:
                    known.failure = failure
                    raise
            return known.provider

    def keys(self, provider: Provider) -> Keys:
        """Its own, also where another says that it has the same: whoever looks for keys of that uses up nobody's turn."""
        from .keys import Keys  # here, as the import takes a moment

        known = self._of(provider.issuer)
        if known.keys is None or known.keys.url != provider.jwks_uri:
            known.keys = Keys(self._fetcher, provider.jwks_uri, self._seconds, self._again)
        return known.keys

    def _of(self, issuer: str) -> _Known:
        known = self._known.setdefault(issuer, _Known())
        self._known.move_to_end(issuer)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return known


class _Known:
    """Of one provider; when it was `asked` last, and the `failure` if that gave none."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.asked = 0.0
        self.provider: Provider | None = None
        self.failure: NotDiscovered | None = None
        self.keys: Keys | None = None
