from __future__ import annotations

from collections.abc import AsyncIterator

from orgplane_api.orgplane.v1 import scim_provisioning_pb as pb
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningService,
    ScimProvisioningServiceASGIApplication,
)
from protobuf.wkt import Duration

from ..domain.expiry import ExpiryWarning
from ..domain.identifier import ScimConfigurationId
from ..domain.scim_request import ProvisioningStatus, ScimRequest
from ..domain.scim_user import Wish
from ..usecases.scim_request import ScimRequests
from .caller import caller
from .log_filter import log_filter
from .role import assigned_to_wire
from .service import Service
from .wire import Context, optional_timestamp, page_request, page_response, timestamp, uuid

_KINDS = {
    Wish.DEACTIVATE: pb.DeprovisioningKind.DEACTIVATE,
    Wish.DELETE: pb.DeprovisioningKind.DELETE,
}


class ScimProvisioningRpcs(ScimProvisioningService):
    """`orgplane.v1.ScimProvisioningService`."""

    def __init__(self, scim_requests: ScimRequests) -> None:
        self._scim_requests = scim_requests

    async def list_scim_requests(
        self, request: pb.ListScimRequestsRequest, ctx: Context
    ) -> pb.ListScimRequestsResponse:
        page = await self._scim_requests.list(
            caller(),
            _id(request.scim_configuration_id),
            page_request(request.pagination),
            log_filter(request.filter),
            oldest_first=request.oldest_first,
        )
        return pb.ListScimRequestsResponse(
            pagination=page_response(page.next_token),
            scim_requests=[_to_wire(item) for item in page.items],
        )

    async def watch_scim_requests(
        self, request: pb.WatchScimRequestsRequest, ctx: Context
    ) -> AsyncIterator[pb.WatchScimRequestsResponse]:
        watch = self._scim_requests.watch(
            caller(),
            _id(request.scim_configuration_id),
            failed=request.failed,
            cursor=request.cursor,
            recent=request.recent,
        )
        async for told in watch:
            yield pb.WatchScimRequestsResponse(
                scim_request=None if told.request is None else _to_wire(told.request),
                cursor=told.cursor,
            )

    async def get_provisioning_status(
        self, request: pb.GetProvisioningStatusRequest, ctx: Context
    ) -> pb.GetProvisioningStatusResponse:
        status = await self._scim_requests.status(caller(), _id(request.scim_configuration_id))
        return pb.GetProvisioningStatusResponse(status=_status(status))


SERVICE = Service(
    ScimProvisioningService.desc(),
    ScimProvisioningServiceASGIApplication,
    lambda use_cases: ScimProvisioningRpcs(use_cases.scim_requests),
)


def _id(text: str) -> ScimConfigurationId:
    return ScimConfigurationId(uuid(text))


def _status(status: ProvisioningStatus) -> pb.ProvisioningStatus:
    well, badly = status.last_successful, status.last_failed
    return pb.ProvisioningStatus(
        scim_configuration_id=str(status.scim_configuration_id),
        enabled=status.enabled,
        linked=status.linked,
        token_expires_at=timestamp(status.token_expires_at),
        token_last_used_at=optional_timestamp(status.token_last_used_at),
        user_count=status.user_count,
        group_count=status.group_count,
        last_successful_request=None if well is None else _to_wire(well),
        last_failed_request=None if badly is None else _to_wire(badly),
        shared_addresses=[
            pb.SharedAddress(email=each.email, user_ids=[str(id) for id in each.user_ids])
            for each in status.shared_addresses
        ],
        token_warning=_warning(status.token_warning),
        organization_warning=_warning(status.organization_warning),
        pending_deprovisionings=[
            pb.PendingDeprovisioning(
                user_id=str(pending.member.id),
                name=pending.member.name,
                email=pending.member.email,
                kind=_KINDS[pending.wish],
                since=timestamp(pending.since),
            )
            for pending in status.pending
        ],
        scim_base_url=status.scim_base_url,
        group_roles=[assigned_to_wire(told) for told in status.group_roles],
    )


def _warning(warning: ExpiryWarning | None) -> pb.ExpiryWarning | None:
    if warning is None:
        return None
    return pb.ExpiryWarning(
        expires_at=timestamp(warning.expires_at),
        days_left=warning.days_left,
        user_id="" if warning.holder is None else str(warning.holder.id),
        message=warning.message,
    )


def _to_wire(request: ScimRequest) -> pb.ScimRequest:
    return pb.ScimRequest(
        id=str(request.id),
        scim_configuration_id=str(request.scim_configuration_id),
        received_at=timestamp(request.received_at),
        duration=Duration.from_timedelta(request.duration),
        method=request.method,
        path=request.path,
        status=request.status,
        detail=request.detail,
        scim_type=request.scim_type,
        user_agent=request.user_agent,
        request_id=request.request_id,
        peer=request.peer,
        request_body=request.request_body,
        response_body=request.response_body,
        remark=request.remark,
        scim_credential_id="" if request.credential_id is None else str(request.credential_id),
        credential=request.credential,
    )
