from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence

from ..domain.audit import AuditEvent, AuditFilter
from ..domain.identifier import OrganizationId
from ..domain.operator import OperatorCaller
from ..store.engine.database import Database
from .cursors import Cursors
from .event import EVERYTHING, Feed, Heartbeat, Stretch
from .operator_token import OperatorAuthentication
from .watch import Watcher, Watches

#: What cursors are good for, of one organization or of all.
_WATCHED = "operator/events"


class OperatedEvents:
    """Events of all organizations, for whoever runs the server: of suspended and of deleted ones, too."""

    def __init__(
        self,
        database: Database,
        cursors: Cursors,
        watches: Watches,
        authentication: OperatorAuthentication,
    ) -> None:
        self._database = database
        self._cursors = cursors
        self._watches = watches
        self._authentication = authentication

    def cursor(self, event: AuditEvent) -> str:
        """The cursor of the place behind an event."""
        return self._feed(None).cursor(event)

    async def list(
        self,
        caller: OperatorCaller,
        organization: OrganizationId | None,
        cursor: str,
        limit: int,
        narrowed: AuditFilter = EVERYTHING,
        *,
        newest_first: bool = False,
    ) -> Stretch:
        """As `Feed.list`, of an organization or of all."""
        feed = self._feed(organization)
        return await feed.list(cursor, limit, narrowed, newest_first=newest_first)

    async def watch(
        self,
        caller: OperatorCaller,
        organization: OrganizationId | None,
        cursor: str,
        any_of: Sequence[AuditFilter] = (),
    ) -> AsyncIterator[AuditEvent | Heartbeat]:
        """As `Feed.watch`, of an organization or of all, and raises Unauthenticated once the token is revoked: nothing is told after that."""

        async def require() -> None:
            await self._authentication.renew(caller)

        watcher = Watcher(caller.token.id, "operator token", require)
        feed = self._feed(organization)
        async with contextlib.aclosing(feed.watch(self._watches, watcher, cursor, any_of)) as told:
            async for each in told:
                yield each

    def _feed(self, organization: OrganizationId | None) -> Feed:
        return Feed(self._database, self._cursors, _WATCHED, organization)
