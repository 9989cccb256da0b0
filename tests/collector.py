"""A collector of OpenTelemetry's: takes spans by OTLP, over HTTP or gRPC, and keeps them."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Told
from processes import eventually

SERVER, CLIENT = Told.SpanKind.SPAN_KIND_SERVER, Told.SpanKind.SPAN_KIND_CLIENT
ERROR = 2


@dataclass(frozen=True)
class Span:
    """As it came; ids in hexadecimal digits, `resource` is of what it is."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent: str
    attributes: dict[str, Any]
    failed: bool
    events: list[str]
    resource: dict[str, Any] = field(repr=False)


class Collector:
    """`refusing` answers 503 to all; `variables` send spans here soon."""

    def __init__(self, endpoint: str, protocol: str) -> None:
        self.refusing = False
        self.requests = 0
        self._spans: list[Span] = []
        self._lock = threading.Lock()
        self.variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_BSP_SCHEDULE_DELAY": "20",
        }

    def take(self, request: ExportTraceServiceRequest) -> bool:
        with self._lock:
            self.requests += 1
            if not self.refusing:
                self._spans += _spans(request)
            return not self.refusing

    @property
    def spans(self) -> list[Span]:
        with self._lock:
            return list(self._spans)

    def awaited(self, wanted: Callable[[Span], bool], count: int = 1) -> list[Span]:
        """So many spans, once they have come."""
        found: list[Span] = []

        def have_come() -> bool:
            found[:] = [span for span in self.spans if wanted(span)]
            return len(found) >= count

        eventually(have_come)
        return found

    def requests_of(self, name: str, *, trace: str = "", count: int = 1) -> list[Span]:
        """So many spans of requests with this name, once they have come; of this trace, if one is named."""
        return self.awaited(
            lambda span: (span.name, span.kind) == (name, SERVER) and trace in ("", span.trace_id),
            count,
        )

    def below(self, parent: Span, count: int = 1) -> list[Span]:
        """So many spans that are part of this one, once they have come."""
        return self.awaited(lambda span: span.parent == parent.span_id, count)


@contextlib.contextmanager
def http_collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            taken = collector.take(ExportTraceServiceRequest.FromString(body))
            self.send_response(200 if taken else 503)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}", "http/protobuf")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def grpc_collector() -> Iterator[Collector]:
    class Servicer(TraceServiceServicer):  # type: ignore[misc, unused-ignore]
        def Export(self, request: Any, context: Any) -> ExportTraceServiceResponse:  # noqa: N802
            if not collector.take(request):
                context.abort(grpc.StatusCode.UNAVAILABLE, "refusing")
            return ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(Servicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    collector = Collector(f"http://127.0.0.1:{port}", "grpc")
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()


@contextlib.contextmanager
def silent_collector() -> Iterator[dict[str, str]]:
    """The variables of one that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield Collector(endpoint, "http/protobuf").variables


def _spans(request: ExportTraceServiceRequest) -> Iterator[Span]:
    for of_resource in request.resource_spans:
        resource = _attributes(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield Span(
                    span.name,
                    span.kind,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    _attributes(span.attributes),
                    span.status.code == ERROR,
                    [event.name for event in span.events],
                    resource,
                )


def _attributes(pairs: Any) -> dict[str, Any]:
    def value(of: AnyValue) -> Any:
        return getattr(of, of.WhichOneof("value"))

    return {each.key: value(each.value) for each in pairs}
