"""Keeps sign-ins and refusals, for administrators, so that no stranger can fill the log or the audit trail."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from ..domain.audit import Action, Subject
from ..domain.caller import Origin
from ..domain.errors import OrgplaneError
from ..domain.identifier import SignInAttemptId, SsoConfigurationId
from ..domain.instant import Clock
from ..domain.revision import FieldChange
from ..domain.sign_in import Denied, Voucher
from ..domain.sign_in_attempt import (
    AT_ONCE,
    DEFAULT_RETENTION,
    MAXIMUM,
    MAXIMUM_OF_STRANGERS,
    PER_MINUTE,
    Person,
    attempt,
)
from ..domain.sso_configuration import SsoConfiguration
from ..store import organization_policies as policies
from ..store import sign_in_attempt as store
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from . import saving
from .buckets import Bucket, Buckets
from .minting import new_id

#: After how many attempts of a configuration it is looked for what is too many.
_PURGE_EVERY = 200
#: Attempts that one transaction deletes.
_BATCH = 500

log = structlog.get_logger(__name__)


class SignInAttemptLog:
    """The attempts of the last `retention`, and at most about `maximum` of each configuration, `maximum_of_strangers` of them those
    of whom no provider said who they are.

    All that succeed are kept, in the transaction of the session. Of refusals of one kind and person `AT_ONCE` are, by each
    process, then one a minute, and never more than `PER_MINUTE` of a configuration; the next one that is kept tells how many were not.

    A refusal is in the audit trail, too, if the provider has said who it is that was refused: nobody else's, which whoever
    knows a link can cause.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        retention: timedelta = DEFAULT_RETENTION,
        maximum: int = MAXIMUM,
        maximum_of_strangers: int = MAXIMUM_OF_STRANGERS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention
        self._maximum = maximum
        self._maximum_of_strangers = maximum_of_strangers
        self._kinds: Buckets[tuple[SsoConfigurationId, str, str], _Kind] = Buckets(
            _Kind, AT_ONCE, 1
        )
        self._minutes: Buckets[SsoConfigurationId, Bucket] = Buckets(Bucket, PER_MINUTE, PER_MINUTE)
        #: How many people signed in, and how many were refused, by this process.
        self.succeeded = self.refused = 0
        self._since_purge: defaultdict[SsoConfigurationId, int] = defaultdict(lambda: _PURGE_EVERY)

    @property
    def oldest(self) -> datetime:
        """What came before this is not kept, whether it has been deleted yet or not."""
        return self._clock() - self._retention

    def keep(
        self, unit: UnitOfWork, configuration: SsoConfiguration, person: Person, origin: Origin
    ) -> None:
        """Keeps one that succeeds, with what else the transaction does."""
        self._append(unit, configuration, person, None, origin)

    async def refuse(
        self, configuration: SsoConfiguration, person: Person, denied: Denied, origin: Origin
    ) -> None:
        """Keeps a refusal, if it is to be kept. One that cannot be is told in the server's own log, which has them all."""
        self.refused += 1
        log.warning(
            "sign-in refused",
            organization=str(configuration.organization_id),
            configuration=str(configuration.id),
            why=denied.detail,
            peer=origin.peer,
            request_id=origin.request_id,
        )
        omitted = self._take(configuration.id, denied, person)
        if omitted is None:
            return

        def change(unit: UnitOfWork) -> None:
            # None if the organization is being deleted.
            if policies.held(unit.connection, configuration.organization_id) is not None:
                self._append(unit, configuration, person, denied, origin, omitted)

        try:
            await self._database.write(change)
            await self.purge_if_due(configuration.id)
        except OrgplaneError:  # unavailable, as the store has logged
            log.error(
                "a refused sign-in is missing from the log",
                organization=str(configuration.organization_id),
                request_id=origin.request_id,
            )

    async def purge_if_due(self, configuration: SsoConfigurationId) -> None:
        """To be called after each attempt that was kept."""
        self._since_purge[configuration] += 1
        if self._since_purge[configuration] <= _PURGE_EVERY:
            return
        self._since_purge[configuration] = 0

        def purge(unit: UnitOfWork) -> int:
            return store.purge_surplus(
                unit.connection,
                configuration,
                self._maximum,
                self._maximum_of_strangers,
                _BATCH,
            )

        while await self._database.write(purge):
            pass

    def _append(
        self,
        unit: UnitOfWork,
        configuration: SsoConfiguration,
        person: Person,
        denied: Denied | None,
        origin: Origin,
        omitted: int = 0,
    ) -> None:
        organization, now = configuration.organization_id, self._clock()
        made = attempt(
            SignInAttemptId(new_id()),
            *(organization, configuration.id, person, denied, now, origin, omitted),
        )
        unit.append(store.inserting(made))
        if made.refusal is None or not made.subject:
            return
        changes = {
            "sign_in_refused": FieldChange("", made.refusal.value),
            "detail": FieldChange("", made.detail),
            "sub": FieldChange("", made.subject),
            **({"email": FieldChange("", made.email)} if made.email else {}),
        }
        voucher = Voucher(configuration.id, organization, origin)
        about: tuple[Subject, UUID] = (
            (Subject.SSO_CONFIGURATION, configuration.id)
            if made.user_id is None
            else (Subject.USER, made.user_id)
        )
        saving.note(unit, voucher, Action.UPDATE, *about, now, changes)

    def _take(
        self, configuration: SsoConfigurationId, denied: Denied, person: Person
    ) -> int | None:
        """How many like it were not kept before it; None if it is not to be kept either."""
        now = self._clock()
        kind = self._kinds.of((configuration, denied.refusal.value, person.subject), now)
        every = self._minutes.of(configuration, now)
        if kind.level < 1 or every.level < 1:
            kind.omitted += 1
            return None
        kind.level -= 1
        every.level -= 1
        omitted, kind.omitted = kind.omitted, 0
        return omitted


async def forget(database: Database, configuration: SsoConfigurationId) -> None:
    """Deletes the attempts of a configuration that is gone, a few at a time; what is left then goes when it is old."""

    def purge(unit: UnitOfWork) -> int:
        return store.TRAIL.purge_surplus(unit.connection, configuration, 0, _BATCH)

    with contextlib.suppress(OrgplaneError):
        while await database.write(purge) == _BATCH:
            pass


@dataclass(slots=True)
class _Kind(Bucket):
    """How many were `omitted` since the last that was kept."""

    omitted: int = 0
