"""Looks again, whoever serves at the time, whether the records of proven domains are still there."""

from __future__ import annotations

from datetime import timedelta

import structlog

from ..dns.records import TextRecords
from ..dns.texts import Texts
from ..domain import domain_verification
from ..domain.domain_verification import (
    DEFAULT_GRACE,
    DomainVerification,
    Verifier,
)
from ..domain.errors import Unavailable
from ..domain.instant import Clock
from ..domain.operator import Operator
from ..store import domain_verification as store
from ..store.domain_verification import domain_verifications
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from .domain_verification import keep, look_up, warn
from .recurring import for_ever, work_off

#: Claims that are looked up at a time, and how long nobody else looks them up meanwhile.
_BATCH = 20
_TAKEN = timedelta(minutes=15)
_EVERY_SECONDS = 3600.0

log = structlog.get_logger(__name__)


class DomainChecks:
    """Looks up the record of each proven domain once a day, in one process at a time.

    What is missing is warned of, an event and a line in the log, and revoked after its grace. A fault of DNS changes nothing:
    it is asked again after an hour. Nobody's session or link ends by it.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        records: TextRecords,
        *,
        grace: timedelta = DEFAULT_GRACE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._records = records
        self._grace = grace

    async def check(self) -> list[DomainVerification]:
        """Looks up all that is due by the clock; what this call looked up, as it is then.

        All there is to it: `run` only calls it once an hour.
        """
        checked = await work_off(
            self._database,
            lambda connection: store.due(connection, self._clock(), 1),
            self._take,
            self._check,
        )
        return [each for each in checked if each is not None]

    async def run(self) -> None:
        """Checks again and again, for ever."""
        await for_ever(self.check, _EVERY_SECONDS, "cannot check domains")

    def _take(self, unit: UnitOfWork) -> list[DomainVerification]:
        now = self._clock()
        return [*store.take(unit, now, now + _TAKEN, _BATCH)]

    async def _check(self, claim: DomainVerification) -> DomainVerification | None:
        """None for one that nobody has proven any more."""
        texts = None
        try:
            texts = await look_up(self._records, claim)
        except Unavailable as error:
            log.info(
                "cannot check a domain now",
                organization=str(claim.organization_id),
                domain=claim.domain,
                error=str(error),
            )

        def change(unit: UnitOfWork) -> tuple[DomainVerification, DomainVerification] | None:
            tenant = claim.organization_id
            before = domain_verifications.lock(unit.connection, tenant, claim.id)
            if before is None or before.verified_by is not Verifier.DNS:
                return None
            if before.checked_at != claim.checked_at:  # somebody looked meanwhile
                return before, before
            after = self._found(before, texts)
            return before, keep(unit, Operator(tenant), before, after)

        done = await self._database.write(change)
        if done is None:
            return None
        before, after = done
        if before.proven and not after.proven:
            log.warning(
                "a domain is proven no more",
                organization=str(after.organization_id),
                domain=after.domain,
                absent_since=str(before.absent_since),
            )
        elif after.absent_since is not None and after is not before:
            warn(after, self._grace)
        return after

    def _found(self, claim: DomainVerification, texts: Texts | None) -> DomainVerification:
        now = self._clock()
        if texts is None:
            return domain_verification.unknown(claim, now)
        if claim.verification_token in texts.values:
            return domain_verification.present(claim, now, shared=claim.shared)
        return domain_verification.absent(claim, now, self._grace)
