"""The letters that there are, each for what it is about."""

from __future__ import annotations

from ..domain.address_code import LIFETIME
from ..domain.identifier import OrganizationId
from ..domain.instant import Clock
from ..domain.letter import LetterKind
from ..mail import content
from ..store.engine.unit_of_work import UnitOfWork
from .outbox import Outbox


class Letters:
    """Writes each into the outbox, in the transaction of what it is about."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

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
