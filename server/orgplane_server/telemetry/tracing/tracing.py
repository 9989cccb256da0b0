from __future__ import annotations

import asyncio
import importlib
import threading
from importlib import metadata
from pathlib import Path

import structlog
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from ...domain.destination import AllowedHosts
from ...outbound.fetcher import Fetcher
from ...store.engine import DEFAULT_CONNECTIONS
from ...store.engine.database import Database
from .database import TracedDatabase
from .export import Export, heed
from .fetcher import TracedFetcher
from .requests import Application, TracedRequests

_EXPORTERS = {
    "http/protobuf": "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "grpc": "opentelemetry.exporter.otlp.proto.grpc.trace_exporter",
}
#: What a collector gets for what is left when the process ends. The SDK would wait up to 30 for one that is away.
_SECONDS = 3.0

log = structlog.get_logger(__name__)


class NotTraced(Exception):
    """No span can be made or sent; the text says why."""


class Tracing:
    """Spans of one process: of requests, and within those of what they ask of the database and of others.

    OpenTelemetry's own variables say where they are sent, which of them, and of what service they are.
    """

    def __init__(self, protocol: str, worker: int = 0, workers: int = 1) -> None:
        """`protocol` is one of OTLP's, as these variables name it. Raises NotTraced."""
        if protocol not in _EXPORTERS:
            raise NotTraced(f"the OTLP protocol {protocol!r} is not known")
        try:
            exporter = importlib.import_module(_EXPORTERS[protocol]).OTLPSpanExporter()
        except ImportError:
            raise NotTraced(f"the exporter for {protocol} is not installed") from None
        except Exception as error:  # it reads variables, and files that they name
            raise NotTraced(f"the exporter cannot be made: {error}") from None
        self._export = Export(exporter)
        self._provider = TracerProvider(resource=_resource(worker, workers), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._export))
        self._tracer = self._provider.get_tracer("orgplane_server", _version())
        heed(self._export)

    def requests(self, application: Application) -> Application:
        """The application, each of whose requests is a span."""
        return TracedRequests(application, self._tracer)

    def open_database(
        self, url: str, connections: int = DEFAULT_CONNECTIONS, *, migrated: bool = True
    ) -> Database:
        """As `Database.open`."""
        database = TracedDatabase.open(url, connections, migrated=migrated)
        assert isinstance(database, TracedDatabase)
        database.tracer = self._tracer
        return database

    def fetcher(self, allowed: AllowedHosts, *, authorities: Path | None, proxy: str) -> Fetcher:
        """As `Fetcher`."""
        fetcher = TracedFetcher(allowed, authorities=authorities, proxy=proxy)
        fetcher.tracer = self._tracer
        return fetcher

    async def aclose(self) -> None:
        """Sends what is left, within three seconds."""
        # Not of the loop's own threads, whose end is waited for.
        ending = threading.Thread(target=self._provider.shutdown, name="traces-end", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, _SECONDS)
        if ending.is_alive():
            self._export.give_up()


def _resource(worker: int, workers: int) -> Resource:
    """What the variables say of the service, and what they leave out. Each of several workers is an instance of it."""
    resource = Resource.create({SERVICE_VERSION: _version()})
    own: dict[str, str] = {}
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        own[SERVICE_NAME] = "orgplane-server"
    given = resource.attributes.get(SERVICE_INSTANCE_ID)
    if given is not None and workers > 1:
        own[SERVICE_INSTANCE_ID] = f"{given}/{worker}"
    return resource.merge(Resource(own))


def _version() -> str:
    return metadata.version("orgplane-server")
