from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..domain import scim_configuration
from ..domain.caller import Caller, Permission
from ..domain.identifier import ScimConfigurationId
from ..domain.instant import Clock
from ..domain.log_filter import LogFilter
from ..domain.page import Page, PageRequest
from ..domain.scim_configuration import ScimConfiguration
from ..domain.scim_request import (
    PendingDeprovisioning,
    ProvisioningStatus,
    ScimRequest,
)
from ..store import expiry, scim_count, scim_user
from ..store import role as roles
from ..store import scim_request as store
from ..store.engine.database import Connection, Database
from ..store.membership import shared_addresses
from ..store.scim_configuration import scim_configurations
from ..store.user import users
from .cursors import Cursors
from .paging import PageTokens
from .role import named
from .scim_request_log import ScimRequestLog
from .watch import Watches

#: Shared addresses that a status tells of.
_MOST_ADDRESSES = 100


@dataclass(frozen=True, slots=True)
class Told:
    """What a watch tells: a request, or without one that it lives, and the place it has reached."""

    request: ScimRequest | None
    cursor: str


class ScimRequests:
    """What identity providers sent through the SCIM configurations of the caller's organization."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        pages: PageTokens,
        cursors: Cursors,
        log: ScimRequestLog,
        watches: Watches,
        base_url: str = "",
    ) -> None:
        """`base_url` is where providers reach SCIM; empty if nobody has said so."""
        self._base_url = base_url
        self._database = database
        self._clock = clock
        self._pages = pages
        self._cursors = cursors
        self._log = log
        self._watches = watches

    async def list(
        self,
        caller: Caller,
        configuration: ScimConfigurationId,
        request: PageRequest,
        narrowed: LogFilter,
        *,
        oldest_first: bool = False,
    ) -> Page[ScimRequest]:
        """The requests of a configuration that are kept; all that this process answered before are there."""
        caller.require(Permission.READ_SCIM_REQUESTS)
        listing = _listing(configuration, narrowed, oldest_first)
        after = self._pages.moment(listing, request)
        await self._log.settle()
        kept = narrowed.kept(self._log.oldest)

        def query(connection: Connection) -> list[ScimRequest]:
            _require(connection, caller, configuration)
            limit = request.limit + 1
            return store.page(
                connection, configuration, kept, after, limit, oldest_first=oldest_first
            )

        found = await self._database.read(query)
        return self._pages.page_by_moment(
            listing, request, found, lambda found: (found.received_at, found.sequence)
        )

    async def watch(
        self,
        caller: Caller,
        configuration: ScimConfigurationId,
        *,
        failed: bool = False,
        cursor: str = "",
        recent: int = 0,
    ) -> AsyncIterator[Told]:
        """The `recent` latest requests, or those behind a cursor, and then each new one, for ever.

        A sign of life first, and whenever nothing else was told for a while. Raises what `Watches.tell` does,
        and NotFound as soon as the configuration is gone.
        """
        caller.require(Permission.READ_SCIM_REQUESTS)
        watched = f"scim_requests/{configuration}"
        begin = self._cursors.place(watched, cursor)
        told = self._watches.tell(
            caller,
            Permission.READ_SCIM_REQUESTS,
            store.TRAIL,
            configuration,
            await self._beginning(caller, configuration, begin, recent),
            lambda after, until, limit: self._following(caller, configuration, after, until, limit),
            lambda request: request.failed or not failed,
        )
        async with contextlib.aclosing(told):
            async for place, request in told:
                yield Told(request, self._cursors.of(watched, place))

    async def status(
        self, caller: Caller, configuration: ScimConfigurationId
    ) -> ProvisioningStatus:
        """How provisioning through a configuration fares, as far back as its requests are kept."""
        caller.require(Permission.READ_SCIM_REQUESTS)
        await self._log.settle()

        def query(connection: Connection) -> ProvisioningStatus:
            found = _require(connection, caller, configuration)
            used = store.last_admitted(connection, configuration)
            now, last = self._clock(), expiry.of_organization(connection, caller.organization_id)
            first = expiry.of_configuration(connection, configuration)
            return ProvisioningStatus(
                scim_configuration_id=found.id,
                enabled=found.enabled,
                linked=found.sso_configuration_id is not None,
                token_expires_at=found.token_expires_at,
                token_last_used_at=used if used and used >= _issued_at(found) else None,
                user_count=scim_count.of(connection, configuration, "users"),
                group_count=scim_count.of(connection, configuration, "groups"),
                last_successful=store.last(connection, configuration, failed=False),
                last_failed=store.last(connection, configuration, failed=True),
                token_warning=None if first is None else first.warned(now),
                organization_warning=None if last is None else last.warned(now),
                pending=_pending(connection, found),
                shared_addresses=shared_addresses(
                    connection, found.organization_id, _MOST_ADDRESSES
                ),
                scim_base_url=self._base_url,
                group_roles=named(
                    connection,
                    caller.organization_id,
                    roles.of_configuration(connection, caller.organization_id, configuration),
                ),
            )

        return await self._database.read(query)

    async def _beginning(
        self,
        caller: Caller,
        configuration: ScimConfigurationId,
        begin: int | None,
        recent: int,
    ) -> int | None:
        """The sequence behind which a watch begins; None for now, when all answered before are written."""
        await self._log.settle()

        def query(connection: Connection) -> int | None:
            _require(connection, caller, configuration)
            if begin is None and recent:
                return store.TRAIL.before_latest(connection, configuration, recent)
            return begin

        return await self._database.read(query)

    async def _following(
        self,
        caller: Caller,
        configuration: ScimConfigurationId,
        after: int,
        until: int,
        limit: int,
    ) -> Sequence[ScimRequest]:
        def query(connection: Connection) -> Sequence[ScimRequest]:
            _require(connection, caller, configuration)
            return store.following(connection, configuration, after, until, limit)

        return await self._database.read(query)


def _require(
    connection: Connection, caller: Caller, configuration: ScimConfigurationId
) -> ScimConfiguration:
    found = scim_configurations.find(connection, caller.organization_id, configuration)
    return scim_configuration.required(found)


def _pending(
    connection: Connection, configuration: ScimConfiguration
) -> list[PendingDeprovisioning]:
    organization = configuration.organization_id
    return [
        PendingDeprovisioning(member, user.wish, user.wished_at)
        for user in scim_user.wished(connection, organization)
        if user.configuration_id == configuration.id and user.wish and user.wished_at
        if (member := users.find(connection, organization, user.id))
    ]


def _issued_at(configuration: ScimConfiguration) -> datetime:
    return configuration.token_expires_at - configuration.token_lifetime


def _listing(configuration: ScimConfigurationId, narrowed: LogFilter, oldest_first: bool) -> str:
    parts = [narrowed.failed, narrowed.since, narrowed.until, oldest_first]
    return f"scim_requests/{configuration}/{json.dumps(parts, default=str)}"
