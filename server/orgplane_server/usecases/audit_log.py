from __future__ import annotations

from collections.abc import Iterable

from ..domain import audit
from ..domain.audit import AuditEvent, AuditFilter
from ..domain.caller import Caller, Permission
from ..domain.identifier import AuditEventId
from ..domain.page import Page, PageRequest
from ..store import audit as store
from ..store.engine.database import Database
from .paging import PageTokens


class AuditLog:
    """What was changed in the caller's organization, by whom and when; administrators only."""

    def __init__(self, database: Database, pages: PageTokens) -> None:
        self._database = database
        self._pages = pages

    async def get(self, caller: Caller, id: AuditEventId) -> AuditEvent:
        caller.require(Permission.READ_AUDIT_LOG)
        found = await self._database.read(
            lambda connection: store.find(connection, caller.organization_id, id)
        )
        if found is None:
            raise audit.not_found()
        return found

    async def list(
        self, caller: Caller, narrowed: AuditFilter, request: PageRequest, *, newest_first: bool
    ) -> Page[AuditEvent]:
        """Events in the order of their time."""
        caller.require(Permission.READ_AUDIT_LOG)
        listing = f"audit_log/{caller.organization_id}/{newest_first}/{_narrowing(narrowed)}"
        after = self._pages.moment(listing, request)
        found = await self._database.read(
            lambda connection: store.page(
                connection,
                caller.organization_id,
                narrowed,
                after,
                request.limit + 1,
                newest_first=newest_first,
            )
        )
        return self._pages.page_by_moment(
            listing, request, found, lambda event: (event.occurred_at, event.sequence)
        )


def _narrowing(narrowed: AuditFilter) -> str:
    """The filter as text, the same for equal filters."""

    def sorted_(values: Iterable[object] | None) -> str:
        return "*" if values is None else ",".join(sorted(map(str, values)))

    return "/".join(
        (
            sorted_(narrowed.actors),
            sorted_(narrowed.actor_kinds),
            sorted_(narrowed.subject_ids),
            sorted_(narrowed.subjects),
            str(narrowed.since),
            str(narrowed.until),
        )
    )
