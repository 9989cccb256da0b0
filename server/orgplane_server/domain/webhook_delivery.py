"""One event on its way to one endpoint, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from .audit import AuditEvent
from .errors import NotFound, Reason
from .identifier import AuditEventId, OrganizationId, WebhookDeliveryId, WebhookEndpointId
from .redaction import redacted_text
from .text import fitting
from .webhook_endpoint import event_type

#: How long an attempt may take, from the look-up of the host to the end of the answer.
ATTEMPT_SECONDS = 15.0
#: For so long after the first attempt it is tried again.
RETRIED = timedelta(days=3)
#: How long one that is over is remembered, unless a setting says otherwise.
KEPT = timedelta(days=7)
#: What is remembered of an answer, in characters.
RESPONSE_CHARACTERS = 500
#: What a test is, among types of events.
TEST = "webhook.test"

#: The first attempt after one that failed comes after this, each further one after three times as long, up to the longest.
_FIRST_DELAY = timedelta(seconds=5)
_FACTOR = 3
_LONGEST_DELAY = timedelta(hours=6)
#: An endpoint may ask for as long a pause at most.
_LONGEST_PAUSE = timedelta(days=1)
_GONE = 410


class Cause(StrEnum):
    """Why something is posted: it happened, somebody asked for it again, or it is a test."""

    EVENT = "event"
    REDELIVERY = "redelivery"
    TEST = "test"


class State(StrEnum):
    """To be tried; taken by the endpoint; not tried any more."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """`sequence` is the event's among all events; 0 for a test. `tried_since` is the first attempt of those that are told apart from earlier
    ones by an administrator who enabled the endpoint again.

    Of those of a resource that are pending the first alone has a `next_attempt_at`. `ended_at` is set once it is not pending.
    """

    id: WebhookDeliveryId
    organization_id: OrganizationId
    endpoint_id: WebhookEndpointId
    event_id: AuditEventId
    sequence: int
    event_type: str
    subject_id: UUID
    cause: Cause
    created_at: datetime
    state: State = State.PENDING
    attempts: int = 0
    tried_since: datetime | None = None
    attempted_at: datetime | None = None
    next_attempt_at: datetime | None = None
    ended_at: datetime | None = None
    status_code: int = 0
    duration: timedelta = timedelta()
    response: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one: a status, or 0 and the `error` that kept it from coming. `pause` is what the endpoint asks for (Retry-After)."""

    begun_at: datetime
    duration: timedelta
    status_code: int = 0
    response: str = ""
    error: str = ""
    pause: timedelta | None = None

    @property
    def delivered(self) -> bool:
        return 200 <= self.status_code <= 299

    @property
    def gone(self) -> bool:
        """Whether the endpoint says that it wants nothing any more."""
        return self.status_code == _GONE


def new(
    id: WebhookDeliveryId,
    endpoint: WebhookEndpointId,
    event: AuditEvent,
    now: datetime,
    cause: Cause = Cause.EVENT,
) -> WebhookDelivery:
    return WebhookDelivery(
        id=id,
        organization_id=event.organization_id,
        endpoint_id=endpoint,
        event_id=event.id,
        sequence=event.sequence,
        event_type=TEST if cause is Cause.TEST else event_type(event),
        subject_id=event.subject_id,
        cause=cause,
        created_at=now,
    )


def answered(
    begun_at: datetime, duration: timedelta, status: int, body: bytes, retry_after: str
) -> Attempt:
    """An attempt that the endpoint answered."""
    error = ""
    if 300 <= status <= 399:
        error = "answers with a redirect, which is not followed"
    elif not 200 <= status <= 299:
        error = f"answers with status {status}"
    # Cut after what is secret has gone, of which half would tell something.
    told = redacted_text(fitting(body[: 8 * RESPONSE_CHARACTERS].decode("utf-8", "replace"), 4000))
    pause = _pause(retry_after)
    return Attempt(begun_at, duration, status, fitting(told, RESPONSE_CHARACTERS), error, pause)


def _pause(retry_after: str) -> timedelta | None:
    """What a header asks for in seconds; None for a date, or anything else."""
    if not (retry_after.isascii() and retry_after.isdecimal()):
        return None
    # Of more digits than these the first say as well that it is too long.
    seconds = int(retry_after.lstrip("0")[:9] or "0")
    return min(timedelta(seconds=seconds), _LONGEST_PAUSE) or None


def tried(
    delivery: WebhookDelivery, attempt: Attempt, now: datetime, chance: float = 0.5
) -> WebhookDelivery:
    """After an attempt: delivered, or to be tried again, unless it is too late for that: then it has failed.

    `chance`, from 0 to 1, spreads those that failed together.
    """
    since = delivery.tried_since or attempt.begun_at
    result = replace(
        delivery,
        attempts=delivery.attempts + 1,
        tried_since=since,
        attempted_at=attempt.begun_at,
        next_attempt_at=None,
        status_code=attempt.status_code,
        duration=attempt.duration,
        response=attempt.response,
        error=attempt.error,
    )
    if attempt.delivered:
        return replace(result, state=State.DELIVERED, ended_at=now)
    delay = min(_FIRST_DELAY * _FACTOR ** min(delivery.attempts, 20), _LONGEST_DELAY)
    delay = max(delay * (0.8 + 0.4 * chance), attempt.pause or timedelta())
    if delivery.cause is not Cause.EVENT or now + delay > since + RETRIED:
        return failed(result, attempt.error, now)
    return replace(result, next_attempt_at=now + delay)


def failed(delivery: WebhookDelivery, why: str, now: datetime) -> WebhookDelivery:
    """Not tried any more."""
    return replace(delivery, state=State.FAILED, next_attempt_at=None, ended_at=now, error=why)


def put_off(delivery: WebhookDelivery, now: datetime) -> WebhookDelivery:
    """To be tried at once when somebody enables the endpoint, as if it never had been."""
    return replace(
        delivery, state=State.PENDING, ended_at=None, next_attempt_at=now, tried_since=None
    )


def not_found() -> NotFound:
    return NotFound("webhook delivery not found", reason=Reason.WEBHOOK_DELIVERY_NOT_FOUND)
