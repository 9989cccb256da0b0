from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orgplane_api.gitpod.v1 import event_pb as pb
from orgplane_api.gitpod.v1.event_service_connect import EventServiceClient
from orgplane_api.gitpod.v1.identity_pb import Principal
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest, Sort, SortOrder
from protobuf.wkt import Timestamp

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages


class AsyncAuditLogs:
    """The audit log: who did what to what, and when. Administrators only.

    What changed in detail, `events` tells of the event with the same id.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(EventServiceClient)

    def list(
        self,
        *,
        actor_ids: Sequence[str] = (),
        actor_principals: Sequence[types.Principal | str] = (),
        subject_ids: Sequence[str] = (),
        subject_types: Sequence[types.ResourceType | str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        oldest_first: bool = False,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.AuditLogEntry]:
        """Entries that pass every filter that is not empty, newest first; pages of 25, at most 100.

        From `since` on, and earlier than `until`: aware datetimes. Raises ValueError for a principal or type
        that is none of the enumeration's.
        """
        narrowed = pb.ListAuditLogsRequest.Filter(
            actor_ids=[*actor_ids],
            actor_principals=[Principal(types.Principal(kind).number) for kind in actor_principals],
            subject_ids=[*subject_ids],
            subject_types=[
                pb.ResourceType(types.ResourceType(type).number) for type in subject_types
            ],
            from_=None if since is None else Timestamp.from_datetime(since),
            to=None if until is None else Timestamp.from_datetime(until),
        )
        order = SortOrder.ASC if oldest_first else SortOrder.DESC

        async def fetch(token: str) -> AsyncPage[types.AuditLogEntry]:
            response = await self._call(
                self._rpc.list_audit_logs,
                pb.ListAuditLogsRequest(
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                    filter=narrowed,
                    sort=Sort(field="created_at", order=order),
                ),
                timeout,
            )
            items = [types.AuditLogEntry.from_wire(entry) for entry in response.entries]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def get(
        self, *, audit_log_entry_id: str, timeout: Seconds | None = None
    ) -> types.AuditLogEntryResponse:
        """One entry."""
        response = await self._call(
            self._rpc.get_audit_log,
            pb.GetAuditLogRequest(audit_log_entry_id=audit_log_entry_id),
            timeout,
        )
        return types.AuditLogEntryResponse(
            types.AuditLogEntry.from_wire(types.present(response.entry))
        )
