from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from ..domain import audit as events
from ..domain import webhook_delivery, webhook_endpoint
from ..domain.audit import Action, AuditEvent, Subject, record
from ..domain.caller import Caller, Permission
from ..domain.identifier import AuditEventId, WebhookDeliveryId, WebhookEndpointId
from ..domain.instant import Clock
from ..domain.page import Page, PageRequest
from ..domain.revision import FieldChange
from ..domain.webhook_delivery import Cause, State, WebhookDelivery
from ..domain.webhook_endpoint import (
    DEFAULT_OVERLAP,
    SECRET_BYTES,
    ToldEndpoint,
    WebhookEndpoint,
    WebhookEndpointChanges,
)
from ..store import audit
from ..store import webhook_delivery as deliveries
from ..store import webhook_endpoint as store
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.webhook_endpoint import webhook_endpoints
from . import saving
from .minting import new_id
from .paging import PageTokens
from .webhook_attempt import WebhookAttempts

T = TypeVar("T")

_SUBJECT = Subject.WEBHOOK_ENDPOINT
_NEWEST = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class Secretive:
    """An endpoint, and its new secret, which nobody can ask for again."""

    told: ToldEndpoint
    secret: str = field(repr=False)


class WebhookEndpoints:
    """Where events of the caller's organization are posted to; administrators only. Calls `woken` when that has changed."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        pages: PageTokens,
        attempts: WebhookAttempts,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages
        self._attempts = attempts
        self._woken = woken

    async def create(
        self, caller: Caller, url: str, description: str, event_types: tuple[str, ...]
    ) -> Secretive:
        """A new one, which gets the events from now on.

        Raises InvalidArgument for a URL that nothing is posted to and for event types that there are not, and ResourceExhausted if
        the organization has as many as there can be.
        """
        caller.require(Permission.CHANGE_WEBHOOKS)
        self._attempts.check_url(url)
        event_types = webhook_endpoint.check_event_types(event_types)
        secret = _new_secret()

        def change(unit: UnitOfWork) -> ToldEndpoint:
            webhook_endpoint.check_count(store.count(unit.connection, caller.organization_id))
            settled = audit.TRAIL.settled(unit.connection)
            id, now = WebhookEndpointId(new_id()), self._clock()
            endpoint = WebhookEndpoint(
                id=id,
                organization_id=caller.organization_id,
                url=url,
                description=description,
                event_types=event_types,
                secret=self._attempts.seal(unit, id, secret),
                created_at=now,
                updated_at=now,
            )
            saving.create(unit, caller, webhook_endpoints, _SUBJECT, endpoint)
            unit.write(store.beginning(endpoint, settled))
            unit.afterwards(self._woken)
            return ToldEndpoint(endpoint, webhook_endpoint.WebhookProgress(settled))

        return Secretive(await self._database.write(change), webhook_endpoint.secret_text(secret))

    async def get(self, caller: Caller, id: WebhookEndpointId) -> ToldEndpoint:
        caller.require(Permission.READ_WEBHOOKS)
        return _there(
            await self._database.read(
                lambda connection: store.told(connection, caller.organization_id, id)
            )
        )

    async def list(self, caller: Caller, request: PageRequest) -> Page[ToldEndpoint]:
        """Oldest first."""
        caller.require(Permission.READ_WEBHOOKS)
        listing = f"webhook_endpoints/{caller.organization_id}"
        after = self._pages.after(listing, request)
        found = await self._database.read(
            lambda connection: store.page(
                connection, caller.organization_id, after, request.limit + 1
            )
        )
        return self._pages.page_by(listing, request, found, lambda each: each.endpoint.id.bytes)

    async def update(
        self, caller: Caller, id: WebhookEndpointId, changes: WebhookEndpointChanges
    ) -> ToldEndpoint:
        """The endpoint after the changes, within seconds in force. What waits is tried at once when it is enabled.

        Raises InvalidArgument as `create` does.
        """
        caller.require(Permission.CHANGE_WEBHOOKS)
        if "url" in changes:
            self._attempts.check_url(changes["url"])
        if "event_types" in changes:
            webhook_endpoint.check_event_types(changes["event_types"], "event_types.values")

        def change(unit: UnitOfWork, before: WebhookEndpoint, now: datetime) -> WebhookEndpoint:
            after = webhook_endpoint.changed(before, changes, now)
            if after.enabled and not before.enabled:
                unit.write(deliveries.trying_at_once(id, now))
            return after

        return await self._change(caller, id, change)

    async def rotate_secret(
        self, caller: Caller, id: WebhookEndpointId, overlap: timedelta = DEFAULT_OVERLAP
    ) -> Secretive:
        """Another secret, beside which the present one signs for so long."""
        caller.require(Permission.CHANGE_WEBHOOKS)
        secret = _new_secret()

        def change(unit: UnitOfWork, before: WebhookEndpoint, now: datetime) -> WebhookEndpoint:
            sealed = self._attempts.seal(unit, id, secret)
            return webhook_endpoint.rotated(before, sealed, overlap, now)

        told = await self._change(caller, id, change)
        return Secretive(told, webhook_endpoint.secret_text(secret))

    async def delete(self, caller: Caller, id: WebhookEndpointId) -> None:
        """Nothing more is posted within seconds; what waits is forgotten."""
        caller.require(Permission.CHANGE_WEBHOOKS)

        def change(unit: UnitOfWork) -> None:
            before = _locked(unit, caller, id)
            unit.write(store.ending(id), deliveries.forgetting_pending(id))
            saving.delete(unit, caller, webhook_endpoints, _SUBJECT, before, self._clock())
            unit.afterwards(self._woken)

        await self._database.write(change)

    async def list_deliveries(
        self,
        caller: Caller,
        id: WebhookEndpointId,
        request: PageRequest,
        state: State | None = None,
    ) -> Page[WebhookDelivery]:
        """What was posted to an endpoint, or is to be, and what came back; newest first."""
        await self.get(caller, id)
        listing = f"webhook_deliveries/{id}/{state}"
        position = self._pages.position(listing, request)
        before = _NEWEST if position is None else UUID(bytes=position)
        found = await self._database.read(
            lambda connection: deliveries.page(
                connection, caller.organization_id, id, state, before, request.limit + 1
            )
        )
        return self._pages.page(listing, request, found)

    async def redeliver(
        self, caller: Caller, id: WebhookEndpointId, delivery_id: WebhookDeliveryId
    ) -> WebhookDelivery:
        """Posts an event again, once and at once; what came of it. For a test another is posted.

        Raises NotFound for a delivery that is not known, and if the event is no longer kept.
        """
        caller.require(Permission.CHANGE_WEBHOOKS)
        told = await self.get(caller, id)
        organization = caller.organization_id
        before = await self._database.read(
            lambda connection: deliveries.find(connection, organization, id, delivery_id)
        )
        if before is None:
            raise webhook_delivery.not_found()
        if before.cause is Cause.TEST:
            return await self.test(caller, id)
        event = await self._database.read(
            lambda connection: audit.find(connection, organization, before.event_id)
        )
        if event is None:
            raise events.not_found()
        return await self._post(told.endpoint, event, Cause.REDELIVERY)

    async def test(self, caller: Caller, id: WebhookEndpointId) -> WebhookDelivery:
        """Posts an event that never was, of the endpoint itself, once and at once; what came of it."""
        caller.require(Permission.CHANGE_WEBHOOKS)
        told = await self.get(caller, id)
        place = await self._database.read(audit.TRAIL.settled)
        made = record(
            AuditEventId(new_id()),
            caller,
            Action.UPDATE,
            _SUBJECT,
            id,
            self._clock(),
            {"test": FieldChange(None, True)},
        )
        return await self._post(told.endpoint, replace(made, sequence=place), Cause.TEST)

    async def _post(
        self, endpoint: WebhookEndpoint, event: AuditEvent, cause: Cause
    ) -> WebhookDelivery:
        id = WebhookDeliveryId(new_id())
        delivery = webhook_delivery.new(id, endpoint.id, event, self._clock(), cause)
        attempt = await self._attempts.post(endpoint, event)
        after = webhook_delivery.tried(delivery, attempt, self._clock())
        await self._database.write(lambda unit: unit.write(*deliveries.putting([after])))
        return after

    async def _change(
        self,
        caller: Caller,
        id: WebhookEndpointId,
        change: Callable[[UnitOfWork, WebhookEndpoint, datetime], WebhookEndpoint],
    ) -> ToldEndpoint:
        def run(unit: UnitOfWork) -> ToldEndpoint:
            before = _locked(unit, caller, id)
            after = change(unit, before, self._clock())
            saving.update(unit, caller, webhook_endpoints, _SUBJECT, before, after)
            unit.afterwards(self._woken)
            return _there(store.told(unit.connection, caller.organization_id, id))

        return await self._database.write(run)


def _locked(unit: UnitOfWork, caller: Caller, id: WebhookEndpointId) -> WebhookEndpoint:
    return _there(webhook_endpoints.lock(unit.connection, caller.organization_id, id))


def _there(found: T | None) -> T:
    if found is None:
        raise webhook_endpoint.not_found()
    return found


def _new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)
