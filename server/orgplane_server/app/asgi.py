"""The application that the listener runs in its child process: `orgplane_server.app.asgi:application`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from ..cel.claims_expressions import ClaimsExpressions
from ..dns.records import TextRecords
from ..domain import (
    authorization,
    device,
    email_invite,
    letter,
    scim_token,
    service_account,
    session,
    sign_in,
    sign_out,
    webhook_delivery,
)
from ..domain import secret_key as former_keys
from ..domain.destination import in_the_clear
from ..domain.errors import OrgplaneError
from ..domain.expiry import LATEST_WARNING
from ..domain.instant import system_clock
from ..outbound.fetcher import Fetcher
from ..outbound.poster import Poster
from ..settings import Settings, loader_environment, traces_protocol
from ..store.engine.database import Database
from ..telemetry import call, logs
from ..usecases.census import Censuses
from ..usecases.deletion import Sweeper
from ..usecases.domain_check import DomainChecks
from ..usecases.expiry import ExpiryWarnings
from ..usecases.retention import Retention
from ..usecases.secret_key import Following
from ..web import metrics
from ..web.lifeline import die_with_parent, stages, tell_served
from ..web.responses import Application, Receive, Scope, Send
from . import affinity, demo, secret_key
from .arrival import Beginnings, still_wanted
from .build import Server, build
from .measures import Measures
from .opening import open_database

if TYPE_CHECKING:  # and with it OpenTelemetry, which only those need who ask for traces
    from ..telemetry.tracing import Tracing

log = structlog.get_logger(__name__)


class _Application:
    """Built when the server starts (ASGI lifespan), from the settings in the environment."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._front: Application | None = None
        self._tracing: Tracing | None = None
        self._database: Database | None = None
        #: What goes on beside requests, until the server stops.
        self._beside: list[asyncio.Task[None]] = []
        self._completing: asyncio.Task[None] | None = None
        self._telling: asyncio.Server | None = None
        self._untold: Path | None = None
        self._beginnings = Beginnings()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            assert self._front is not None, "the lifespan comes first"
            client = scope.get("client") or ("", 0)
            await self._beginnings.turn(client)
            if (wanted := await still_wanted(receive)) is None:
                self._beginnings.gave_up(client)
                return
            await self._front(scope, wanted, send)
            if self._untold is not None:
                tell_served(self._untold)
                self._untold = None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._start(Settings.from_environment())
                except Exception as error:
                    if isinstance(error, OrgplaneError):  # its cause is in the log
                        log.error("cannot start", cause=str(error))
                    else:
                        log.error("cannot start", exc_info=error)
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
            else:
                await self._stop()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _start(self, settings: Settings) -> None:
        logs.configure(settings.log_format, settings.log_level, call.about)
        if settings.lifeline is not None:
            die_with_parent(settings.lifeline)
        self._untold = settings.lifeline
        if settings.cpu_affinity == "one":
            keeping = affinity.keep_to_one_cpu(settings.worker, settings.workers)
            if keeping is not None:
                self._beside.append(keeping)
        self._tracing = tracing = _tracing(settings)
        self._database = open_database(
            settings,
            connections=settings.database_connections,
            opening=tracing.open_database if tracing else Database.open,
        )
        self._database.warn_of_known_bugs()
        if in_the_clear(settings.public_url):
            log.warning(
                "people sign in by http, whose tokens anybody on the way can read; put TLS before the server",
                public_url=settings.public_url,
            )
        key_file = secret_key.path(settings)
        key = await secret_key.of(self._database, key_file)
        # Of several workers the first one starts alone, and only it creates.
        if settings.demo_report is not None and not settings.demo_report.exists():
            demo.report(await demo.create(self._database, key), settings.demo_report)
        text_records = TextRecords(settings.resolvers)
        self._server = build(
            self._database,
            key,
            max_request_bytes=settings.max_request_bytes,
            request_timeout=settings.request_timeout,
            ignore_unknown_json_fields=settings.unknown_json_fields == "ignore",
            public_url=settings.public_url,
            trusted_proxies=settings.proxies,
            failed_tokens_per_minute=settings.failed_tokens_per_minute,
            tokenless_calls_per_minute=settings.tokenless_calls_per_minute,
            requests_per_second=settings.requests_per_second,
            origins=settings.origins,
            return_origins=settings.returns,
            sso_allowed_hosts=settings.sso_hosts,
            fetcher=(tracing.fetcher if tracing else Fetcher)(
                settings.sso_hosts,
                authorities=settings.outbound_ca,
                proxy=settings.outbound_proxy,
            ),
            poster=Poster(
                Fetcher(
                    settings.webhook_hosts,
                    authorities=settings.outbound_ca,
                    proxy=settings.outbound_proxy,
                ),
                webhook_delivery.ATTEMPT_SECONDS,
            ),
            expressions=ClaimsExpressions(settings.python or sys.executable, loader_environment()),
            text_records=text_records,
            organization_creation=settings.allow_organization_creation,
            shared_domains=settings.shared_domains,
            domain_grace=settings.domain_kept,
            relay=settings.relay(),
            watch_heartbeat=settings.watch_heartbeat,
            scim_log_retention=settings.scim_log_kept,
            scim_log_maximum=settings.scim_log_maximum,
            scim_log_bodies=settings.scim_log_bodies,
            scim_page_size=settings.scim_page_size,
            sign_in_log_retention=settings.sign_in_log_kept,
            unique_addresses=settings.unique_addresses == "refuse",
        )
        following = Following(
            self._database, self._server.sealer, lambda: secret_key.loaded(key_file)
        )
        await following.look()
        self._run(following.run())
        front = self._server.front
        self._front = tracing.requests(front) if tracing else front
        retention = Retention(
            self._database,
            system_clock,
            audit_events=settings.retention,
            scim_requests=settings.scim_log_kept,
            ended_scim_tokens=scim_token.KEPT,
            scim_credentials=scim_token.KEPT,
            expiry_warnings=LATEST_WARNING,
            letters=letter.KEPT,
            email_invites=email_invite.KEPT,
            sign_ins=sign_in.KEPT,
            sessions=session.KEPT,
            service_account_tokens=service_account.KEPT,
            sign_in_attempts=settings.sign_in_log_kept,
            sign_outs=sign_out.KEPT,
            authorization_codes=authorization.KEPT,
            device_authorizations=device.KEPT,
            former_secret_keys=former_keys.KEPT,
            webhook_deliveries=settings.webhook_log_kept,
        )
        self._run(retention.run())
        warnings = ExpiryWarnings(self._database, system_clock)
        self._run(warnings.run())
        sweeper = Sweeper(self._database, system_clock)
        self._run(sweeper.run())
        checks = DomainChecks(
            self._database, system_clock, text_records, grace=settings.domain_kept
        )
        self._run(checks.run())
        if self._server.outbox.sends:
            self._run(self._server.outbox.run())
        self._run(self._server.webhooks.run())
        if settings.lifeline is not None and settings.metrics_listen:
            censuses = Censuses(self._database, system_clock)
            measures = Measures(self._server, self._database, censuses)
            self._telling = await metrics.tell(
                settings.lifeline, measures.numbers, measures.exemplars
            )
        if settings.lifeline is not None:
            self._run(self._follow(self._server, settings.lifeline))
        self._completing = asyncio.create_task(self._complete(self._server))

    def _run(self, going: Coroutine[Any, Any, None]) -> None:
        self._beside.append(asyncio.create_task(going))

    async def _complete(self, server: Server) -> None:
        """What need not be there before the first request is answered."""
        try:
            await server.scim.load()
        except Exception as error:
            log.error("SCIM is not served", exc_info=error)
        _spare_garbage_collection()

    async def _follow(self, server: Server, lifeline: Path) -> None:
        following = (server.drain, server.front.close)
        async with contextlib.aclosing(stages(lifeline)) as told:
            for stage in following:
                await anext(told, None)
                stage()

    async def _stop(self) -> None:
        for task in self._beside:
            task.cancel()
        if self._telling is not None:
            self._telling.close()
        if self._completing is not None:  # a thread is in the midst of it
            await self._completing
        if self._server is not None:
            await self._server.aclose()
        if self._database is not None:
            await self._database.aclose()
        if self._tracing is not None:
            await self._tracing.aclose()


def _tracing(settings: Settings) -> Tracing | None:
    """None where no traces are asked for, and where none can be made, which is told."""
    if (protocol := traces_protocol()) is None:
        return None
    try:
        from ..telemetry.tracing import NotTraced, Tracing
    except ImportError as error:
        log.warning(
            "no traces are made: OpenTelemetry is not installed",
            missing=error.name,
            remedy="pip install 'orgplane-server[otel]'",
        )
        return None
    try:
        return Tracing(protocol, settings.worker, settings.workers)
    except NotTraced as error:
        log.warning("no traces are made", cause=str(error))
        return None


def _spare_garbage_collection() -> None:
    """What is here now stays, and needs not be looked through for garbage again and again.

    A request makes hundreds of objects that are gone when it ends, so the youngest are looked through
    less often than Python would.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


application = _Application()
