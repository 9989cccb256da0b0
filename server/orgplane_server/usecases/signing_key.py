"""Signs ID tokens, and tells what they can be checked with. Loads joserfc when it first does either."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..domain.identifier import SigningKeyId
from ..domain.instant import Clock
from ..domain.signing_key import ALGORITHM, KEPT, SigningKey
from ..store import signing_key as store
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.signing_key import signing_keys
from .minting import new_id
from .sealing import Sealer

_PURPOSE = "signing key"
_BITS = 2048


class SigningKeys:
    """Every server of an installation has the same; they are in the database, sealed, and made when there is none."""

    def __init__(self, database: Database, clock: Clock, sealer: Sealer) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._opened: dict[SigningKeyId, Any] = {}

    async def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT."""
        from joserfc import jwt

        signing = next(each for each in await self._held() if each.retired_at is None)
        header = {"alg": ALGORITHM, "kid": str(signing.id), "typ": "JWT"}
        return jwt.encode(header, dict(claims), self._open(signing))

    async def published(self) -> list[Mapping[str, Any]]:
        """The public halves (RFC 7517), also of those that were retired of late."""
        return [
            {
                **self._open(each).as_dict(private=False),
                "kid": str(each.id),
                "use": "sig",
                "alg": ALGORITHM,
            }
            for each in await self._held()
        ]

    async def _held(self) -> list[SigningKey]:
        found = await self._database.read(store.every, same=_PURPOSE)
        if all(each.retired_at for each in found):
            found = await self._made()
        now = self._clock()
        return [each for each in found if each.retired_at is None or now < each.retired_at + KEPT]

    async def _made(self) -> list[SigningKey]:
        """All there are after one was made, be it by another server."""
        from joserfc.jwk import RSAKey

        made = await asyncio.to_thread(RSAKey.generate_key, _BITS)
        plain = json.dumps(made.as_dict(private=True)).encode()

        def change(unit: UnitOfWork) -> list[SigningKey]:
            if all(each.retired_at for each in store.hold(unit)):
                now = self._clock()
                sealed = self._sealer.seal_into(unit, plain, _PURPOSE)
                new = SigningKey(SigningKeyId(new_id()), sealed, now)
                unit.run(store.purging(now - KEPT), signing_keys.inserting(new))
            return store.every(unit.connection)

        return await self._database.write(change)

    def _open(self, key: SigningKey) -> Any:
        from joserfc.jwk import RSAKey

        opened = self._opened.get(key.id)
        if opened is None:
            plain = self._sealer.open_kept(key.sealed, _PURPOSE)
            opened = self._opened[key.id] = RSAKey.import_key(json.loads(plain))
        return opened


def purpose(_: UUID) -> str:
    """What a signing key is sealed for."""
    return _PURPOSE


class Rotation:
    """What the operator does with the keys."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def rotate(self, *, forget: bool) -> None:
        """The next token is signed with a new key. To `forget` those before, no token of theirs is good any more."""
        now = self._clock()
        before = now if forget else now - KEPT
        await self._database.write(
            lambda unit: unit.run(store.retiring(now), store.purging(before))
        )
