"""Another secret key: what is sealed is sealed anew with it, and running servers take it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import structlog

from ..domain import secret_key
from ..domain.identifier import FormerKeyId
from ..domain.instant import Clock
from ..domain.secret_key import FormerKey
from ..store import (
    organization_invite,
    outbox,
    signing_key,
    sso_configuration,
    webhook_endpoint,
)
from ..store import secret_key as store
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.sealed import SealedColumn
from . import organization_invite as organization_invites
from . import outbox as letters
from . import signing_key as signing_keys
from . import sso_configuration as sso_configurations
from . import webhook_attempt as webhooks
from .minting import new_id
from .recurring import for_ever
from .sealing import Broken, Sealer

#: How often a running server looks whether its key is still the database's.
_EVERY_SECONDS = 5.0
_AT_ONCE = 500

log = structlog.get_logger(__name__)


def _purpose(id: UUID) -> str:
    return f"former secret key {id}"


#: Every column with sealed values, and what one is sealed for by its row's id. Values of no other column survive a rotation.
SEALED: tuple[tuple[SealedColumn, Callable[[UUID], str]], ...] = (
    (SealedColumn(sso_configuration.table.c.client_secret), sso_configurations.purpose),
    (SealedColumn(organization_invite.table.c.sealed), organization_invites.purpose),
    (SealedColumn(signing_key.table.c.sealed), signing_keys.purpose),
    (SealedColumn(outbox.table.c.sealed), letters.purpose),
    (SealedColumn(webhook_endpoint.table.c.secret), webhooks.purpose),
    (SealedColumn(webhook_endpoint.table.c.previous_secret), webhooks.purpose),
    (SealedColumn(store.former.c.sealed), _purpose),
)


class CannotOpen(Exception):
    """A value was sealed with another key than the database's; the text says which. Nothing was changed."""


class SecretKeys:
    """What the operator does with the key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def rotate(self, old: Sealer, new: Sealer, *, forget: bool) -> int:
        """In one transaction, all that `old` has sealed is sealed by `new`, whose key is the database's then; how many values.

        None if it was before. To `forget` all keys before, no page token or cursor of theirs is good any more. Raises
        CannotOpen, and Unavailable if neither is the database's key.
        """

        def change(unit: UnitOfWork) -> int:
            known, count = store.lock(unit), 0
            if known == new.fingerprint:
                return 0
            if known != old.fingerprint:
                raise secret_key.outdated()
            if forget:
                unit.run(store.forgetting())
            for column, purpose in SEALED:
                rows = column.lock(unit.connection)
                for start in range(0, len(rows), _AT_ONCE):
                    unit.run(
                        *(
                            column.replacing(
                                id,
                                new.seal(_open(old, column, id, sealed, purpose(id)), purpose(id)),
                            )
                            for id, sealed in rows[start : start + _AT_ONCE]
                        )
                    )
                count += len(rows)
            if not forget:
                id = FormerKeyId(new_id())
                former = FormerKey(id, new.seal(old.opening, _purpose(id)), self._clock())
                unit.run(store.former_keys.inserting(former))
            unit.run(store.changing(new.fingerprint))
            return count

        return await self._database.write(change)


def _open(old: Sealer, column: SealedColumn, id: UUID, sealed: bytes, purpose: str) -> bytes:
    try:
        return old.open(sealed, purpose)
    except Broken:
        raise CannotOpen(
            f"{column.column.name} of {column.column.table.name} {id} was sealed with another key than the database's; nothing was changed"
        ) from None


class Following:
    """Has a server's sealer go by the database's key: what it `load`s, None if there is none to be had, once that is it."""

    def __init__(
        self, database: Database, sealer: Sealer, load: Callable[[], bytes | None]
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._load = load

    async def look(self) -> None:
        """Takes the key that the database is sealed with by now, and what opens texts of those before."""

        def query(connection: Connection) -> tuple[bytes | None, list[FormerKey]]:
            return store.find(connection), store.every_former(connection)

        known, former = await self._database.read(query)
        sealer = self._sealer
        if known not in (None, sealer.fingerprint):
            key = await asyncio.to_thread(self._load)
            if key is None or Sealer(key).fingerprint != known:
                if not sealer.outdated:
                    log.error("the secret key was rotated, and this server has not the new one")
                sealer.outdated = True
                return
            sealer.take(key)
            log.info("this server has the new secret key")
        sealer.outdated = False
        sealer.remember([sealer.open(each.sealed, _purpose(each.id)) for each in former])

    async def run(self) -> None:
        """Looks again and again, for ever."""
        await for_ever(self.look, _EVERY_SECONDS, "cannot look at the secret key")
