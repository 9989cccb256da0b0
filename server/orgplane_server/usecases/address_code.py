from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from uuid import UUID

from ..domain import address_code, letter
from ..domain.address_code import DIGITS, MAILS_WITHIN, MOST_MAILS, AddressCode
from ..domain.errors import FailedPrecondition
from ..domain.identifier import AddressCodeId, OrganizationId
from ..domain.instant import Clock
from ..domain.user import email_key
from ..store import address_code as store
from ..store.address_code import address_codes
from ..store.engine.database import Connection
from ..store.engine.unit_of_work import UnitOfWork
from .minting import new_id
from .sealing import Sealer

#: Mails a code to an address in the transaction of the change, for an organization.
Post = Callable[[UnitOfWork, OrganizationId, str, str], None]


class AddressCodes:
    """Codes that are mailed to addresses and come back. Kept under the server's key: nobody finds them in the database."""

    def __init__(self, clock: Clock, sealer: Sealer, post: Post | None) -> None:
        """Without a `post` the server sends no mail."""
        self._clock = clock
        self._sealer = sealer
        self._post = post

    def require(self) -> None:
        """Raises FailedPrecondition if the server sends no mail."""
        if self._post is None:
            raise letter.no_mail()

    def send(
        self, unit: UnitOfWork, bound_to: UUID, organization_id: OrganizationId, email: str
    ) -> AddressCode:
        """Mails a new code; those before, for the same, are taken no more.

        Raises ResourceExhausted if the address got as many as it may.
        """
        assert self._post is not None, "required before"
        now, address = self._clock(), email_key(email)
        sent = store.sent(unit.connection, address, now - MAILS_WITHIN)
        if len(sent) >= MOST_MAILS:
            free = sent[-MOST_MAILS] + MAILS_WITHIN - now
            raise address_code.too_many(math.ceil(free.total_seconds()))
        store.purge(unit.connection, now - MAILS_WITHIN)
        text = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        digest = self._digest(bound_to, address, text)
        code = AddressCode(AddressCodeId(new_id()), bound_to, address, digest, 0, now)
        unit.run(address_codes.inserting(code))
        self._post(unit, organization_id, email, text)
        return code

    def enter(
        self, unit: UnitOfWork, bound_to: UUID, email: str, text: str
    ) -> AddressCode | FailedPrecondition:
        """The code, taken; or, to be raised once the guess is kept, what is wrong with it."""
        address = email_key(email)
        before = store.lock_newest(unit.connection, bound_to, address)
        if before is None:
            return address_code.not_valid()
        digits = "".join(text.split())
        guess = self._digest(bound_to, address, digits)
        after = address_code.entered(before, guess, self._clock())
        address_codes.update(unit.connection, bound_to, before, after)
        if after.taken_at == before.taken_at:
            return address_code.not_valid()
        return after

    def proven(self, connection: Connection, bound_to: UUID, email: str) -> bool:
        """Whether a member has proven their address, and it still is theirs."""
        found = store.newest(connection, bound_to, email_key(email))
        until = None if found is None else found.proves_until
        return until is not None and self._clock() < until

    def _digest(self, bound_to: UUID, address: str, text: str) -> bytes:
        return self._sealer.digest(text.encode(), f"address code {bound_to} {address}")
