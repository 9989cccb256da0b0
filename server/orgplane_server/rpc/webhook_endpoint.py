from __future__ import annotations

from collections.abc import Mapping

from orgplane_api.orgplane.v1 import webhook_endpoint_pb as pb
from orgplane_api.orgplane.v1.webhook_endpoint_service_connect import (
    WebhookEndpointService,
    WebhookEndpointServiceASGIApplication,
)
from protobuf.wkt import Duration

from ..domain.identifier import WebhookDeliveryId, WebhookEndpointId
from ..domain.webhook_delivery import Cause, State, WebhookDelivery
from ..domain.webhook_endpoint import DEFAULT_OVERLAP, ToldEndpoint, WebhookEndpointChanges
from ..usecases.webhook_endpoint import WebhookEndpoints
from .caller import caller
from .service import Service
from .wire import Context, optional_timestamp, page_request, page_response, timestamp, uuid

_CAUSES: Mapping[Cause, pb.WebhookDeliveryCause] = {
    Cause.EVENT: pb.WebhookDeliveryCause.EVENT,
    Cause.REDELIVERY: pb.WebhookDeliveryCause.REDELIVERY,
    Cause.TEST: pb.WebhookDeliveryCause.TEST,
}
_STATES: Mapping[State, pb.WebhookDeliveryState] = {
    State.PENDING: pb.WebhookDeliveryState.PENDING,
    State.DELIVERED: pb.WebhookDeliveryState.DELIVERED,
    State.FAILED: pb.WebhookDeliveryState.FAILED,
}
_STATES_OF_WIRE = {wire: state for state, wire in _STATES.items()}


class WebhookEndpointRpcs(WebhookEndpointService):
    """`orgplane.v1.WebhookEndpointService`."""

    def __init__(self, endpoints: WebhookEndpoints) -> None:
        self._endpoints = endpoints

    async def create_webhook_endpoint(
        self, request: pb.CreateWebhookEndpointRequest, ctx: Context
    ) -> pb.CreateWebhookEndpointResponse:
        made = await self._endpoints.create(
            caller(), request.url, request.description, tuple(request.event_types)
        )
        return pb.CreateWebhookEndpointResponse(
            webhook_endpoint=_to_wire(made.told), secret=made.secret
        )

    async def get_webhook_endpoint(
        self, request: pb.GetWebhookEndpointRequest, ctx: Context
    ) -> pb.GetWebhookEndpointResponse:
        told = await self._endpoints.get(caller(), _id(request.webhook_endpoint_id))
        return pb.GetWebhookEndpointResponse(webhook_endpoint=_to_wire(told))

    async def list_webhook_endpoints(
        self, request: pb.ListWebhookEndpointsRequest, ctx: Context
    ) -> pb.ListWebhookEndpointsResponse:
        page = await self._endpoints.list(caller(), page_request(request.pagination))
        return pb.ListWebhookEndpointsResponse(
            webhook_endpoints=[_to_wire(each) for each in page.items],
            pagination=page_response(page.next_token),
        )

    async def update_webhook_endpoint(
        self, request: pb.UpdateWebhookEndpointRequest, ctx: Context
    ) -> pb.UpdateWebhookEndpointResponse:
        changes = WebhookEndpointChanges()
        if request.has_field("url"):
            changes["url"] = request.url
        if request.has_field("description"):
            changes["description"] = request.description
        if request.event_types is not None:
            changes["event_types"] = tuple(request.event_types.values)
        if request.has_field("enabled"):
            changes["enabled"] = request.enabled
        told = await self._endpoints.update(caller(), _id(request.webhook_endpoint_id), changes)
        return pb.UpdateWebhookEndpointResponse(webhook_endpoint=_to_wire(told))

    async def delete_webhook_endpoint(
        self, request: pb.DeleteWebhookEndpointRequest, ctx: Context
    ) -> pb.DeleteWebhookEndpointResponse:
        await self._endpoints.delete(caller(), _id(request.webhook_endpoint_id))
        return pb.DeleteWebhookEndpointResponse()

    async def rotate_webhook_secret(
        self, request: pb.RotateWebhookSecretRequest, ctx: Context
    ) -> pb.RotateWebhookSecretResponse:
        overlap = request.overlap
        made = await self._endpoints.rotate_secret(
            caller(),
            _id(request.webhook_endpoint_id),
            DEFAULT_OVERLAP if overlap is None else overlap.to_timedelta(),
        )
        return pb.RotateWebhookSecretResponse(
            webhook_endpoint=_to_wire(made.told), secret=made.secret
        )

    async def list_webhook_deliveries(
        self, request: pb.ListWebhookDeliveriesRequest, ctx: Context
    ) -> pb.ListWebhookDeliveriesResponse:
        page = await self._endpoints.list_deliveries(
            caller(),
            _id(request.webhook_endpoint_id),
            page_request(request.pagination),
            _STATES_OF_WIRE.get(request.state),
        )
        return pb.ListWebhookDeliveriesResponse(
            webhook_deliveries=[_delivery_to_wire(each) for each in page.items],
            pagination=page_response(page.next_token),
        )

    async def redeliver_webhook(
        self, request: pb.RedeliverWebhookRequest, ctx: Context
    ) -> pb.RedeliverWebhookResponse:
        delivery = await self._endpoints.redeliver(
            caller(),
            _id(request.webhook_endpoint_id),
            WebhookDeliveryId(uuid(request.webhook_delivery_id)),
        )
        return pb.RedeliverWebhookResponse(webhook_delivery=_delivery_to_wire(delivery))

    async def test_webhook_endpoint(
        self, request: pb.TestWebhookEndpointRequest, ctx: Context
    ) -> pb.TestWebhookEndpointResponse:
        delivery = await self._endpoints.test(caller(), _id(request.webhook_endpoint_id))
        return pb.TestWebhookEndpointResponse(webhook_delivery=_delivery_to_wire(delivery))


SERVICE = Service(
    WebhookEndpointService.desc(),
    WebhookEndpointServiceASGIApplication,
    lambda use_cases: WebhookEndpointRpcs(use_cases.webhook_endpoints),
)


def _id(text: str) -> WebhookEndpointId:
    return WebhookEndpointId(uuid(text))


def _to_wire(told: ToldEndpoint) -> pb.WebhookEndpoint:
    endpoint, progress = told.endpoint, told.progress
    return pb.WebhookEndpoint(
        id=str(endpoint.id),
        url=endpoint.url,
        description=endpoint.description,
        event_types=list(endpoint.event_types),
        enabled=endpoint.enabled,
        created_at=timestamp(endpoint.created_at),
        updated_at=timestamp(endpoint.updated_at),
        previous_secret_ends_at=optional_timestamp(endpoint.previous_secret_ends_at),
        succeeded_at=optional_timestamp(progress.succeeded_at),
        failing_since=optional_timestamp(progress.failing_since),
        warning=told.warning,
    )


def _delivery_to_wire(delivery: WebhookDelivery) -> pb.WebhookDelivery:
    return pb.WebhookDelivery(
        id=str(delivery.id),
        webhook_endpoint_id=str(delivery.endpoint_id),
        event_id=str(delivery.event_id),
        event_type=delivery.event_type,
        resource_id=str(delivery.subject_id),
        cause=_CAUSES[delivery.cause],
        state=_STATES[delivery.state],
        attempts=delivery.attempts,
        created_at=timestamp(delivery.created_at),
        attempted_at=optional_timestamp(delivery.attempted_at),
        next_attempt_at=optional_timestamp(delivery.next_attempt_at),
        status_code=delivery.status_code,
        duration=Duration.from_timedelta(delivery.duration),
        response=delivery.response,
        error=delivery.error,
    )
