"""One attempt to deliver an event: signed, posted, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from ..domain import webhook_delivery, webhook_endpoint
from ..domain.audit import AuditEvent
from ..domain.identifier import AuditEventId, WebhookEndpointId
from ..domain.instant import Clock
from ..domain.webhook_delivery import Attempt
from ..domain.webhook_endpoint import WebhookEndpoint
from ..outbound.answer import NotFetched
from ..outbound.poster import Poster
from ..store.engine.unit_of_work import UnitOfWork
from .sealing import Sealer

_MOST_KNOWN = 100
_JSON = {"content-type": "application/json"}


class WebhookAttempts:
    """`payload` is an event as it is posted."""

    def __init__(
        self, clock: Clock, sealer: Sealer, poster: Poster, payload: Callable[[AuditEvent], bytes]
    ) -> None:
        self._clock = clock
        self._sealer = sealer
        self._poster = poster
        self._payload = payload
        #: One after the other begins, and between two the event loop gets round to everybody else who has something to do.
        self._turn = asyncio.Lock()
        #: Of the latest events, which several endpoints get.
        self._payloads: dict[AuditEventId, bytes] = {}

    def check_url(self, url: str) -> None:
        """Raises InvalidArgument (`url`) for one that nothing is posted to."""
        if (wrong := self._poster.complaint(url)) is not None:
            raise webhook_endpoint.malformed_url(wrong)

    def seal(self, unit: UnitOfWork, id: WebhookEndpointId, secret: bytes) -> bytes:
        """A secret of an endpoint, as this transaction writes it. Raises Unavailable as `Sealer.seal_into`."""
        return self._sealer.seal_into(unit, secret, purpose(id))

    async def post(self, endpoint: WebhookEndpoint, event: AuditEvent) -> Attempt:
        """Whatever comes of it. Signed by the secret, and by the one before until that ends.

        Raises Unavailable while the server's secret key is being replaced.
        """
        async with self._turn:
            await asyncio.sleep(0)
        now, begun = self._clock(), time.monotonic()
        sealed = [endpoint.secret]
        ends_at = endpoint.previous_secret_ends_at
        if endpoint.previous_secret is not None and ends_at is not None and now < ends_at:
            sealed.append(endpoint.previous_secret)
        secrets = [self._sealer.open_kept(each, purpose(endpoint.id)) for each in sealed]
        body = self._body(event)
        headers = webhook_endpoint.signed_headers(secrets, str(event.id), now, body)
        try:
            answer = await self._poster.post(endpoint.id, endpoint.url, {**_JSON, **headers}, body)
        except NotFetched as error:
            return Attempt(now, _since(begun), error=str(error))
        return webhook_delivery.answered(
            now, _since(begun), answer.status, answer.body, answer.headers.get("retry-after", "")
        )

    def _body(self, event: AuditEvent) -> bytes:
        known = self._payloads.get(event.id)
        if known is None:
            while len(self._payloads) >= _MOST_KNOWN:
                del self._payloads[next(iter(self._payloads))]
            known = self._payloads[event.id] = self._payload(event)
        return known

    async def aclose(self) -> None:
        await self._poster.aclose()


def _since(begun: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - begun)


def purpose(id: UUID) -> str:
    """What the secrets of an endpoint are sealed for."""
    return f"webhook {id}"
