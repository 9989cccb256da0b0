"""Letters that are written in the transaction of a change, and delivered after its commit."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from ..domain import letter, organization
from ..domain.errors import Unavailable
from ..domain.identifier import LetterId, OrganizationId
from ..domain.instant import Clock
from ..domain.letter import Delivery, Letter, LetterKind
from ..mail import address
from ..mail.content import Content
from ..mail.message import message
from ..mail.relay import SECONDS, Delayed, Refused, Relay
from ..store import outbox as store
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from .minting import new_id
from .recurring import for_ever, work_off
from .sealing import Sealer

#: Letters that are delivered at a time, and how long nobody else delivers them meanwhile.
_BATCH = 4
_LEASE = timedelta(seconds=4 * SECONDS)
#: What was written by another process, or waits for another attempt, is looked for so often.
_EVERY_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Outbox:
    """What is posted here is there exactly if the change is, and is delivered at least once.

    Whoever serves delivers; several processes share the letters. One that is killed in the midst of it leaves a letter to
    the others, who deliver it again: with the same Message-ID, by which mail servers know it. What a letter says is
    sealed, and forgotten when it was delivered, was refused, or is of no more use.
    """

    def __init__(
        self, database: Database, clock: Clock, sealer: Sealer, relay: Relay | None
    ) -> None:
        """Without a `relay` the server sends no mail."""
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._relay = relay
        self._posted = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def sends(self) -> bool:
        return self._relay is not None

    def require(self) -> None:
        """Raises FailedPrecondition if the server sends no mail. To be asked before anything is changed."""
        if self._relay is None:
            raise letter.no_mail()

    def post(
        self,
        unit: UnitOfWork,
        organization_id: OrganizationId,
        kind: LetterKind,
        recipient: str,
        content: Content,
        not_after: datetime,
    ) -> Letter:
        """Writes a letter, which is delivered after the commit.

        Raises FailedPrecondition if the server sends no mail, InvalidArgument for an address (`email`) that no mail is
        sent to, and ResourceExhausted if the organization writes, or the address gets, as much as may be.
        """
        self.require()
        try:
            recipient = address.normal(recipient)
        except address.NoAddress as error:
            raise letter.malformed("email", str(error)) from None
        now = self._clock()
        of, to = store.written(
            unit,
            organization_id,
            now - letter.OF_ORGANIZATION_WITHIN,
            recipient,
            now - letter.TO_ADDRESS_WITHIN,
        )
        letter.check_limits(of, to)
        id = LetterId(new_id())
        sealed = self._sealer.seal_into(unit, json.dumps(asdict(content)).encode(), purpose(id))
        new = letter.new(id, organization_id, kind, recipient, sealed, not_after, now)
        store.post(unit, new)
        unit.afterwards(self._wake)
        return new

    def name_of(self, unit: UnitOfWork, id: OrganizationId) -> str:
        """The organization's name, for a letter."""
        found = organizations.find(unit.connection, id, id)
        if found is None:
            raise organization.not_found()
        return found.name

    async def deliver(self) -> list[Letter]:
        """Tries all that is due by the clock; what this call tried, as it is then.

        All there is to it: `run` only calls it again and again.
        """
        relay = self._relay
        if relay is None:
            return []
        return await work_off(
            self._database,
            lambda connection: store.due(connection, self._clock()),
            self._take,
            lambda letter: self._try(relay, letter),
        )

    async def run(self) -> None:
        """Delivers for ever: what is posted here at once, the rest soon."""
        self._loop = asyncio.get_running_loop()
        await for_ever(self.deliver, _EVERY_SECONDS, "cannot deliver mail", self._posted)

    def _wake(self) -> None:
        """For any thread, and once too often does no harm."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._posted.set)

    def _take(self, unit: UnitOfWork) -> list[Letter]:
        now = self._clock()
        return [*store.take(unit, now, now + _LEASE, _BATCH)]

    async def _try(self, relay: Relay, taken: Letter) -> Letter:
        after = await self._attempted(relay, taken)

        def change(unit: UnitOfWork) -> bool:
            return store.end_attempt(unit, taken, after)

        if not await self._database.write(change):
            return taken
        told = {
            "organization": str(after.organization_id),
            "letter": str(after.id),
            "kind": after.kind.value,
            "attempts": after.attempts,
        }
        if after.delivery is Delivery.SENT:
            log.info("a letter was sent", **told)
        elif after.delivery is Delivery.QUEUED:
            log.warning("a letter is delayed", reason=after.reason, **told)
        else:
            log.warning(f"a letter is {_WORDS[after.delivery]}", reason=after.reason, **told)
        return after

    async def _attempted(self, relay: Relay, taken: Letter) -> Letter:
        if self._clock() >= taken.not_after:
            return letter.expired(taken, self._clock())
        assert taken.sealed is not None, "it is queued"
        try:
            content = Content(**json.loads(self._sealer.open_kept(taken.sealed, purpose(taken.id))))
        except Unavailable:
            return letter.delayed(
                taken, "is sealed with another key than this server's", self._clock()
            )
        made = message(content, relay.sender, taken.recipient, taken.id, taken.created_at)
        try:
            await relay.deliver(made, taken.recipient)
        except Refused as error:
            return letter.refused(taken, str(error), self._clock())
        except Delayed as error:
            return letter.delayed(taken, str(error), self._clock())
        return letter.sent(taken, self._clock())


_WORDS = {Delivery.REFUSED: "refused", Delivery.GIVEN_UP: "given up"}


def purpose(id: UUID) -> str:
    """What a letter is sealed for."""
    return f"letter {id}"
