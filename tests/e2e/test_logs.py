"""What a real run writes on stderr, against the schema that is documented."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orgplane
import pytest
from jsonschema import Draft202012Validator
from processes import Server, create_organization, sqlite_url

SCHEMA = Path(__file__).resolve().parents[2] / "docs/operate/log-line.schema.json"
GET_USER = "gitpod.v1.UserService/GetAuthenticatedUser"


def lines_of(server: Server) -> Iterator[dict[str, Any]]:
    """All of them, each as the schema has it."""
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    for line in server.stderr.rest():
        told = json.loads(line)
        validator.validate(told)
        yield told


def curl(server: Server, path: str, *arguments: str) -> None:
    subprocess.run(["curl", "-s", *arguments, server.url + path], capture_output=True, check=True)


def test_every_line_is_as_the_schema_has_it_and_names_whom_it_concerns(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with Server(
        *("--database-url", url, "--log-format", "json", "--failed-tokens-per-minute", "1"),
        *("--metrics-listen", "127.0.0.1:0"),
        *("--public-url", "http://id.example.com", "--trusted-proxies", "192.0.2.1"),
    ) as server:
        organization = create_organization(url)
        metrics = (server.stdout.next() or "").removeprefix("metrics on ")
        for protocol in ("connect", "grpc", "grpc-web"):
            with orgplane.Client(
                url=server.url,
                token=organization.token,
                protocol=protocol,  # type: ignore[arg-type]
            ) as client:
                client.users.get_authenticated_user()
        with orgplane.Client(url=server.url, token=organization.token) as client:
            sso = client.organizations.sso_configurations.create(
                organization_id=organization.organization_id,
                client_id="client",
                client_secret="the-secret",
                issuer_url="https://idp.example",
                email_domain="acme.example",
            ).sso_configuration
            scim = client.organizations.scim_configurations.create(
                organization_id=organization.organization_id, sso_configuration_id=sso.id
            )
        curl(server, "/scim/v2/Users", "-H", f"Authorization: Bearer {scim.token}")
        for _ in range(3):
            curl(server, "/scim/v2/Users", "-H", "Authorization: Bearer wrong")
        for path in ("/healthz", "/readyz", "/login", "/sso/callback/?state=no", "/%22%1b"):
            curl(server, path)
        subprocess.run(["curl", "-s", metrics], capture_output=True, check=True)
        assert server.stop() == 0
        lines = list(lines_of(server))
    calls = [line for line in lines if line["event"] == "call"]
    assert {call["protocol"] for call in calls} == {"connect", "grpc", "grpc-web", "scim", "http"}
    assert not [call for call in calls if call["method"] in ("/healthz", "/readyz", "/metrics")]
    for call in calls:
        if call["method"] == GET_USER or (call["code"] == "200" and call["protocol"] == "scim"):
            assert call["organization"] == organization.organization_id
    assert {"warning", "info"} <= {line["level"] for line in lines}
    for secret in (organization.token, scim.token, "the-secret"):
        assert secret not in repr(lines)


@pytest.mark.parametrize("format", ["json", "text"])
def test_a_level_leaves_out_what_is_below(tmp_path: Path, format: str) -> None:
    with Server(
        *("--database-url", sqlite_url(tmp_path), "--log-format", format),
        *("--log-level", "warning", "--public-url", "http://id.example.com"),
    ) as server:
        curl(server, "/login")
        assert server.stop() == 0
        (line,) = server.stderr.rest()  # nothing of the call
    assert "people sign in by http" in line
