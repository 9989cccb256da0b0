from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from ..domain import sso_configuration
from ..domain.caller import Caller, Permission
from ..domain.identifier import SsoConfigurationId
from ..domain.log_filter import LogFilter
from ..domain.page import Page, PageRequest
from ..domain.sign_in_attempt import SignInAttempt
from ..store import sign_in_attempt as store
from ..store.engine.database import Connection, Database
from ..store.sso_configuration import sso_configurations
from .cursors import Cursors
from .paging import PageTokens
from .sign_in_attempt_log import SignInAttemptLog
from .watch import Watches


@dataclass(frozen=True, slots=True)
class Told:
    """What a watch tells: an attempt, or without one that it lives, and the place it has reached."""

    attempt: SignInAttempt | None
    cursor: str


class SignInAttempts:
    """Who signed in through the SSO configurations of the caller's organization, and who was refused."""

    def __init__(
        self,
        database: Database,
        pages: PageTokens,
        cursors: Cursors,
        log: SignInAttemptLog,
        watches: Watches,
    ) -> None:
        self._database = database
        self._pages = pages
        self._cursors = cursors
        self._log = log
        self._watches = watches

    async def list(
        self,
        caller: Caller,
        configuration: SsoConfigurationId,
        request: PageRequest,
        narrowed: LogFilter,
        *,
        oldest_first: bool = False,
    ) -> Page[SignInAttempt]:
        """The attempts of a configuration that are kept."""
        caller.require(Permission.READ_SIGN_INS)
        listing = _listing(configuration, narrowed, oldest_first)
        after = self._pages.moment(listing, request)
        kept = narrowed.kept(self._log.oldest)

        def query(connection: Connection) -> Sequence[SignInAttempt]:
            _require(connection, caller, configuration)
            limit = request.limit + 1
            return store.page(
                connection, configuration, kept, after, limit, oldest_first=oldest_first
            )

        found = await self._database.read(query)
        return self._pages.page_by_moment(
            listing, request, found, lambda found: (found.attempted_at, found.sequence)
        )

    async def watch(
        self,
        caller: Caller,
        configuration: SsoConfigurationId,
        *,
        failed: bool = False,
        cursor: str = "",
        recent: int = 0,
    ) -> AsyncIterator[Told]:
        """The `recent` latest attempts, or those behind a cursor, and then each new one, for ever.

        A sign of life first, and whenever nothing else was told for a while. Raises what `Watches.tell` does,
        and NotFound as soon as the configuration is gone.
        """
        caller.require(Permission.READ_SIGN_INS)
        watched = f"sign_in_attempts/{configuration}"
        begin = self._cursors.place(watched, cursor)

        def beginning(connection: Connection) -> int | None:
            _require(connection, caller, configuration)
            if begin is None and recent:
                return store.TRAIL.before_latest(connection, configuration, recent)
            return begin

        async def following(after: int, until: int, limit: int) -> Sequence[SignInAttempt]:
            def query(connection: Connection) -> Sequence[SignInAttempt]:
                _require(connection, caller, configuration)
                return store.following(connection, configuration, after, until, limit)

            return await self._database.read(query)

        told = self._watches.tell(
            caller,
            Permission.READ_SIGN_INS,
            store.TRAIL,
            configuration,
            await self._database.read(beginning),
            following,
            lambda attempt: attempt.failed or not failed,
        )
        async with contextlib.aclosing(told):
            async for place, attempt in told:
                yield Told(attempt, self._cursors.of(watched, place))


def _require(connection: Connection, caller: Caller, configuration: SsoConfigurationId) -> None:
    if sso_configurations.find(connection, caller.organization_id, configuration) is None:
        raise sso_configuration.not_found()


def _listing(configuration: SsoConfigurationId, narrowed: LogFilter, oldest_first: bool) -> str:
    parts = [narrowed.failed, narrowed.since, narrowed.until, oldest_first]
    return f"sign_in_attempts/{configuration}/{json.dumps(parts, default=str)}"
