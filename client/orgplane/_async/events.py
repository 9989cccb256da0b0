from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from orgplane_api.gitpod.v1.event_pb import ResourceType
from orgplane_api.orgplane.v1 import event_pb as pb
from orgplane_api.orgplane.v1.event_service_connect import EventServiceClient

from .. import types
from .._core.options import Seconds
from ..cursors import AsyncCursorStore
from ..errors import ClientClosedError, EventsPurgedError
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

    async def consume(
        self,
        handler: Callable[[types.Event], Awaitable[object]],
        *,
        cursor_store: AsyncCursorStore,
        from_oldest: bool = False,
        resource_types: Sequence[types.ResourceType | str] = (),
        resource_ids: Sequence[str] = (),
        actor_ids: Sequence[str] = (),
    ) -> None:
        """Gives every event that passes the filters to `handler`, one after the other in order, at least once each.

        It goes on from the cursor in `cursor_store`, where each event's is saved once the handler has returned.
        Where there is none yet, it begins now or, with `from_oldest`, with the oldest event that is kept. A broken
        connection and a server that restarts are waited for as in `watch`. It returns once the client is closed, after the
        event in hand; what else ends it is raised: by the handler, whose event is then given again the next
        time, by the store, by Ctrl-C or cancellation. Raises EventsPurgedError, which says what to do, when events
        behind the saved cursor are no longer kept, and otherwise an APIError that trying again would not help.
        """
        self._connection.check()
        cursor = await cursor_store.load()
        # What cannot be saved is told before anything is dealt with.
        await cursor_store.save(cursor)
        narrowed = event_filter(resource_types, resource_ids, actor_ids)
        async with aclosing(self._told(cursor, narrowed, from_oldest)) as told:
            async for event, place in told:
                if event is not None:
                    await handler(event)
                if place != cursor:
                    await cursor_store.save(place)
                    cursor = place

    async def _told(
        self, cursor: str, narrowed: pb.EventFilter, from_oldest: bool
    ) -> AsyncGenerator[tuple[types.Event | None, str], None]:
        """Every event from the place on and the place behind it; None where that alone has moved."""
        if not cursor and from_oldest:
            request = pb.ListEventsRequest(page_size=1, filter=narrowed)
            response = await self._call(self._rpc.list_events, request, None)
            cursor = response.cursor
            yield next(map(types.Event.from_wire, response.events), None), cursor
        watch = AsyncWatch(
            self._connection,
            self._rpc.watch_events,
            pb.WatchEventsRequest(cursor=cursor, filter=narrowed),
        )
        try:
            async with watch:
                yield None, watch.cursor
                while True:
                    yield await watch.heard(), watch.cursor
        except ClientClosedError:
            return
        except EventsPurgedError as error:
            raise EventsPurgedError(
                "events behind the saved cursor are no longer kept: take stock of what is there, then begin anew "
                "with an empty cursor in the store",
                code=error.code,
                reason=error.reason,
                request_id=error.request_id,
            ) from error


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
