from __future__ import annotations

from collections.abc import Sequence

from orgplane_api.gitpod.v1.event_pb import ResourceType
from orgplane_api.orgplane.v1 import event_pb as pb
from orgplane_api.orgplane.v1.event_service_connect import EventServiceClient

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages
from .watch import AsyncWatch


class AsyncEvents:
    """What changed in the organization: every change once, in one order, from any place on. Administrators only.

    A cursor is a place between two events; every event has that of the place behind it.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._call = connection.call
        self._rpc = connection.stub(EventServiceClient)

    def list(
        self,
        *,
        after: str = "",
        resource_types: Sequence[types.ResourceType | str] = (),
        resource_ids: Sequence[str] = (),
        actor_ids: Sequence[str] = (),
        newest_first: bool = False,
        page_size: int | None = None,
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.Event]:
        """Events that pass every filter that is not empty, from the oldest or from a cursor on.

        With `newest_first` back from the newest, or from the cursor. Pages of 25, at most 100; a page may hold
        fewer, or none, although another follows. Raises EventsPurgedError when events behind the cursor are no
        longer kept, and ValueError for a type that is none of `ResourceType`.
        """
        narrowed = event_filter(resource_types, resource_ids, actor_ids)

        async def fetch(cursor: str) -> AsyncPage[types.Event]:
            response = await self._call(
                self._rpc.list_events,
                pb.ListEventsRequest(
                    cursor=cursor,
                    page_size=page_size or 0,
                    filter=narrowed,
                    newest_first=newest_first,
                ),
                timeout,
            )
            items = [types.Event.from_wire(event) for event in response.events]
            return AsyncPage(items, response.cursor if response.more else "", fetch)

        return AsyncPages(fetch, after)

    async def get(self, *, event_id: str, timeout: Seconds | None = None) -> types.EventResponse:
        """One event; its id is also that of its entry in the audit log."""
        response = await self._call(
            self._rpc.get_event, pb.GetEventRequest(event_id=event_id), timeout
        )
        return types.EventResponse(types.Event.from_wire(types.present(response.event)))

    def watch(
        self,
        *,
        after: str = "",
        resource_types: Sequence[types.ResourceType | str] = (),
        resource_ids: Sequence[str] = (),
        actor_ids: Sequence[str] = (),
    ) -> AsyncWatch:
        """Events that pass every filter that is not empty, as they come, from a cursor or from now on.

        Iterate for events. Whoever keeps the cursor of the last event they dealt with, and passes it as
        `after` the next time, misses none. Raises ValueError for a type that is none of `ResourceType`.
        """
        request = pb.WatchEventsRequest(
            cursor=after, filter=event_filter(resource_types, resource_ids, actor_ids)
        )
        return AsyncWatch(self._connection, self._rpc.watch_events, request)


def event_filter(
    resource_types: Sequence[types.ResourceType | str],
    resource_ids: Sequence[str],
    actor_ids: Sequence[str],
) -> pb.EventFilter:
    """Raises ValueError for a type that is none of `ResourceType`."""
    return pb.EventFilter(
        resource_types=[ResourceType(types.ResourceType(type).number) for type in resource_types],
        resource_ids=[*resource_ids],
        actor_ids=[*actor_ids],
    )
