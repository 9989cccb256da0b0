from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Literal

from orgplane_api.orgplane.v1 import event_pb as pb
from orgplane_api.orgplane.v1.event_service_connect import EventService, EventServiceASGIApplication
from protobuf import Oneof
from protobuf.wkt import Value

from ..domain.audit import ActorKind, AuditEvent, AuditFilter
from ..domain.identifier import AuditEventId
from ..domain.page import PageRequest
from ..domain.revision import FieldChange
from ..usecases.audit_log import AuditLog
from ..usecases.event import Events, Heartbeat
from .audit_log import OPERATIONS, RESOURCE_TYPES, subjects
from .caller import caller
from .json_codec import StrictJSONCodec
from .service import Service
from .wire import Context, timestamp, uuid

_ACTOR_KINDS: Mapping[ActorKind, pb.ActorKind] = {
    ActorKind.USER: pb.ActorKind.USER,
    ActorKind.SCIM_CONFIGURATION: pb.ActorKind.SCIM_CONFIGURATION,
    ActorKind.SSO_CONFIGURATION: pb.ActorKind.SSO_CONFIGURATION,
    ActorKind.OPERATOR: pb.ActorKind.OPERATOR,
    ActorKind.SERVICE_ACCOUNT: pb.ActorKind.SERVICE_ACCOUNT,
}
#: Fields that the API calls by another name: what is kept of a token is its digest.
_FIELDS = {"digest": "token", "token_digest": "token"}

_JSON = StrictJSONCodec()


class EventRpcs(EventService):
    """`orgplane.v1.EventService`."""

    def __init__(self, events: Events, audit_log: AuditLog) -> None:
        self._events = events
        self._audit_log = audit_log

    async def list_events(
        self, request: pb.ListEventsRequest, ctx: Context
    ) -> pb.ListEventsResponse:
        stretch = await self._events.list(
            caller(),
            request.cursor,
            PageRequest(request.page_size).limit,
            event_filter(request.filter),
            newest_first=request.newest_first,
        )
        return pb.ListEventsResponse(
            events=[self._to_wire(event) for event in stretch.events],
            cursor=stretch.cursor,
            more=stretch.more,
        )

    async def get_event(self, request: pb.GetEventRequest, ctx: Context) -> pb.GetEventResponse:
        event = await self._audit_log.get(caller(), AuditEventId(uuid(request.event_id)))
        return pb.GetEventResponse(event=self._to_wire(event))

    async def watch_events(
        self, request: pb.WatchEventsRequest, ctx: Context
    ) -> AsyncIterator[pb.WatchEventsResponse]:
        narrowed = [event_filter(request.filter)]
        async for told in self._events.watch(caller(), request.cursor, narrowed):
            yield pb.WatchEventsResponse(response=event_or_heartbeat(told, self._events.cursor))

    def _to_wire(self, event: AuditEvent) -> pb.Event:
        return event_to_wire(event, self._events.cursor(event))


SERVICE = Service(
    EventService.desc(),
    EventServiceASGIApplication,
    lambda use_cases: EventRpcs(use_cases.events, use_cases.audit_log),
)


def payload(event: AuditEvent, cursor: str) -> bytes:
    """The event as webhooks post it: the JSON that a watch would tell."""
    return _JSON.encode(event_to_wire(event, cursor))


def event_to_wire(event: AuditEvent, cursor: str) -> pb.Event:
    """An event; the cursor is of the place behind it in what is read."""
    return pb.Event(
        id=str(event.id),
        cursor=cursor,
        occurred_at=timestamp(event.occurred_at),
        organization_id=str(event.organization_id),
        actor=pb.Actor(
            kind=_ACTOR_KINDS[event.actor],
            id="" if event.actor_id is None else str(event.actor_id),
            token_id="" if event.actor_token_id is None else str(event.actor_token_id),
        ),
        operation=OPERATIONS[event.action],
        resource_type=RESOURCE_TYPES[event.subject],
        resource_id=str(event.subject_id),
        changes=[_change(name, change) for name, change in event.changes.items()],
        request_id=event.origin.request_id,
        peer=event.origin.peer,
    )


def event_or_heartbeat(
    told: AuditEvent | Heartbeat, cursor: Callable[[AuditEvent], str]
) -> Oneof[Literal["event"], pb.Event] | Oneof[Literal["heartbeat"], pb.Heartbeat]:
    """What a watch tells; `cursor` is of the place behind an event."""
    if isinstance(told, Heartbeat):
        heartbeat: Oneof[Literal["heartbeat"], pb.Heartbeat]
        heartbeat = Oneof(field="heartbeat", value=pb.Heartbeat(cursor=told.cursor))
        return heartbeat
    event: Oneof[Literal["event"], pb.Event]
    event = Oneof(field="event", value=event_to_wire(told, cursor(told)))
    return event


def event_filter(wire: pb.EventFilter | None) -> AuditFilter:
    """Of all events, if there is none."""
    if wire is None:
        return AuditFilter()
    return AuditFilter(
        subjects=subjects(wire.resource_types) if wire.resource_types else None,
        subject_ids=frozenset(map(uuid, wire.resource_ids)) if wire.resource_ids else None,
        actors=frozenset(map(uuid, wire.actor_ids)) if wire.actor_ids else None,
    )


def _change(name: str, change: FieldChange) -> pb.FieldChange:
    field = _FIELDS.get(name, name)
    if change.secret:
        return pb.FieldChange(field=field, secret=True)
    return pb.FieldChange(
        field=field,
        before=Value.from_python(change.before),
        after=Value.from_python(change.after),
    )
