from __future__ import annotations

from datetime import datetime

from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import scim_provisioning_pb as pb
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningServiceClient,
)
from protobuf.wkt import Timestamp

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages
from .reconnecting import AsyncReconnecting


class AsyncSCIMRequests:
    """What identity providers sent, and how they were answered. Administrators only."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._call = connection.call
        self._rpc = connection.stub(ScimProvisioningServiceClient)

    def list(
        self,
        *,
        scim_configuration_id: str,
        failed: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
        oldest_first: bool = False,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.SCIMRequest]:
        """Requests of a configuration, the newest first, in pages of `page_size` (25, at most 100).

        Only those that `failed`, came `since` a moment, or before `until` one. Moments are aware datetimes.
        """
        narrowed = pb.ScimRequestFilter(failed=failed, since=_wire(since), until=_wire(until))

        async def fetch(token: str) -> AsyncPage[types.SCIMRequest]:
            response = await self._call(
                self._rpc.list_scim_requests,
                pb.ListScimRequestsRequest(
                    scim_configuration_id=scim_configuration_id,
                    filter=narrowed,
                    oldest_first=oldest_first,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.SCIMRequest.from_wire(request) for request in response.scim_requests]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    def watch(
        self,
        *,
        scim_configuration_id: str,
        failed: bool = False,
        cursor: str = "",
        recent: int = 0,
    ) -> AsyncSCIMRequestWatch:
        """Each new request of a configuration, as it comes.

        After the `recent` latest ones (at most 100), or going on behind a `cursor`.
        """
        request = pb.WatchScimRequestsRequest(
            scim_configuration_id=scim_configuration_id, failed=failed, cursor=cursor, recent=recent
        )
        return AsyncSCIMRequestWatch(self._connection, self._rpc.watch_scim_requests, request)


class AsyncSCIMRequestWatch(AsyncReconnecting[pb.ScimRequest, types.SCIMRequest]):
    """Requests as they come, for ever; one task or thread iterates at a time.

    When the connection breaks or the server stops, it is made anew from the last place, after waiting
    longer each time it fails: no request is missed, and each is given once. Until it was made the first
    time, it is tried as often as a call is. Iterating raises an APIError that trying again would not help.

    As a context manager, it is connected when the block begins: from there on no request is missed. `close`
    ends it; so does the end of the block.
    """

    def _told(self, message: pb.WatchScimRequestsResponse) -> tuple[pb.ScimRequest | None, str]:
        return message.scim_request, message.cursor

    def _given(self, told: pb.ScimRequest) -> types.SCIMRequest:
        return types.SCIMRequest.from_wire(told)


def _wire(moment: datetime | None) -> Timestamp | None:
    return None if moment is None else Timestamp.from_datetime(moment)
