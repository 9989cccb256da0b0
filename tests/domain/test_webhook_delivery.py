"""When a delivery is tried again, and what is remembered of an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from orgplane_server.domain import webhook_delivery
from orgplane_server.domain.identifier import (
    AuditEventId,
    OrganizationId,
    WebhookDeliveryId,
    WebhookEndpointId,
)
from orgplane_server.domain.webhook_delivery import Cause, State, WebhookDelivery

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
DELIVERY = WebhookDelivery(
    id=WebhookDeliveryId(uuid4()),
    organization_id=OrganizationId(uuid4()),
    endpoint_id=WebhookEndpointId(uuid4()),
    event_id=AuditEventId(uuid4()),
    sequence=7,
    event_type="user.update",
    subject_id=uuid4(),
    cause=Cause.EVENT,
    created_at=NOW,
)


@pytest.mark.parametrize(
    ("status", "retry_after", "pause"),
    [
        (429, "3600", HOUR),
        (503, "1", 5 * SECOND),
        (500, "9" * 30, DAY),
        (500, "9" * 5000, DAY),
        (500, f"{'0' * 5000}60", timedelta(minutes=1)),
        (500, "-5", 5 * SECOND),
        (500, "\u0663", 5 * SECOND),
        (500, "Wed, 21 Oct 2026 07:28:00 GMT", 5 * SECOND),
        (302, "", 5 * SECOND),
        (400, "", 5 * SECOND),
    ],
)
def test_a_pause_that_is_asked_for_is_given_within_a_day(
    status: int, retry_after: str, pause: timedelta
) -> None:
    attempt = webhook_delivery.answered(NOW, SECOND, status, b"", retry_after)
    after = webhook_delivery.tried(DELIVERY, attempt, NOW)
    assert after.next_attempt_at == NOW + pause
    assert after.error


def test_pauses_grow_to_six_hours_spread_by_a_fifth_and_end_after_three_days() -> None:
    attempt = webhook_delivery.answered(NOW, SECOND, 500, b"", "")
    early, late = (webhook_delivery.tried(DELIVERY, attempt, NOW, each) for each in (0.0, 1.0))
    assert (early.next_attempt_at, late.next_attempt_at) == (NOW + 4 * SECOND, NOW + 6 * SECOND)
    delivery, now, pauses = DELIVERY, NOW, []
    while delivery.state is State.PENDING:
        delivery = webhook_delivery.tried(delivery, replace(attempt, begun_at=now), now)
        if delivery.next_attempt_at is not None:
            pauses.append(delivery.next_attempt_at - now)
            now = delivery.next_attempt_at
    assert pauses[:3] == [5 * SECOND, 15 * SECOND, 45 * SECOND]
    assert max(pauses) == 6 * HOUR
    assert 2.5 * DAY < now - NOW <= 3 * DAY
    assert (delivery.state, delivery.ended_at) == (State.FAILED, now)


def test_an_answer_is_remembered_short_without_secrets_and_as_text() -> None:
    said = b"\xff\x00 orgplane_pat_0123456789 " + b"x" * 9000
    attempt = webhook_delivery.answered(NOW, SECOND, 200, said, "")
    assert attempt.delivered
    assert len(attempt.response) == webhook_delivery.RESPONSE_CHARACTERS
    assert "\0" not in attempt.response
    assert "0123456789" not in attempt.response
