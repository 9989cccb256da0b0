"""Where events of an organization are posted to, and how that is signed (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from .audit import Action, AuditEvent, Subject
from .errors import InvalidArgument, NotFound, Reason, ResourceExhausted, Violation
from .identifier import OrganizationId, WebhookEndpointId
from .instant import text
from .revision import SECRET, revised

#: As many an organization has at most.
MAX_ENDPOINTS = 50
#: Random bytes of a secret; of a size whose base64 has padding, which some verifiers insist on.
SECRET_BYTES = 32
#: How long there are signatures by the secret before as well, unless said otherwise.
DEFAULT_OVERLAP = timedelta(days=1)

_SECRET_PREFIX = "whsec_"
_EVENT_TYPES = frozenset(
    {*Subject, *(f"{subject}.{action}" for subject in Subject for action in Action)}
)


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Its secrets are sealed. `previous_secret` signs beside `secret` until it ends.

    `event_types` are kinds of object, or what is done to one (`user.update`); none of them means all there are. `disabled_because`
    is what the server says that has disabled it, and empty if an administrator did.
    """

    id: WebhookEndpointId
    organization_id: OrganizationId
    url: str
    description: str
    event_types: tuple[str, ...]
    secret: bytes = field(repr=False, metadata=SECRET)
    created_at: datetime
    updated_at: datetime
    enabled: bool = True
    disabled_because: str = ""
    previous_secret: bytes | None = field(default=None, repr=False, metadata=SECRET)
    previous_secret_ends_at: datetime | None = None

    def wants(self, event: AuditEvent) -> bool:
        if not self.event_types:
            return True
        return event.subject in self.event_types or event_type(event) in self.event_types


class WebhookEndpointChanges(TypedDict, total=False):
    """What a caller may change."""

    url: str
    description: str
    event_types: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class WebhookProgress:
    """How far an endpoint has come: all its events up to `sequence` are delivered, or remembered as to be delivered.

    `succeeded_at` is when it last took something, `failing_since` set while it does not.
    """

    sequence: int
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToldEndpoint:
    """An endpoint, and how it goes."""

    endpoint: WebhookEndpoint
    progress: WebhookProgress

    @property
    def warning(self) -> str:
        """What an administrator should look at; empty if all is well."""
        if self.endpoint.disabled_because:
            return (
                f"disabled by the server: {self.endpoint.disabled_because}; enable it when that is mended, and what waits is "
                "posted then"
            )
        if self.endpoint.enabled and self.progress.failing_since is not None:
            return f"it takes nothing since {text(self.progress.failing_since)}: see its deliveries"
        return ""


def event_type(event: AuditEvent) -> str:
    """What happened, as `user.update`."""
    return f"{event.subject}.{event.action}"


def check_event_types(event_types: Sequence[str], field: str = "event_types") -> tuple[str, ...]:
    """Raises InvalidArgument if one is none of ours."""
    unknown = sorted(set(event_types) - _EVENT_TYPES)
    if unknown:
        raise InvalidArgument(
            Violation(
                field,
                f"{unknown[0]!r} is none: there are {', '.join(sorted(Subject))}, and each of them with "
                f"{', '.join(f'.{action}' for action in Action)}",
                "event_types.known",
            )
        )
    return tuple(event_types)


def malformed_url(wrong: str) -> InvalidArgument:
    return InvalidArgument(Violation("url", wrong, "url.destination"))


def check_count(there: int) -> None:
    """Raises ResourceExhausted if an organization has as many as there can be."""
    if there >= MAX_ENDPOINTS:
        raise ResourceExhausted(
            f"the organization has {MAX_ENDPOINTS} webhook endpoints already, which is as many as there can be",
            reason=Reason.TOO_MANY_WEBHOOK_ENDPOINTS,
        )


def changed(
    endpoint: WebhookEndpoint, changes: WebhookEndpointChanges, now: datetime
) -> WebhookEndpoint:
    """The endpoint after `changes`; itself, `updated_at` included, when nothing differs."""
    if changes.get("enabled"):
        return revised(endpoint, {**changes, "disabled_because": ""}, now)
    return revised(endpoint, changes, now)


def disabled(endpoint: WebhookEndpoint, because: str, now: datetime) -> WebhookEndpoint:
    """As the server leaves one that takes nothing."""
    return revised(endpoint, {"enabled": False, "disabled_because": because}, now)


def rotated(
    endpoint: WebhookEndpoint, secret: bytes, overlap: timedelta, now: datetime
) -> WebhookEndpoint:
    """With another secret (sealed), beside which the present one signs for so long."""
    kept = overlap > timedelta()
    changes = {
        "secret": secret,
        "previous_secret": endpoint.secret if kept else None,
        "previous_secret_ends_at": now + overlap if kept else None,
    }
    return revised(endpoint, changes, now)


def secret_text(secret: bytes) -> str:
    """A secret as people get to see it, once: `whsec_...`."""
    return _SECRET_PREFIX + base64.b64encode(secret).decode("ascii")


def signed_headers(
    secrets: Sequence[bytes], id: str, now: datetime, body: bytes
) -> Mapping[str, str]:
    """The headers of Standard Webhooks for a message, with a signature by each of the secrets.

    Verifiers take no message that is older than five minutes: each attempt is signed anew.
    """
    timestamp = str(int(now.timestamp()))
    signed = b".".join((id.encode(), timestamp.encode(), body))
    signatures = (
        base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode("ascii")
        for secret in secrets
    )
    return {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def not_found() -> NotFound:
    return NotFound("webhook endpoint not found", reason=Reason.WEBHOOK_ENDPOINT_NOT_FOUND)
