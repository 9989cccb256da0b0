# Generated from _async/webhook_endpoints.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import webhook_endpoint_pb as pb
from orgplane_api.orgplane.v1.webhook_endpoint_service_connect import (
    WebhookEndpointServiceClientSync,
)

from .. import types
from .._core.durations import duration
from .._core.options import Seconds
from .connection import Connection
from .pages import Page, Pages

_STATES = {
    types.WebhookDeliveryState.UNSPECIFIED: pb.WebhookDeliveryState.UNSPECIFIED,
    types.WebhookDeliveryState.PENDING: pb.WebhookDeliveryState.PENDING,
    types.WebhookDeliveryState.DELIVERED: pb.WebhookDeliveryState.DELIVERED,
    types.WebhookDeliveryState.FAILED: pb.WebhookDeliveryState.FAILED,
}


class WebhookEndpoints:
    """Where the organization's events are posted to. Administrators only.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(WebhookEndpointServiceClientSync)

    def create(
        self,
        *,
        url: str,
        description: str = "",
        event_types: Sequence[str] = (),
        timeout: Seconds | None = None,
    ) -> types.WebhookEndpointSecretResponse:
        """A new one, which gets the events from now on, and its secret, shown this once.

        `event_types` are kinds of resources (`user`), or what is done to one (`user.update`); by default all events are posted.
        """
        response = self._call(
            self._rpc.create_webhook_endpoint,
            pb.CreateWebhookEndpointRequest(
                url=url, description=description, event_types=[*event_types]
            ),
            timeout,
        )
        return _secretive(response.webhook_endpoint, response.secret)

    def retrieve(
        self, *, webhook_endpoint_id: str, timeout: Seconds | None = None
    ) -> types.WebhookEndpointResponse:
        """One endpoint."""
        response = self._call(
            self._rpc.get_webhook_endpoint,
            pb.GetWebhookEndpointRequest(webhook_endpoint_id=webhook_endpoint_id),
            timeout,
        )
        return _of(response.webhook_endpoint)

    def list(
        self,
        *,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.WebhookEndpoint]:
        """Endpoints, oldest first."""

        def fetch(token: str) -> Page[types.WebhookEndpoint]:
            response = self._call(
                self._rpc.list_webhook_endpoints,
                pb.ListWebhookEndpointsRequest(
                    pagination=PaginationRequest(page_size=page_size or 0, token=token)
                ),
                timeout,
            )
            items = [types.WebhookEndpoint.from_wire(each) for each in response.webhook_endpoints]
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)

    def update(
        self,
        *,
        webhook_endpoint_id: str,
        url: str | None = None,
        description: str | None = None,
        event_types: Sequence[str] | None = None,
        enabled: bool | None = None,
        timeout: Seconds | None = None,
    ) -> types.WebhookEndpointResponse:
        """The endpoint after the change, which is in force within seconds; None leaves a field as it is.

        An empty `event_types` means all events. While it is not `enabled` it keeps its place among them.
        """
        response = self._call(
            self._rpc.update_webhook_endpoint,
            pb.UpdateWebhookEndpointRequest(
                webhook_endpoint_id=webhook_endpoint_id,
                url=url,
                description=description,
                event_types=None
                if event_types is None
                else pb.WebhookEventTypes(values=[*event_types]),
                enabled=enabled,
            ),
            timeout,
        )
        return _of(response.webhook_endpoint)

    def delete(self, *, webhook_endpoint_id: str, timeout: Seconds | None = None) -> None:
        """Deletes an endpoint, and what waits for it."""
        self._call(
            self._rpc.delete_webhook_endpoint,
            pb.DeleteWebhookEndpointRequest(webhook_endpoint_id=webhook_endpoint_id),
            timeout,
        )

    def rotate_secret(
        self,
        *,
        webhook_endpoint_id: str,
        overlap: timedelta | str | None = None,
        timeout: Seconds | None = None,
    ) -> types.WebhookEndpointSecretResponse:
        """Another secret, shown this once. Until the `overlap` ends, by default 24 hours, there are signatures by both."""
        response = self._call(
            self._rpc.rotate_webhook_secret,
            pb.RotateWebhookSecretRequest(
                webhook_endpoint_id=webhook_endpoint_id, overlap=duration(overlap)
            ),
            timeout,
        )
        return _secretive(response.webhook_endpoint, response.secret)

    def list_deliveries(
        self,
        *,
        webhook_endpoint_id: str,
        state: types.WebhookDeliveryState | str = types.WebhookDeliveryState.UNSPECIFIED,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.WebhookDelivery]:
        """What was posted to an endpoint, or is to be, in one state or in any, and what came back; newest first."""

        def fetch(token: str) -> Page[types.WebhookDelivery]:
            response = self._call(
                self._rpc.list_webhook_deliveries,
                pb.ListWebhookDeliveriesRequest(
                    webhook_endpoint_id=webhook_endpoint_id,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                    state=_STATES[types.WebhookDeliveryState(state)],
                ),
                timeout,
            )
            items = [types.WebhookDelivery.from_wire(each) for each in response.webhook_deliveries]
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)

    def redeliver(
        self,
        *,
        webhook_endpoint_id: str,
        webhook_delivery_id: str,
        timeout: Seconds | None = None,
    ) -> types.WebhookDeliveryResponse:
        """Posts an event again, once and at once; what came of it."""
        response = self._call(
            self._rpc.redeliver_webhook,
            pb.RedeliverWebhookRequest(
                webhook_endpoint_id=webhook_endpoint_id, webhook_delivery_id=webhook_delivery_id
            ),
            timeout,
        )
        return _delivery(response.webhook_delivery)

    def test(
        self, *, webhook_endpoint_id: str, timeout: Seconds | None = None
    ) -> types.WebhookDeliveryResponse:
        """Posts an event that never was, once and at once; what came of it."""
        response = self._call(
            self._rpc.test_webhook_endpoint,
            pb.TestWebhookEndpointRequest(webhook_endpoint_id=webhook_endpoint_id),
            timeout,
        )
        return _delivery(response.webhook_delivery)


def _of(endpoint: pb.WebhookEndpoint | None) -> types.WebhookEndpointResponse:
    return types.WebhookEndpointResponse(types.WebhookEndpoint.from_wire(types.present(endpoint)))


def _secretive(
    endpoint: pb.WebhookEndpoint | None, secret: str
) -> types.WebhookEndpointSecretResponse:
    return types.WebhookEndpointSecretResponse(
        types.WebhookEndpoint.from_wire(types.present(endpoint)), secret
    )


def _delivery(delivery: pb.WebhookDelivery | None) -> types.WebhookDeliveryResponse:
    return types.WebhookDeliveryResponse(types.WebhookDelivery.from_wire(types.present(delivery)))
