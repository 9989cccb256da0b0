"""Envoy, configured beyond what pyvoy asks for: limits, timeouts, and nothing served by accident."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyvoy import PyvoyServer

from ..web import request_head

#: This long a connection gets to end by itself when the server stops.
DRAIN_SECONDS = 1

# A path whose %-escapes are not UTF-8 (RFC 3629) would leave pyvoy's bridge to Python hanging, so Envoy
# refuses it. One alternative for each line of the RFC's grammar of well-formed sequences.
_TAIL = "%[89ABab][0-9A-Fa-f]"
_VALID_PATH = "".join(
    (
        "^(?:[^%]",
        "|%[0-7][0-9A-Fa-f]",
        f"|%(?:[Cc][2-9A-Fa-f]|[Dd][0-9A-Fa-f]){_TAIL}",
        f"|%[Ee]0%[ABab][0-9A-Fa-f]{_TAIL}",
        f"|%[Ee][1-9A-Ca-cEeFf]{_TAIL}{_TAIL}",
        f"|%[Ee][Dd]%[89][0-9A-Fa-f]{_TAIL}",
        f"|%[Ff]0%[9ABab][0-9A-Fa-f]{_TAIL}{_TAIL}",
        f"|%[Ff][1-3]{_TAIL}{_TAIL}{_TAIL}",
        f"|%[Ff]4%8[0-9A-Fa-f]{_TAIL}{_TAIL}",
        ")*$",
    )
)
_PATH_FILTER = {
    "name": "envoy.filters.http.rbac",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
        "rules": {
            "action": "ALLOW",
            "policies": {
                "utf8-path": {
                    "permissions": [{"url_path": {"path": {"safe_regex": {"regex": _VALID_PATH}}}}],
                    "principals": [{"any": True}],
                }
            },
        },
    },
}
_OURS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
#: Only a machine without any time to spare takes longer.
_ADMIN_SECONDS = 30
_CREATION_POLL_SECONDS = 0.002
_CONNECTIONS = "envoy.resource_monitors.global_downstream_max_connections"
_CONNECTIONS_CONFIG = (
    "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3"
    ".DownstreamConnectionsConfig"
)
_HEAP = "envoy.resource_monitors.fixed_heap"
_HEAP_CONFIG = (
    "type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig"
)
#: What the listener does when so much of its memory is taken, until there is less again.
_OVER_HEAP = (
    ("envoy.overload_actions.shrink_heap", 0.8),
    ("envoy.overload_actions.reject_incoming_connections", 0.9),
    ("envoy.overload_actions.stop_accepting_requests", 0.95),
)


class ListenerError(Exception):
    """The server cannot start here; the text says what to put right."""


@dataclass(frozen=True, slots=True)
class ListenerOptions:
    """Durations in seconds. `environment` is what the application's processes get beside our own.

    There are `workers` of them on the port; with `revive`, one that died is started anew.
    `request_timeout` is for receiving a whole request, `headers_timeout` for its head, `idle_timeout` for
    a stream on which nothing moves; `drain_grace` is what running calls get when the server stops. `max_heap`
    is bytes that a worker's listener and what it has taken in have in memory. `secrets` is where
    `Certificates` has what the three files hold. `metrics` is where this process tells what they count.
    """

    host: str
    port: int
    workers: int = 1
    revive: bool = True
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    request_timeout: float = 30.0
    headers_timeout: float = 10.0
    idle_timeout: float = 300.0
    drain_grace: float = 20.0
    max_streams: int = 100
    max_connections: int = 10_000
    max_heap: int = 2 * 1024**3
    secrets: Path | None = None
    metrics: tuple[str, int] | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


class Envoy(PyvoyServer):
    """One listener and one event loop: HTTP/3 would be a second of each, without client certificates."""

    #: Held while a process is created: it inherits the signal mask, which is all of ours for that time.
    _creating = asyncio.Lock()

    def __init__(self, app: str, options: ListenerOptions, environment: Mapping[str, str]) -> None:
        super().__init__(
            app,
            address=options.host,
            port=options.port,
            tls_cert=options.tls_cert,
            tls_key=options.tls_key,
            tls_ca_cert=options.client_ca,
            tls_enable_http3=False,
            worker_threads=1,
            lifespan=True,
            log_level="error",
            stdout=None,
            stderr=None,
            env=dict(environment),
            additional_envoy_args=[
                *("--concurrency", str(min(2, os.cpu_count() or 1))),
                *("--drain-time-s", str(DRAIN_SECONDS)),
                *("--drain-strategy", "immediate"),
                "--disable-hot-restart",  # which needs a writable /dev/shm, and is not used
            ],
        )
        self._options = options

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return None if self._process is None or self.stopped else self._process.pid

    @property
    def url(self) -> str:
        """Where a client on this machine reaches the server."""
        scheme = "http" if self._options.tls_cert is None else "https"
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(  # noqa: S104  (where others may bind)
            self._options.host, self._options.host
        )
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.listener_port}"

    async def start(self) -> None:
        """Starts the process deaf to SIGTERM and SIGINT, whose one meaning to Envoy is to cut every call.

        A supervisor or a terminal sends them, and SIGHUP, to all processes of a group; what they mean is ours to lead.
        """
        starting = None
        try:
            async with self._creating:
                before = signal.pthread_sigmask(signal.SIG_BLOCK, _OURS)
                try:
                    starting = asyncio.create_task(super().start())
                    while self._process is None and not starting.done():  # noqa: ASYNC110  (not ours)
                        await asyncio.sleep(_CREATION_POLL_SECONDS)
                finally:
                    signal.pthread_sigmask(signal.SIG_SETMASK, before)
            await starting
        except asyncio.CancelledError:
            if starting is not None:
                starting.cancel()
                await asyncio.wait([starting])
            raise

    async def stop(self) -> None:
        """Ends the process, after the application's shutdown. Stopping twice is fine."""
        if self._process is None or self.stopped:
            return
        try:
            await asyncio.to_thread(self._admin, "POST", "/quitquitquit")
        except OSError:
            if not self.stopped:
                self._process.kill()
        await self._process.wait()

    def get_envoy_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().get_envoy_config()
        # Whoever follows files needs a name.
        config["node"] = {"id": "orgplane", "cluster": "orgplane"}
        config["layered_runtime"] = {
            "layers": [
                {
                    "name": "static",
                    "static_layer": {
                        "re2.max_program_size.error_level": 500,
                        "http.max_requests_per_io_cycle": 4,
                        "overload.premature_reset_total_stream_count": 100,
                    },
                }
            ]
        }
        config["overload_manager"] = {
            "resource_monitors": [
                {
                    "name": _CONNECTIONS,
                    "typed_config": {
                        "@type": _CONNECTIONS_CONFIG,
                        "max_active_downstream_connections": self._options.max_connections,
                    },
                },
                {
                    "name": _HEAP,
                    "typed_config": {
                        "@type": _HEAP_CONFIG,
                        "max_heap_size_bytes": self._options.max_heap,
                    },
                },
            ],
            "actions": [
                {"name": name, "triggers": [{"name": _HEAP, "threshold": {"value": part}}]}
                for name, part in _OVER_HEAP
            ],
        }
        (listener,) = config["static_resources"]["listeners"]
        listener["enable_reuse_port"] = self._options.workers > 1
        listener["per_connection_buffer_limit_bytes"] = 256 * 1024
        for chain in listener["filter_chains"]:
            self._harden(chain["filters"][-1]["typed_config"])
            if self._options.secrets is not None:
                self._secure(chain["transport_socket"]["typed_config"], self._options.secrets)
        return config

    def _secure(self, tls: dict[str, Any], secrets: Path) -> None:
        """Has the files followed that `Certificates` writes, in place of those that were named."""

        def secret(name: str) -> dict[str, Any]:
            source = {"path": str(secrets / f"{name}.json")}
            return {
                "name": name,
                "sds_config": {"path_config_source": source, "resource_api_version": "V3"},
            }

        common = tls["common_tls_context"]
        del common["tls_certificates"]
        common["tls_certificate_sds_secret_configs"] = [secret("server")]
        if common.pop("validation_context", None) is not None:
            common["validation_context_sds_secret_config"] = secret("clients")

    def _harden(self, http: dict[str, Any]) -> None:
        options = self._options
        http["http_filters"].insert(0, _PATH_FILTER)
        http["stream_idle_timeout"] = f"{options.idle_timeout}s"
        http["request_timeout"] = f"{options.request_timeout}s"
        http["request_headers_timeout"] = f"{options.headers_timeout}s"
        http["drain_timeout"] = f"{DRAIN_SECONDS}s"
        http["common_http_protocol_options"] = {
            "idle_timeout": f"{2 * options.idle_timeout}s",
            "max_headers_count": 2 * request_head.MAX_HEADERS,
        }
        # Over HTTP/2 nobody is told why a head is too large for Envoy: the application is, up to twice its own limit.
        http["max_request_headers_kb"] = 2 * request_head.MAX_BYTES // 1024
        # Some health checks still speak it, and name no host.
        http["http_protocol_options"] = {
            "accept_http_10": True,
            "default_host_for_http_10": "localhost",
        }
        http["http2_protocol_options"] = {
            "max_concurrent_streams": options.max_streams,
            "initial_stream_window_size": 64 * 1024,
            "initial_connection_window_size": 1024 * 1024,
            "custom_settings_parameters": [{"identifier": 6, "value": request_head.MAX_BYTES}],
        }
        http["server_header_transformation"] = "PASS_THROUGH"
        http["use_remote_address"] = True
        # It would append this machine's address where the caller is a proxy on the same one.
        http["skip_xff_append"] = True
        http["preserve_external_request_id"] = True
        http["forward_client_cert_details"] = "SANITIZE"

    async def start_drain(self) -> None:
        """Tells every client to go elsewhere; those that come nevertheless are let in, and told again."""
        await asyncio.to_thread(self._admin, "POST", "/drain_listeners?graceful&skip_exit")

    async def stop_listening(self) -> None:
        """Lets nobody in any more."""
        await asyncio.to_thread(self._admin, "POST", "/drain_listeners")

    async def serves(self, serial_number: str) -> bool:
        """Whether new connections get the certificate with this serial number."""
        told = json.loads(await asyncio.to_thread(self._admin, "GET", "/certs"))
        return any(
            int(chain["serial_number"], 16) == int(serial_number, 16)
            for certificate in told["certificates"]
            for chain in certificate["cert_chain"]
        )

    async def active(self) -> tuple[int, int]:
        """How many requests run, and how many connections are open."""
        text = await asyncio.to_thread(
            self._admin,
            "GET",
            "/stats?format=json&filter=http.ingress_http.downstream_(rq|cx)_active",
        )
        stats = {
            stat["name"]: stat["value"] for stat in json.loads(text)["stats"] if "name" in stat
        }
        prefix = "http.ingress_http.downstream_"
        return int(stats.get(f"{prefix}rq_active", 0)), int(stats.get(f"{prefix}cx_active", 0))

    def _admin(self, method: str, path: str) -> bytes:
        if self._admin_address is None:
            raise ConnectionError("the process has not told its admin address")
        host, _, port = self._admin_address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=_ADMIN_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path)
            return connection.getresponse().read()
