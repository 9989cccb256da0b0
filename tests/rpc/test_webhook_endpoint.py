"""Administrators keep the endpoints that events are posted to: which there may be, what is shown of them, and to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import event_pb
from orgplane_api.orgplane.v1 import webhook_endpoint_pb as pb
from orgplane_server.domain.webhook_endpoint import MAX_ENDPOINTS
from protobuf.wkt import Duration
from rpc_clients import PROTOCOLS, Clients, reason
from webhook_receiver import Receiver, receiving

URL = "https://hooks.example/orgplane?token=x"


@pytest.fixture(params=["connect-json"])
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The rules are the same whatever the protocol."""
    name: str = request.param
    return PROTOCOLS[name]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def create(admin: Clients, url: str = URL, **fields: Any) -> pb.CreateWebhookEndpointResponse:
    request = pb.CreateWebhookEndpointRequest(url=url, **fields)
    made: pb.CreateWebhookEndpointResponse = await admin("create_webhook_endpoint", request)
    assert made.webhook_endpoint is not None
    return made


async def get(admin: Clients, id: str) -> pb.WebhookEndpoint:
    request = pb.GetWebhookEndpointRequest(webhook_endpoint_id=id)
    found: pb.WebhookEndpoint = (await admin("get_webhook_endpoint", request)).webhook_endpoint
    return found


async def listed(admin: Clients, **page: Any) -> list[str]:
    request = pb.ListWebhookEndpointsRequest(pagination=PaginationRequest(**page))
    answer = await admin("list_webhook_endpoints", request)
    return [each.id for each in answer.webhook_endpoints]


async def refusal(call: Any) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value


async def test_an_endpoint_is_what_was_asked_for_and_changes_as_named(
    admin: Clients, clock: SettableClock
) -> None:
    made = await create(admin, description="people", event_types=["user", "group.update"])
    assert made.secret.startswith("whsec_")
    id = made.webhook_endpoint.id  # type: ignore[union-attr]
    found = await get(admin, id)
    assert found == made.webhook_endpoint
    assert (found.url, found.description, found.enabled) == (URL, "people", True)
    assert [*found.event_types] == ["user", "group.update"]
    assert (found.warning, found.succeeded_at, found.previous_secret_ends_at) == ("", None, None)
    clock.advance(days=1)
    request = pb.UpdateWebhookEndpointRequest(
        webhook_endpoint_id=id, enabled=False, event_types=pb.WebhookEventTypes()
    )
    changed = (await admin("update_webhook_endpoint", request)).webhook_endpoint
    assert (changed.url, changed.enabled, [*changed.event_types]) == (URL, False, [])
    assert changed.updated_at.to_datetime() == clock.now
    rotated = await admin(
        "rotate_webhook_secret",
        pb.RotateWebhookSecretRequest(webhook_endpoint_id=id, overlap=Duration(seconds=60)),
    )
    assert rotated.secret != made.secret
    ends_at = rotated.webhook_endpoint.previous_secret_ends_at
    assert ends_at.to_datetime().timestamp() == clock.now.timestamp() + 60
    events = (await admin("list_events", event_pb.ListEventsRequest(newest_first=True))).events
    told = [{change.field: change.secret for change in each.changes} for each in events[:3]]
    assert told[0]["secret"]
    assert told[0]["previous_secret"]
    assert {"enabled", "event_types"} <= told[1].keys()
    assert told[2]["secret"]
    await admin("delete_webhook_endpoint", pb.DeleteWebhookEndpointRequest(webhook_endpoint_id=id))
    gone = await refusal(get(admin, id))
    assert (gone.code, reason(gone)) == (Code.NOT_FOUND, "WEBHOOK_ENDPOINT_NOT_FOUND")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"url": "http://hooks.example/"}, "--webhook-allowed-hosts hooks.example:80"),
        ({"url": "https://10.0.0.1/"}, "is not public"),
        ({"url": "https://me:pass@hooks.example/"}, "no plain https:// URL"),
        ({"url": "https://hooks.example/#a"}, "no plain https:// URL"),
        ({"event_types": ["users"]}, "'users' is none: there are domain_verification, group"),
        ({"event_types": ["user.suspended"]}, "'user.suspended' is none"),
        ({"event_types": ["user", "user"]}, "unique"),
    ],
)
async def test_what_could_never_work_is_refused_by_name(
    admin: Clients, fields: dict[str, Any], why: str
) -> None:
    error = await refusal(create(admin, **fields))
    assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert why in str(error)
    (name,) = fields
    assert name in str(error)
    id = (await create(admin)).webhook_endpoint.id  # type: ignore[union-attr]
    values = fields.get("event_types")
    request = pb.UpdateWebhookEndpointRequest(
        webhook_endpoint_id=id,
        url=fields.get("url"),
        event_types=None if values is None else pb.WebhookEventTypes(values=values),
    )
    assert why in str(await refusal(admin("update_webhook_endpoint", request)))


async def test_they_are_listed_by_pages_and_there_are_so_many_at_most(admin: Clients) -> None:
    ids = [(await create(admin)).webhook_endpoint.id for _ in range(MAX_ENDPOINTS)]  # type: ignore[union-attr]
    assert await listed(admin, page_size=100) == ids
    assert await listed(admin, page_size=2) == ids[:2]
    error = await refusal(create(admin))
    assert (error.code, reason(error)) == (Code.RESOURCE_EXHAUSTED, "TOO_MANY_WEBHOOK_ENDPOINTS")


async def test_those_of_another_organization_are_not_there(
    admin: Clients, stranger: Clients, receiver: Receiver
) -> None:
    id = (await create(admin, receiver.url)).webhook_endpoint.id  # type: ignore[union-attr]
    test = pb.TestWebhookEndpointRequest(webhook_endpoint_id=id)
    tested = (await admin("test_webhook_endpoint", test)).webhook_delivery
    assert tested.status_code == 204
    assert await listed(stranger) == []
    for method, request in (
        ("get_webhook_endpoint", pb.GetWebhookEndpointRequest(webhook_endpoint_id=id)),
        ("update_webhook_endpoint", pb.UpdateWebhookEndpointRequest(webhook_endpoint_id=id)),
        ("delete_webhook_endpoint", pb.DeleteWebhookEndpointRequest(webhook_endpoint_id=id)),
        ("rotate_webhook_secret", pb.RotateWebhookSecretRequest(webhook_endpoint_id=id)),
        ("list_webhook_deliveries", pb.ListWebhookDeliveriesRequest(webhook_endpoint_id=id)),
        ("test_webhook_endpoint", test),
        (
            "redeliver_webhook",
            pb.RedeliverWebhookRequest(webhook_endpoint_id=id, webhook_delivery_id=tested.id),
        ),
    ):
        assert reason(await refusal(stranger(method, request))) == "WEBHOOK_ENDPOINT_NOT_FOUND"
    own = (await create(stranger)).webhook_endpoint.id  # type: ignore[union-attr]
    stolen = pb.RedeliverWebhookRequest(webhook_endpoint_id=own, webhook_delivery_id=tested.id)
    error = await refusal(stranger("redeliver_webhook", stolen))
    assert reason(error) == "WEBHOOK_DELIVERY_NOT_FOUND"
    assert len(receiver.posts) == 1
