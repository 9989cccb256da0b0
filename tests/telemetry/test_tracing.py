"""What a request asks of the database and of others is part of its trace, over both databases; a real collector receives it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from collector import CLIENT, Collector, http_collector
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.errors import NotFound, Unavailable
from orgplane_server.outbound.answer import NotFetched
from orgplane_server.settings import traces_protocol
from orgplane_server.store.engine.database import Connection
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.telemetry.call import Call, current_call
from orgplane_server.telemetry.tracing import NotTraced, Tracing

METHOD = "acme.v1.Things/GetThing"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as collector:
        yield collector


@pytest.fixture
async def tracing(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tracing]:
    for name, value in collector.variables.items():
        monkeypatch.setenv(name, value)
    async with contextlib.aclosing(Tracing("http/protobuf")) as tracing:
        yield tracing


async def serve(tracing: Tracing, work: Callable[[], Awaitable[Any]], code: str = "ok") -> None:
    """Does this for an RPC with such an outcome."""

    async def application(*_: Any) -> None:
        call = Call("request-1", "192.0.2.1:5", METHOD, "connect")
        call.route, call.code = METHOD, code
        current_call.set(call)
        await work()

    async def nothing(*_: Any) -> dict[str, Any]:
        return {}

    scope = {"path": f"/{METHOD}", "method": "POST", "headers": []}
    await tracing.requests(application)(scope, nothing, nothing)


def answer(connection: Connection) -> int:
    return int(connection.execute(sa.text("SELECT 41 + 1")).scalar_one())


def refuse(unit: UnitOfWork) -> None:
    raise NotFound("there is no secret-id")


def fail(connection: Connection) -> None:
    raise Unavailable("the disk is full")


async def test_what_is_asked_of_the_database_is_below_the_request(
    tracing: Tracing, collector: Collector, database_url: str
) -> None:
    database = tracing.open_database(database_url, connections=3)

    async def work() -> None:
        assert await database.read(answer) == 42
        assert await database.write(lambda unit: answer(unit.connection)) == 42
        with pytest.raises(NotFound):
            await database.write(refuse)
        with pytest.raises(Unavailable):
            await database.read(fail)

    await database.read(answer)  # nobody's request
    await serve(tracing, work)
    await database.aclose()
    (request,) = collector.requests_of(METHOD)
    below = collector.below(request, 4)
    read, wrote, refused, failed = below
    assert [span.name for span in below] == [
        "read answer",
        "write test_what_is_asked_of_the_database_is_below_the_request",
        "write refuse",
        "read fail",
    ]
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    for span in below:
        assert span.kind == CLIENT
        assert span.trace_id == request.trace_id
        assert span.attributes["db.system.name"] == kind
        assert span.events == ["begun"]
        assert "secret" not in repr(span)
    assert read.attributes["db.operation.name"] == "read"
    assert wrote.attributes["db.operation.name"] == "write"
    assert not refused.failed  # it is the caller's mistake
    assert failed.failed
    assert len(collector.spans) == 5


async def test_what_is_asked_of_others_is_below_the_request_without_what_it_was(
    tracing: Tracing, collector: Collector
) -> None:
    here = tracing.fetcher(AllowedHosts(loopback=True), authorities=None, proxy="")
    endpoint = collector.variables["OTEL_EXPORTER_OTLP_ENDPOINT"]

    async def work() -> None:
        assert (await here.fetch(f"{endpoint}/path?code=secret")).status == 501
        with pytest.raises(NotFetched):
            await here.fetch("https://10.0.0.1/path?code=secret", method="POST", body=b"secret")

    with contextlib.closing(here):
        await serve(tracing, work)
    (request,) = collector.requests_of(METHOD)
    asked, refused = collector.below(request, 2)
    assert (asked.name, asked.kind) == ("GET", CLIENT)
    assert asked.attributes["server.address"] == "127.0.0.1"
    assert asked.attributes["http.response.status_code"] == 501
    assert asked.failed
    assert refused.attributes == {
        "http.request.method": "POST",
        "server.address": "10.0.0.1",
        "server.port": 443,
        "error.type": "not_fetched",
    }
    assert refused.failed
    assert "secret" not in repr(collector.spans)


@pytest.mark.parametrize(
    ("code", "failed"),
    [
        *((code, True) for code in ("internal", "unavailable", "deadline_exceeded", "data_loss")),
        *((code, False) for code in ("ok", "canceled", "", "unauthenticated", "unimplemented")),
        *((code, False) for code in ("invalid_argument", "resource_exhausted", "unknown")),
    ],
)
async def test_a_callers_mistake_is_none_of_the_servers(
    tracing: Tracing, collector: Collector, code: str, failed: bool
) -> None:
    async def nothing() -> None: ...

    await serve(tracing, nothing, code)
    (request,) = collector.requests_of(METHOD)
    assert request.failed == failed
    assert request.attributes["rpc.response.status_code"] == (code or "canceled")
    assert request.attributes.get("error.type") == (code if failed else None)


HERE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("variables", "protocol"),
    [
        ({}, None),
        ({"OTEL_SERVICE_NAME": "orgplane"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, None),
        (HERE, "http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1/traces"}, "http/protobuf"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "http/protobuf"),
        (HERE | {"OTEL_TRACES_EXPORTER": "none"}, None),
        (HERE | {"OTEL_SDK_DISABLED": "TRUE"}, None),
        (HERE | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "grpc"),
        (
            HERE
            | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
            | {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"},
            "http/protobuf",
        ),
    ],
)
def test_opentelemetrys_own_variables_ask_for_traces(
    variables: Mapping[str, str], protocol: str | None
) -> None:
    assert traces_protocol(variables) == protocol


def test_a_protocol_that_is_none_is_told() -> None:
    with pytest.raises(NotTraced, match="'http/xml' is not known"):
        Tracing("http/xml")


def test_opentelemetry_is_not_loaded_unless_it_is_asked_for() -> None:
    code = """
import asyncio, sys
from orgplane_server.app.asgi import application

async def serve():
    told = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive():
        return {"type": next(told)}

    async def send(message):
        print(message["type"], {"opentelemetry", "requests"} & set(sys.modules))

    await application({"type": "lifespan"}, receive, send)

asyncio.run(serve())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"ORGPLANE_DATABASE_URL": "sqlite://"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "lifespan.startup.complete set()",
        "lifespan.shutdown.complete set()",
    ], done.stderr
