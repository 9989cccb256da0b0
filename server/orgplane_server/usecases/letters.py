"""The letters that there are, each for what it is about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ..domain.address_code import LIFETIME
from ..domain.identifier import OrganizationId
from ..domain.instant import Clock
from ..domain.letter import Letter, LetterKind
from ..mail import content
from ..store.engine.unit_of_work import UnitOfWork
from .outbox import Outbox


class Letters:
    """Writes each into the outbox, in the transaction of what it is about."""

    def __init__(self, outbox: Outbox, clock: Clock, public_url: str = "") -> None:
        """`public_url` is where people reach the server, if that is known."""
        self._public_url = public_url
        self._outbox = outbox
        self._clock = clock

    def require(self) -> None:
        """Raises FailedPrecondition if the server sends no mail."""
        self._outbox.require()

    def code(
        self, unit: UnitOfWork, organization_id: OrganizationId, email: str, code: str
    ) -> None:
        """A code that proves an address. Raises as `Outbox.post`."""
        name = self._outbox.name_of(unit, organization_id)
        minutes = int(LIFETIME.total_seconds()) // 60
        self._outbox.post(
            unit,
            organization_id,
            LetterKind.ADDRESS_CODE,
            email,
            content.code(name, code, minutes),
            self._clock() + LIFETIME,
        )

    def invite(
        self,
        unit: UnitOfWork,
        organization_id: OrganizationId,
        email: str,
        secret: UUID,
        expires_at: datetime,
    ) -> Letter:
        """An invite to join. Raises as `Outbox.post`."""
        name = self._outbox.name_of(unit, organization_id)
        said = content.invite(name, str(secret), self._public_url, expires_at)
        return self._outbox.post(unit, organization_id, LetterKind.INVITE, email, said, expires_at)
