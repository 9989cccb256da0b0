"""Conformance suites that others wrote, against the real server. What they object to is in docs/scim.md, word for word."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import orgplane
import pytest
from processes import PATIENCE, Organization, Server, environment
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server


@pytest.fixture
def token(client: orgplane.Client, organization: Organization, sso_configuration_id: str) -> str:
    """That of a new SCIM configuration."""
    return client.organizations.scim_configurations.create(
        organization_id=organization.organization_id, sso_configuration_id=sso_configuration_id
    ).token


@pytest.fixture
def base_url(server: Server) -> str:
    return f"{server.url}/scim/v2"


@pytest.fixture
def explained(root: Path) -> Callable[[str, str], bool]:
    """Whether the docs say why a check objects as it does."""
    text = (root / "docs" / "scim.md").read_text()
    return lambda check, objection: f"| {check} | {objection} |" in text


def test_scim2_tester(base_url: str, token: str, explained: Callable[[str, str], bool]) -> None:
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=base_url, headers=headers) as http:
        results = check_server(SyncSCIMClient(http))
    problems = [
        f"{result.title}: {result.reason}"
        for result in results
        if result.status is not Status.SUCCESS
        and not explained(result.title, (result.reason or "").partition("\n")[0])
    ]
    assert not problems, "\n".join(problems)
    assert len(results) > 120


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name(command[0]), *command[1:]],
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_scim2_cli(base_url: str, token: str, explained: Callable[[str, str], bool]) -> None:
    done = run(
        *("scim2", "--url", base_url, "test"),
        SCIM_CLI_HEADERS=f"Authorization: Bearer {token}",
    )
    objections = re.findall(
        r"^(?:ERROR|SKIPPED|CRITICAL) (\w+)\n +(.*)$", done.stdout, re.MULTILINE
    )
    assert objections or done.returncode == 0, done.stdout + done.stderr
    assert [each for each in objections if not explained(*each)] == [], done.stdout
    assert done.stdout.count("SUCCESS") > 120, done.stdout + done.stderr


def test_scim_sanity(base_url: str, token: str, explained: Callable[[str, str], bool]) -> None:
    done = run(
        *("scim-sanity", "probe", base_url, "--token", token),
        *("--i-accept-side-effects", "--json-output"),
    )
    report = json.loads(done.stdout)
    red = {
        (result["name"], result["message"])
        for result in report["results"]
        if result["status"] not in ("pass", "skip")
    }
    assert [line for line in red if not explained(*line)] == []
    assert report["summary"]["passed"] >= 25
