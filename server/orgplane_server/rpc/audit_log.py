from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from orgplane_api.gitpod.v1 import event_pb as pb
from orgplane_api.gitpod.v1.event_service_connect import EventService, EventServiceASGIApplication
from orgplane_api.gitpod.v1.identity_pb import Principal
from orgplane_api.gitpod.v1.pagination_pb import Sort, SortOrder

from ..domain.audit import Action, ActorKind, AuditEvent, AuditFilter, Subject
from ..domain.errors import InvalidArgument, Violation
from ..domain.identifier import AuditEventId
from ..usecases.audit_log import AuditLog
from ..usecases.event import Events, Heartbeat
from .caller import caller
from .service import Service
from .wire import Context, datetime_of, page_request, page_response, timestamp, uuid

RESOURCE_TYPES: Mapping[Subject, pb.ResourceType] = {
    Subject.ORGANIZATION: pb.ResourceType.ORGANIZATION,
    Subject.USER: pb.ResourceType.USER,
    Subject.PERSONAL_ACCESS_TOKEN: pb.ResourceType.PERSONAL_ACCESS_TOKEN,
    Subject.SCIM_CONFIGURATION: pb.ResourceType.SCIM_CONFIGURATION,
    Subject.SSO_CONFIGURATION: pb.ResourceType.SSO_CONFIG,
    Subject.GROUP: pb.ResourceType.GROUP,
    Subject.DOMAIN_VERIFICATION: pb.ResourceType.DOMAIN_VERIFICATION,
    Subject.ORGANIZATION_POLICY: pb.ResourceType.ORGANIZATION_POLICY,
    Subject.ROLE_ASSIGNMENT: pb.ResourceType.ROLE_ASSIGNMENT,
    Subject.SERVICE_ACCOUNT: pb.ResourceType.SERVICE_ACCOUNT,
    Subject.SERVICE_ACCOUNT_TOKEN: pb.ResourceType.SERVICE_ACCOUNT_TOKEN,
    Subject.WEBHOOK_ENDPOINT: pb.ResourceType.WEBHOOK,
}
OPERATIONS: Mapping[Action, pb.ResourceOperation] = {
    Action.CREATE: pb.ResourceOperation.CREATE,
    Action.UPDATE: pb.ResourceOperation.UPDATE,
    Action.DELETE: pb.ResourceOperation.DELETE,
}
#: The contract has no identity provider among its principals, and nobody who runs the server.
PRINCIPALS: Mapping[ActorKind, Principal] = {
    ActorKind.USER: Principal.USER,
    ActorKind.SERVICE_ACCOUNT: Principal.SERVICE_ACCOUNT,
    ActorKind.SCIM_CONFIGURATION: Principal.SERVICE_ACCOUNT,
    ActorKind.SSO_CONFIGURATION: Principal.SERVICE_ACCOUNT,
    ActorKind.OPERATOR: Principal.UNSPECIFIED,
}


class AuditLogRpcs(EventService):
    """`gitpod.v1.EventService`."""

    def __init__(self, audit_log: AuditLog, events: Events) -> None:
        self._audit_log = audit_log
        self._events = events

    async def list_audit_logs(
        self, request: pb.ListAuditLogsRequest, ctx: Context
    ) -> pb.ListAuditLogsResponse:
        page = await self._audit_log.list(
            caller(),
            _filter(request.filter),
            page_request(request.pagination),
            newest_first=_newest_first(request.sort),
        )
        return pb.ListAuditLogsResponse(
            entries=[_entry(event) for event in page.items],
            pagination=page_response(page.next_token),
        )

    async def get_audit_log(
        self, request: pb.GetAuditLogRequest, ctx: Context
    ) -> pb.GetAuditLogResponse:
        id = AuditEventId(uuid(request.audit_log_entry_id))
        return pb.GetAuditLogResponse(entry=_entry(await self._audit_log.get(caller(), id)))

    async def watch_events(
        self, request: pb.WatchEventsRequest, ctx: Context
    ) -> AsyncIterator[pb.WatchEventsResponse]:
        filters = [
            _resources(number, wanted)
            for number, wanted in enumerate(request.resource_type_filters)
        ]
        if request.scope is not None and request.scope.field == "environment_id":
            raise InvalidArgument(
                Violation("environment_id", "there are no environments here", "scope.known")
            )
        async for told in self._events.watch(caller(), "", filters):
            if isinstance(told, Heartbeat):
                yield pb.WatchEventsResponse()
            else:
                yield pb.WatchEventsResponse(
                    operation=OPERATIONS[told.action],
                    resource_type=RESOURCE_TYPES[told.subject],
                    resource_id=str(told.subject_id),
                )


SERVICE = Service(
    EventService.desc(),
    EventServiceASGIApplication,
    lambda use_cases: AuditLogRpcs(use_cases.audit_log, use_cases.events),
)


def subjects(wanted: list[pb.ResourceType]) -> frozenset[Subject]:
    """What the types stand for here; nothing, for types that this server does not have."""
    return frozenset(subject for subject, type in RESOURCE_TYPES.items() if type in wanted)


def _filter(wire: pb.ListAuditLogsRequest.Filter | None) -> AuditFilter:
    if wire is None:
        return AuditFilter()
    return AuditFilter(
        actors=frozenset(map(uuid, wire.actor_ids)) if wire.actor_ids else None,
        actor_kinds=(
            frozenset(kind for kind, known in PRINCIPALS.items() if known in wire.actor_principals)
            if wire.actor_principals
            else None
        ),
        subject_ids=frozenset(map(uuid, wire.subject_ids)) if wire.subject_ids else None,
        subjects=subjects(wire.subject_types) if wire.subject_types else None,
        since=datetime_of("filter.from", wire.from_),
        until=datetime_of("filter.to", wire.to),
    )


def _newest_first(sort: Sort | None) -> bool:
    if sort is None:
        return True
    if sort.field not in ("", "created_at", "createdAt"):
        raise InvalidArgument(
            Violation("sort.field", "must be created_at, or empty", "sort.field.known")
        )
    return sort.order != SortOrder.ASC


def _resources(number: int, wire: pb.WatchEventsRequest.ResourceTypeFilter) -> AuditFilter:
    if wire.creator_ids:
        raise InvalidArgument(
            Violation(
                f"resource_type_filters[{number}].creator_ids",
                "events do not tell who created a resource",
                "creator_ids.known",
            )
        )
    return AuditFilter(
        subjects=subjects([wire.resource_type]),
        subject_ids=frozenset(map(uuid, wire.resource_ids)) if wire.resource_ids else None,
    )


def _entry(event: AuditEvent) -> pb.ListAuditLogsResponse.AuditLogEntry:
    return pb.ListAuditLogsResponse.AuditLogEntry(
        id=str(event.id),
        actor_id="" if event.actor_id is None else str(event.actor_id),
        actor_principal=PRINCIPALS[event.actor],
        subject_id=str(event.subject_id),
        subject_type=RESOURCE_TYPES[event.subject],
        action=event.action.value,
        created_at=timestamp(event.occurred_at),
        kind=pb.AuditLogEntryKind.RESOURCE_CHANGE,
    )
