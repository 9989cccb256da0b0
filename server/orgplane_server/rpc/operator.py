from __future__ import annotations

from collections.abc import AsyncIterator

from orgplane_api.orgplane.v1 import operator_pb as pb
from orgplane_api.orgplane.v1.operator_service_connect import (
    OperatorService,
    OperatorServiceASGIApplication,
)

from ..domain.identifier import OrganizationId
from ..domain.page import PageRequest
from ..usecases.operated_event import OperatedEvents
from ..usecases.operated_organization import Operated, OperatedOrganizations
from .caller import operator
from .event import event_filter, event_or_heartbeat, event_to_wire
from .member import count_to_wire
from .service import Service
from .wire import Context, optional_timestamp, page_request, page_response, timestamp, uuid


class OperatorRpcs(OperatorService):
    """`orgplane.v1.OperatorService`."""

    def __init__(self, organizations: OperatedOrganizations, events: OperatedEvents) -> None:
        self._organizations = organizations
        self._events = events

    async def list_organizations(
        self, request: pb.ListOrganizationsRequest, ctx: Context
    ) -> pb.ListOrganizationsResponse:
        page = await self._organizations.list(operator(), page_request(request.pagination))
        return pb.ListOrganizationsResponse(
            organizations=[_to_wire(each) for each in page.items],
            pagination=page_response(page.next_token),
        )

    async def get_organization(
        self, request: pb.GetOrganizationRequest, ctx: Context
    ) -> pb.GetOrganizationResponse:
        found = await self._organizations.get(operator(), _id(request.organization_id))
        return pb.GetOrganizationResponse(organization=_to_wire(found))

    async def create_organization(
        self, request: pb.CreateOrganizationRequest, ctx: Context
    ) -> pb.CreateOrganizationResponse:
        made = await self._organizations.create(
            operator(), request.name, request.admin_email, request.admin_name
        )
        return pb.CreateOrganizationResponse(organization=_to_wire(made))

    async def suspend_organization(
        self, request: pb.SuspendOrganizationRequest, ctx: Context
    ) -> pb.SuspendOrganizationResponse:
        done = await self._organizations.suspend(operator(), _id(request.organization_id))
        return pb.SuspendOrganizationResponse(organization=_to_wire(done))

    async def delete_organization(
        self, request: pb.DeleteOrganizationRequest, ctx: Context
    ) -> pb.DeleteOrganizationResponse:
        id = _id(request.organization_id)
        left = await self._organizations.delete(operator(), id, now=request.now)
        return pb.DeleteOrganizationResponse(organization=None if left is None else _to_wire(left))

    async def resume_organization(
        self, request: pb.ResumeOrganizationRequest, ctx: Context
    ) -> pb.ResumeOrganizationResponse:
        done = await self._organizations.resume(operator(), _id(request.organization_id))
        return pb.ResumeOrganizationResponse(organization=_to_wire(done))

    async def list_all_events(
        self, request: pb.ListAllEventsRequest, ctx: Context
    ) -> pb.ListAllEventsResponse:
        stretch = await self._events.list(
            operator(),
            _optional_id(request.organization_id),
            request.cursor,
            PageRequest(request.page_size).limit,
            event_filter(request.filter),
            newest_first=request.newest_first,
        )
        return pb.ListAllEventsResponse(
            events=[event_to_wire(each, self._events.cursor(each)) for each in stretch.events],
            cursor=stretch.cursor,
            more=stretch.more,
        )

    async def watch_all_events(
        self, request: pb.WatchAllEventsRequest, ctx: Context
    ) -> AsyncIterator[pb.WatchAllEventsResponse]:
        told = self._events.watch(
            operator(),
            _optional_id(request.organization_id),
            request.cursor,
            [event_filter(request.filter)],
        )
        async for each in told:
            yield pb.WatchAllEventsResponse(response=event_or_heartbeat(each, self._events.cursor))


SERVICE = Service(
    OperatorService.desc(),
    OperatorServiceASGIApplication,
    lambda use_cases: OperatorRpcs(use_cases.operated_organizations, use_cases.operated_events),
    of_operators=True,
)


def _id(text: str) -> OrganizationId:
    return OrganizationId(uuid(text))


def _optional_id(text: str) -> OrganizationId | None:
    return _id(text) if text else None


def _to_wire(found: Operated) -> pb.OperatedOrganization:
    organization = found.organization
    state = pb.OrganizationState.ACTIVE
    if organization.deletes_at is not None:
        state = pb.OrganizationState.DELETING
    elif organization.suspended:
        state = pb.OrganizationState.SUSPENDED
    return pb.OperatedOrganization(
        id=str(organization.id),
        name=organization.name,
        created_at=timestamp(organization.created_at),
        state=state,
        suspended_at=optional_timestamp(organization.suspended_at),
        deletes_at=optional_timestamp(organization.deletes_at),
        usage=pb.OrganizationUsage(
            members=count_to_wire(found.members),
            scim_configurations=found.scim_configurations,
            sso_configurations=found.sso_configurations,
            changed_at=optional_timestamp(found.changed_at),
        ),
    )
