"""The keys that a provider signs with (RFC 7517). Imports joserfc, which takes a moment."""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwk
from joserfc.errors import SecurityWarning

from ..outbound.answer import NotFetched
from ..outbound.fetcher import Fetcher
from .discovery import ALGORITHMS
from .refusal import Refused

#: Which type of key an algorithm takes.
KEY_TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
_MOST_KEYS = 50
#: How long it is believed which they are, in seconds.
_KEPT = 300.0
_SHORTEST_RSA = 2048
#: What of a key is public; the rest is not looked at.
_PARAMETERS = ("kty", "kid", "alg", "n", "e", "crv", "x", "y")


@dataclass(frozen=True, slots=True)
class Key:
    id: str | None
    type: str
    algorithm: str | None
    key: Any


def usable(document: Mapping[str, Any]) -> Sequence[Key]:
    """The keys for signatures of a set; one that cannot be read is left out and stops nobody's sign-in."""
    found = []
    entries = document.get("keys")
    for entry in entries[:_MOST_KEYS] if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("kty") not in KEY_TYPES.values():
            continue
        if entry.get("use", "sig") != "sig" or entry.get("alg") not in (None, *ALGORITHMS):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", SecurityWarning
                )  # of a short key, which is left out
                key = jwk.import_key({n: v for n, v in entry.items() if n in _PARAMETERS})
                public: Any = key.public_key
                short = entry["kty"] == "RSA" and public.key_size < _SHORTEST_RSA
        except Exception:  # noqa: S112  (KeyError for an unknown curve, ValueError, JoseError)
            continue
        if not short:
            found.append(Key(entry.get("kid"), entry["kty"], entry.get("alg"), key))
    return found


async def fetched(fetcher: Fetcher, url: str) -> Sequence[Key]:
    """Those that are there now. Raises NotFetched."""
    answer = await fetcher.fetch(url, headers={"accept": "application/json"})
    if answer.status != 200:
        raise NotFetched(f"answers with status {answer.status}, not 200")
    return usable(answer.json())


class Keys:
    """A provider's keys, looked at anew every five minutes: what it has withdrawn, or put in the place of another, is seen.

    One that is not known is looked for at most once in `again` seconds, also when that fails.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        url: str,
        seconds: Callable[[], float] = time.monotonic,
        again: float = 60.0,
    ) -> None:
        self._fetcher = fetcher
        self.url = url
        self._seconds = seconds
        self._again = again
        self._keys: Sequence[Key] | None = None
        self._found_at = 0.0
        self._tried: float | None = None
        self._turn = asyncio.Lock()

    async def find(self, id: str | None, algorithm: str) -> Any:
        """The key that fits; without an `id` the only one that does. Raises Refused, and NotFetched."""
        found = self._match(id, algorithm)
        if found is None or self._old():
            async with self._turn:  # many sign-ins at once cause one request
                found = self._match(id, algorithm)
                if (found is None or self._old()) and self._may_look():
                    await self._look()
                    found = self._match(id, algorithm)
        if found is None:
            raise Refused("kid", "it is signed with a key that the provider does not publish")
        return found

    def _may_look(self) -> bool:
        return self._tried is None or self._seconds() - self._tried >= self._again

    def _old(self) -> bool:
        return self._keys is not None and self._seconds() - self._found_at >= _KEPT

    async def _look(self) -> None:
        due, self._tried = self._keys is None or self._old(), self._seconds()
        self._keys = await fetched(self._fetcher, self.url)
        self._found_at = self._seconds()
        if due:  # which does not count: keys may have been changed right after it
            self._tried = None

    def _match(self, id: str | None, algorithm: str) -> Any:
        fit = [
            each.key
            for each in self._keys or ()
            if each.type == KEY_TYPES[algorithm]
            and each.algorithm in (None, algorithm)
            and id in (None, each.id)
        ]
        return fit[0] if len(fit) == 1 else None
