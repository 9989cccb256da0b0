from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ..domain import audit
from ..domain.audit import AuditEvent, AuditFilter
from ..domain.caller import Caller, Permission
from ..domain.identifier import AuditEventId
from ..domain.page import Page, PageRequest
from ..store import audit as store
from ..store.audit import Position
from ..store.database import Database
from .paging import PageTokens

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_POSITION = struct.Struct(">qq")


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
        token = self._pages.position(listing, request)
        after = None if token is None else _position(token)
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
        return self._pages.page_by(listing, request, found, _place)


def _place(event: AuditEvent) -> bytes:
    return _POSITION.pack((event.occurred_at - _EPOCH) // _MICROSECOND, event.sequence)


def _position(place: bytes) -> Position:
    microseconds, sequence = _POSITION.unpack(place)
    return _EPOCH + microseconds * _MICROSECOND, sequence


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
