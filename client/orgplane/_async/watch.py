from __future__ import annotations

from orgplane_api.orgplane.v1 import event_pb as pb
from orgplane_api.orgplane.v1.operator_pb import WatchAllEventsResponse

from .. import types
from .reconnecting import AsyncReconnecting


class AsyncWatch(AsyncReconnecting[pb.Event, types.Event]):
    """Events as they come, for ever; one task or thread iterates at a time.

    When the connection breaks, the server stops or a message cannot be read, it is made anew from the last
    place, after waiting longer each time it fails: no event is missed, and each is given once. Until it was made the first time,
    it is tried as often as a call is. Iterating raises EventsPurgedError when events behind the last place
    are no longer kept, and otherwise an APIError that trying again would not help.

    As a context manager, it is connected when the block begins: from there on no change is missed, whenever
    the iteration begins. `close` ends it; so does the end of the block.
    """

    def _told(
        self, message: pb.WatchEventsResponse | WatchAllEventsResponse
    ) -> tuple[pb.Event | None, str]:
        response = message.response
        if response is None:  # newer than this client
            return None, ""
        told = response.value
        return told if isinstance(told, pb.Event) else None, told.cursor

    def _given(self, told: pb.Event) -> types.Event:
        return types.Event.from_wire(told)
