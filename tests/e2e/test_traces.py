"""What the server tells an OpenTelemetry collector, which really receives it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orgplane
import pytest
from collector import (
    CLIENT,
    SERVER,
    Collector,
    Span,
    grpc_collector,
    http_collector,
    silent_collector,
)
from processes import Organization, Server, create_organization, sqlite_url
from prometheus_client.openmetrics.parser import text_string_to_metric_families as families
from scrape import address

GET_USER = "gitpod.v1.UserService/GetAuthenticatedUser"
GET_CONFIGURATION = "gitpod.v1.OrganizationService/GetSCIMConfiguration"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with http_collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def folder(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("traced")


@pytest.fixture(scope="module")
def server(collector: Collector, folder: Path) -> Iterator[Server]:
    with Server(
        *("--database-url", sqlite_url(folder), "--workers", "2", "--log-format", "json"),
        *("--metrics-listen", "127.0.0.1:0"),
        **collector.variables,
    ) as server:
        yield server


@pytest.fixture(scope="module")
def organization(server: Server, folder: Path) -> Organization:
    return create_organization(sqlite_url(folder))


def curl(server: Server, path: str, *arguments: str) -> None:
    subprocess.run(["curl", "-s", *arguments, server.url + path], capture_output=True, check=True)


@pytest.mark.parametrize("protocol", ["connect", "grpc", "grpc-web"])
def test_an_rpc_is_a_span_that_goes_on_with_the_callers_trace(
    server: Server, collector: Collector, organization: Organization, protocol: str
) -> None:
    trace = f"{TRACE[:-2]}{len(protocol):02}"

    class Traced:
        def on_start_sync(self, context: object) -> None:
            context.request_headers["traceparent"] = f"00-{trace}-{PARENT}-01"  # type: ignore[attr-defined]

        def on_end_sync(self, token: None, context: object, error: Exception | None) -> None:
            pass

    with orgplane.Client(
        url=server.url,
        token=organization.token,
        protocol=protocol,  # type: ignore[arg-type]
        interceptors=[Traced()],
    ) as client:
        client.users.get_authenticated_user()
        with pytest.raises(orgplane.NotFoundError):
            client.organizations.scim_configurations.retrieve(
                scim_configuration_id=organization.user_id
            )
    good, bad = (
        collector.requests_of(name, trace=trace)[0] for name in (GET_USER, GET_CONFIGURATION)
    )
    assert good.kind == bad.kind == SERVER
    assert good.parent == bad.parent == PARENT
    assert not good.failed
    assert not bad.failed  # whoever asks for what is not there has made the mistake
    told = good.attributes
    assert told["rpc.method"] == GET_USER
    assert told["rpc.service"] == "gitpod.v1.UserService"
    assert told["orgplane.organization.id"] == organization.organization_id
    if protocol == "connect":
        assert told["rpc.system.name"] == "connectrpc"
        assert told["rpc.response.status_code"] == "ok"
        assert bad.attributes["rpc.response.status_code"] == "not_found"
    else:
        assert told["rpc.system.name"] == "grpc"
        assert told["rpc.grpc.status_code"] == 0
        assert bad.attributes["rpc.response.status_code"] == "NOT_FOUND"
        assert bad.attributes["rpc.grpc.status_code"] == 5
    asking = "read ScimConfigurations.get"
    (read,) = collector.awaited(lambda span: (span.parent, span.name) == (bad.span_id, asking))
    assert read.kind == CLIENT
    assert read.attributes == {
        "db.system.name": "sqlite",
        "db.operation.name": "read",
        "code.function.name": "orgplane_server.usecases.scim_configuration.ScimConfigurations.get",
    }
    assert read.events == ["begun"]
    assert not read.failed


def test_scim_and_pages_are_spans_by_their_routes_and_no_word_of_the_callers_is_a_name(
    server: Server, collector: Collector, organization: Organization
) -> None:
    for path in (
        f"/scim/v2/Users/{organization.user_id}",
        "/login/sso/not-an-id",
        "/not-served",
        "/not.Served/Here",
        "/healthz",
    ):
        curl(server, path, "-H", f"traceparent: {TRACEPARENT}")
    curl(server, "/login", "-H", "traceparent: nonsense")
    (scim,) = collector.requests_of("GET /scim/v2/Users/{id}")
    (page,) = collector.requests_of("GET /login/sso/", trace=TRACE)
    (begun,) = collector.requests_of("GET /login")
    nowhere = collector.requests_of("connectrpc", count=2)
    assert scim.attributes["http.route"] == "/scim/v2/Users/{id}"
    assert scim.attributes["http.response.status_code"] == 401
    assert page.attributes["http.request.method"] == "GET"
    assert scim.trace_id == page.trace_id == TRACE
    assert begun.trace_id != TRACE
    assert not begun.parent
    for span in (scim, page, begun, *nowhere):
        assert not span.failed
        told = repr((span.name, span.attributes))
        for word in (organization.user_id, "not-", "not.", "nonsense"):
            assert word not in told
    assert not [span for span in collector.spans if "health" in repr(span)]


def test_each_worker_is_an_instance_of_the_service(
    server: Server, collector: Collector, organization: Organization
) -> None:
    def instances(spans: list[Span]) -> set[str]:
        return {span.resource["service.instance.id"] for span in spans}

    for _ in range(200):  # connections go to either worker
        curl(server, "/login")
        if len(instances(collector.spans)) == 2:
            break
    else:
        pytest.fail("one worker has told nothing")
    for span in collector.spans:
        assert span.resource["service.name"] == "orgplane-server"
        assert span.resource["service.version"]


def test_a_bucket_of_the_metrics_names_a_trace(server: Server, collector: Collector) -> None:
    metrics = address(server)
    for flags, trace in (("01", f"1{TRACE[1:]}"), ("00", f"2{TRACE[1:]}")):
        curl(server, "/login/sso/none", "-H", f"traceparent: 00-{trace}-{PARENT}-{flags}")
    (span,) = collector.requests_of("GET /login/sso/", trace=f"1{TRACE[1:]}")
    text = subprocess.run(
        ["curl", "-s", "-H", "accept: application/openmetrics-text", metrics],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told = [
        sample.exemplar.labels
        for family in families(text)
        for sample in family.samples
        if sample.exemplar and sample.labels["method"] == "/login/sso/"
    ]
    assert {"trace_id": span.trace_id, "span_id": span.span_id} in told
    assert f"2{TRACE[1:]}" not in text  # whoever calls does not want it to be kept


def test_lines_of_the_log_name_the_trace(server: Server, collector: Collector) -> None:
    trace = TRACE[::-1]
    curl(server, "/login", "-H", f"traceparent: 00-{trace}-{PARENT}-01")
    (span,) = collector.requests_of("GET /login", trace=trace)
    while trace not in (line := server.stderr.next() or ""):
        pass
    told = json.loads(line)
    assert told["event"] == "call"
    assert (told["trace_id"], told["span_id"]) == (trace, span.span_id)


def test_a_collector_that_does_not_take_spans_is_told_of_once_and_again_when_it_does(
    tmp_path: Path,
) -> None:
    with (
        grpc_collector() as collector,
        Server(
            *("--database-url", sqlite_url(tmp_path)),
            **collector.variables,
            OTEL_EXPORTER_OTLP_TIMEOUT="0.05",
            OTEL_RESOURCE_ATTRIBUTES="service.instance.id=one",
            OTEL_SERVICE_NAME="mine",
        ) as server,
    ):
        collector.refusing = True
        while collector.requests < 5:
            curl(server, "/login")
        collector.refusing = False
        while not collector.spans:
            curl(server, "/login")
        assert collector.spans[0].resource["service.name"] == "mine"
        assert collector.spans[0].resource["service.instance.id"] == "one"
        assert server.stop() == 0
        warnings = [line for line in server.stderr.rest() if "traces are" in line]
    assert len(warnings) == 2
    assert "traces are not taken by the collector" in warnings[0]
    assert "UNAVAILABLE" in warnings[0]
    assert "traces are taken by the collector again" in warnings[1]


def test_a_collector_that_never_answers_holds_up_no_end(tmp_path: Path) -> None:
    with (
        silent_collector() as variables,
        Server(
            *("--database-url", sqlite_url(tmp_path)),
            **variables,
            OTEL_EXPORTER_OTLP_TIMEOUT="3600",
        ) as server,
    ):
        for _ in range(20):
            curl(server, "/login")
        server.signal(signal.SIGTERM)
        assert (
            server.process.wait(25) == 0
        )  # 3 seconds for the collector; the SDK by itself takes 30
        lines = server.stderr.rest()
    assert len([line for line in lines if "traces are not taken" in line]) == 1
    assert not [line for line in lines if "Traceback" in line]
