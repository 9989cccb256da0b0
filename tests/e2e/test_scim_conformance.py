"""Conformance suites that others wrote, against the real server. What they object to is in docs/scim.md, word for word."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import httpx2
import orgplane
import pytest
from processes import PATIENCE, Organization, Server, environment
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import CheckResult, Status, check_server

#: Searching several resource types at once (RFC 7644 section 3.4.2.1) is not offered; clients are told so by 501.
NOT_OFFERED = (
    "POST /.search: searching several resource types at once is not supported by the server"
)


@pytest.fixture
def token(client: orgplane.Client, organization: Organization, sso_configuration_id: str) -> str:
    """That of a new SCIM configuration."""
    return client.organizations.scim_configurations.create(
        organization_id=organization.organization_id, sso_configuration_id=sso_configuration_id
    ).token


@pytest.fixture
def base_url(server: Server) -> str:
    return f"{server.url}/scim/v2"


def test_scim2_tester(base_url: str, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=base_url, headers=headers) as http:
        results = check_server(SyncSCIMClient(http))
    problems = [f"{result.title}: {result.reason}" for result in results if not well(result)]
    assert not problems, "\n".join(problems)
    assert len(results) > 120


def well(result: CheckResult) -> bool:
    if result.status is Status.SKIPPED:
        return result.reason == NOT_OFFERED
    return result.status is Status.SUCCESS


def run(root: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [root / ".venv/bin" / command[0], *command[1:]],
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_scim2_cli(base_url: str, token: str, root: Path) -> None:
    done = run(
        *(root, "scim2", "--url", base_url, "test"),
        SCIM_CLI_HEADERS=f"Authorization: Bearer {token}",
    )
    said = done.stdout.splitlines()
    verdicts = [(n, line.split()[0]) for n, line in enumerate(said) if re.match("[A-Z]+ ", line)]
    problems = [
        said[n : n + 4]
        for n, verdict in verdicts
        if verdict != "SUCCESS" and NOT_OFFERED not in said[n + 1]
    ]
    assert not problems, problems
    assert len(verdicts) > 120, done.stdout + done.stderr


def test_scim_sanity(base_url: str, token: str, root: Path) -> None:
    done = run(
        *(root, "scim-sanity", "probe", base_url, "--token", token),
        *("--i-accept-side-effects", "--json-output"),
    )
    report = json.loads(done.stdout)
    red = {
        (result["name"], result["message"])
        for result in report["results"]
        if result["status"] not in ("pass", "skip")
    }
    explained = (root / "docs" / "scim.md").read_text()
    assert [line for line in red if f"| {line[0]} | {line[1]} |" not in explained] == []
    assert report["summary"]["passed"] >= 25
