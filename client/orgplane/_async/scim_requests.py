from __future__ import annotations

import asyncio
from datetime import datetime
from types import TracebackType
from typing import Any

from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import scim_provisioning_pb as pb
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningServiceClient,
)
from protobuf.wkt import Timestamp

from .. import types
from .._core import retry
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages


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
        """Each new request of a configuration, within about a second.

        After the `recent` latest ones (at most 100), or going on behind a `cursor`.
        """
        request = pb.WatchScimRequestsRequest(
            scim_configuration_id=scim_configuration_id, failed=failed, cursor=cursor, recent=recent
        )
        return AsyncSCIMRequestWatch(self._connection, self._rpc, request)


class AsyncSCIMRequestWatch:
    """Requests as they come, for ever; one task or thread iterates at a time.

    When the connection breaks or the server stops, it is made anew from the last place, after waiting
    longer each time it fails: no request is missed, and each is given once. Until it was made the first time, it is tried as often as a call is.
    Iterating raises an APIError that trying again would not help.

    As a context manager, it is connected when the block begins: from there on no request is missed. `close`
    ends it; so does the end of the block.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        rpc: ScimProvisioningServiceClient,
        request: pb.WatchScimRequestsRequest,
    ) -> None:
        self._connection = connection
        self._rpc = rpc
        self._request = request
        self._stream: Any = None
        self._established = False
        self._closed = False

    @property
    def cursor(self) -> str:
        """The place reached, to go on from another time. Empty before the start."""
        return self._request.cursor

    async def close(self) -> None:
        """Closing twice is fine; iterating ends then."""
        self._closed = True
        await self._disconnect()

    def __aiter__(self) -> AsyncSCIMRequestWatch:
        return self

    async def __anext__(self) -> types.SCIMRequest:
        while not self._closed:
            if (request := await self._next()) is not None:
                return types.SCIMRequest.from_wire(request)
        raise StopAsyncIteration

    async def __aenter__(self) -> AsyncSCIMRequestWatch:
        await self._next()  # a heartbeat
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _next(self) -> pb.ScimRequest | None:
        """The next that the server says, on this connection or another; None for a heartbeat."""
        attempt = 0
        while True:
            try:
                return await self._receive()
            except Exception as error:
                await self._disconnect()
                delay = retry.watch_delay(
                    error, attempt, self._established, self._connection.options.max_retries
                )
                if delay is None:
                    raise
            except BaseException:
                await self._disconnect()
                raise
            await asyncio.sleep(delay)
            attempt += 1

    async def _receive(self) -> pb.ScimRequest | None:
        if self._stream is None:
            self._stream = self._connection.stream(self._rpc.watch_scim_requests, self._request)
        message: pb.WatchScimRequestsResponse = await anext(self._stream)
        self._established = True
        self._request.cursor = message.cursor
        return message.scim_request

    async def _disconnect(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.aclose()


def _wire(moment: datetime | None) -> Timestamp | None:
    return None if moment is None else Timestamp.from_datetime(moment)
