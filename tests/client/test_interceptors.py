"""What people hang into a client: tracing and logging, through the RPC library's own interceptors."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

import orgplane
import pytest
from connectrpc.errors import ConnectError
from connectrpc.request import RequestContext
from connectrpc_otel import OpenTelemetryInterceptor
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from orgplane.testing import Server

Call = Callable[..., Any]


class LogCalls:
    """As the README shows it, for either client."""

    def on_start_sync(self, context: RequestContext[Any, Any]) -> None:
        pass

    def on_end_sync(
        self, token: None, context: RequestContext[Any, Any], error: Exception | None
    ) -> None:
        status = error.code.value if isinstance(error, ConnectError) else "ok"
        logging.getLogger("orgplane.calls").info("%s %s", context.method.name, status)

    async def on_start(self, context: RequestContext[Any, Any]) -> None:
        pass

    async def on_end(
        self, token: None, context: RequestContext[Any, Any], error: Exception | None
    ) -> None:
        self.on_end_sync(token, context, error)


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, orgplane_server: Server) -> Call:
    """Asks for a SCIM configuration with a client of these interceptors."""
    kind = orgplane.Client if request.param == "sync" else orgplane.AsyncClient

    async def call(id: str | None, *interceptors: Any, protocol: str = "connect") -> None:
        client: Any = kind(
            url=orgplane_server.url,
            token=orgplane_server.token,
            protocol=protocol,  # type: ignore[arg-type]
            interceptors=interceptors,
        )
        try:
            answer = (
                client.users.get_authenticated_user()
                if id is None
                else client.organizations.scim_configurations.retrieve(scim_configuration_id=id)
            )
            await answer if inspect.isawaitable(answer) else answer
        finally:
            closing = client.close()
            await closing if inspect.isawaitable(closing) else closing

    return call


async def test_calls_can_be_logged(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "orgplane.calls")
    await call(None, LogCalls())
    with pytest.raises(orgplane.NotFoundError):
        await call("01a2100b-669a-73af-8a3d-b9cff4261d82", LogCalls())
    assert [record.message for record in caplog.records if record.name == "orgplane.calls"] == [
        "GetAuthenticatedUser ok",
        "GetSCIMConfiguration not_found",
    ]


@pytest.mark.parametrize("protocol", ["connect", "grpc", "grpc-web"])
async def test_calls_can_be_traced(call: Call, protocol: str) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracing = OpenTelemetryInterceptor(tracer_provider=provider, client=True)
    await call(None, tracing, protocol=protocol)
    with pytest.raises(orgplane.NotFoundError):
        await call("01a2100b-669a-73af-8a3d-b9cff4261d82", tracing, protocol=protocol)
    good, bad = spans.get_finished_spans()
    assert good.name == "gitpod.v1.UserService/GetAuthenticatedUser"
    assert good.kind is trace.SpanKind.CLIENT
    assert good.attributes is not None
    assert good.attributes["server.address"] == "127.0.0.1"
    assert bad.attributes is not None
    assert bad.attributes["rpc.response.status_code"] == "not_found"


async def test_the_first_is_outermost(call: Call) -> None:
    seen: list[str] = []

    class Note(LogCalls):
        def __init__(self, name: str) -> None:
            self.name = name

        def on_start_sync(self, context: RequestContext[Any, Any]) -> None:
            seen.append(self.name)

        async def on_start(self, context: RequestContext[Any, Any]) -> None:
            seen.append(self.name)

    await call(None, Note("outer"), Note("inner"))
    assert seen == ["outer", "inner"]


async def test_one_that_would_never_be_called_is_refused(call: Call) -> None:
    class OnStartAlone:
        async def on_start(self, context: RequestContext[Any, Any]) -> None:
            pass

        def on_start_sync(self, context: RequestContext[Any, Any]) -> None:
            pass

    with pytest.raises(orgplane.ConfigurationError, match=r"^interceptors: OnStartAlone "):
        await call(None, OnStartAlone())
