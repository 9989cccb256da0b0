"""What the command tells Prometheus, of all its processes together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orgplane
import pytest
from cryptography import x509
from processes import (
    PATIENCE,
    Organization,
    Server,
    create_organization,
    eventually,
    run,
    sqlite_url,
)
from scrape import COUNT, Samples, address, scrape, sum_of

REFUSED = "orgplane_refused_by_limit_total"
GET_USER = "gitpod.v1.UserService/GetAuthenticatedUser"


@pytest.fixture(params=[1, 2], ids=["1 worker", "2 workers"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with Server(
        *("--database-url", sqlite_url(tmp_path), "--workers", str(request.param)),
        *("--metrics-listen", "127.0.0.1:0"),
    ) as server:
        yield server


@pytest.fixture
def organization(server: Server, tmp_path: Path) -> Organization:
    return create_organization(sqlite_url(tmp_path))


@pytest.fixture
def metrics(server: Server) -> str:
    return address(server)


def workers(samples: Samples) -> set[str]:
    """Those that answer."""
    return {
        dict(labels)["worker"]
        for (name, labels), value in samples.items()
        if name == "orgplane_worker_up" and value == 1
    }


def processes(samples: Samples) -> set[str]:
    return {
        dict(labels)["worker"]
        for name, labels in samples
        if name == "process_resident_memory_bytes"
    }


def test_calls_of_every_kind_are_counted_without_a_word_of_the_callers(
    server: Server, metrics: str, organization: Organization
) -> None:
    for protocol in ("connect", "grpc", "grpc-web"):
        with orgplane.Client(url=server.url, token=organization.token, protocol=protocol) as client:
            client.users.get_authenticated_user()
    for path in (
        "/scim/v2/Users",
        f"/scim/v2/Users/{organization.user_id}",
        "/healthz",
        "/not-served",
        "/metrics",
        "/not.Served/Here",
        "/api/gitpod.v1.UserService/GetAuthenticatedUser",
    ):
        server.status(path)
    samples = scrape(metrics)
    for protocol in ("connect", "grpc", "grpc_web"):
        labels = {"method": GET_USER, "protocol": protocol, "code": "ok"}
        assert sum_of(samples, COUNT, **labels) == 1
        assert sum_of(samples, f"{COUNT.removesuffix('count')}bucket", le="+Inf", **labels) == 1
    for labels in (
        {"method": "GET /Users", "protocol": "scim", "code": "401"},
        {"method": "GET /Users/{id}", "protocol": "scim", "code": "401"},
        {"method": "/healthz", "protocol": "http", "code": "200"},
    ):
        assert sum_of(samples, COUNT, **labels) == 1, labels
    assert sum_of(samples, COUNT, method=GET_USER) == 4  # one was no POST
    assert sum_of(samples, COUNT, method="other", code="unimplemented") == 3
    assert sum_of(samples, COUNT) == 10
    assert sum_of(samples, "orgplane_requests_in_flight") == 0
    assert processes(samples) == workers(samples)
    assert sum_of(samples, "orgplane_transaction_changes_count") >= 1  # the token's use is noted
    assert sum_of(samples, "orgplane_scim_configurations", status="enabled") == 0
    assert ("orgplane_scim_configurations", frozenset({("status", "enabled")})) in samples
    assert sum_of(samples, "orgplane_build_info") == 1
    names = {name for name, _ in samples}
    for name in ("sign_ins_total", "queries_waiting", "database_wal_bytes", "domains"):
        assert f"orgplane_{name}" in names
    assert sum_of(samples, "orgplane_database_wal_bytes") > 0
    limits = {dict(labels)["limit"] for name, labels in samples if name == REFUSED}
    assert {
        "failed tokens",
        "requests with a credential",
        "calls waiting for the database",
    } <= limits
    told = repr(samples)
    for secret in (organization.organization_id, organization.user_id, "not-served", "not.Served"):
        assert secret not in told


def test_nothing_that_was_counted_is_lost_with_a_worker(
    server: Server, metrics: str, organization: Organization
) -> None:
    def call() -> None:
        with orgplane.Client(url=server.url, token=organization.token) as client:
            client.users.get_authenticated_user()

    for _ in range(5):
        call()
    before = scrape(metrics)
    assert sum_of(before, COUNT, method=GET_USER) == 5
    started = sum_of(before, "process_start_time_seconds")
    told = subprocess.run(
        ["ss", "-Hltnp", f"sport = :{server.port}"], capture_output=True, text=True, check=True
    ).stdout
    os.kill(int(told.partition("pid=")[2].partition(",")[0]), signal.SIGKILL)
    seen = [before]

    def replaced() -> bool:
        seen.append(scrape(metrics))
        new = sum_of(seen[-1], "process_start_time_seconds") > started
        return new and workers(seen[-1]) == workers(before)

    eventually(replaced)
    call()
    seen.append(scrape(metrics))
    counts = [sum_of(samples, COUNT, method=GET_USER) for samples in seen]
    assert counts == sorted(counts)
    assert counts[-1] == 6
    assert sum_of(seen[-1], "orgplane_worker_starts_total") == len(workers(before)) + 1


def test_only_metrics_are_served_there_and_only_to_be_read(
    certificates: Path, tmp_path: Path
) -> None:
    def status(url: str, method: str) -> int:
        try:
            with urlopen(Request(url, method=method), timeout=PATIENCE) as answer:
                assert answer.read() == b"" or method == "GET"
                return int(answer.status)
        except HTTPError as error:
            return error.code

    cert, key = certificates / "server.pem", certificates / "server.key"
    with Server(
        *("--database-url", sqlite_url(tmp_path), "--metrics-listen", "127.0.0.1:0"),
        *("--tls-cert", str(cert), "--tls-key", str(key)),
    ) as server:
        metrics = address(server)
        assert status(metrics, "HEAD") == 200
        assert status(metrics, "POST") == 405
        assert status(metrics + "/more", "GET") == 404
        assert status(metrics.removesuffix("metrics"), "GET") == 404
        leaf = x509.load_pem_x509_certificates(cert.read_bytes())[0]
        ends = sum_of(scrape(metrics), "orgplane_certificate_end_timestamp_seconds")
        assert ends == leaf.not_valid_after_utc.timestamp()


def test_an_address_that_is_taken_is_told_in_a_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        done = run(
            *("serve", "--database-url", sqlite_url(tmp_path), "--listen", "127.0.0.1:0"),
            *("--metrics-listen", taken),
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"orgplane-server: cannot serve metrics on {taken} ")
    assert len(done.stderr.splitlines()) == 1
