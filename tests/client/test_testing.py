"""`orgplane.testing`, as the test suites of other people use it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orgplane
import orgplane.testing
import processes
import pytest

#: Somebody's project: a program of theirs and its tests.
PROJECT = {
    "pause.py": """
import orgplane


def pause(client: orgplane.Client, id: str) -> bool:
    answer = client.organizations.scim_configurations.update(
        scim_configuration_id=id, enabled=False
    )
    return not answer.scim_configuration.enabled
""",
    "conftest.py": 'pytest_plugins = ["orgplane.testing"]\n',
    "pyproject.toml": '[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n',
    "test_pause.py": """
import asyncio

import orgplane
import pytest
from pause import pause


def test_pausing(orgplane_organization):
    organizations = orgplane_organization.client.organizations
    sso = organizations.sso_configurations.create(
        organization_id=orgplane_organization.organization_id,
        client_id="c", client_secret="s", issuer_url="https://idp.example",
    ).sso_configuration
    scim = organizations.scim_configurations.create(
        organization_id=orgplane_organization.organization_id, sso_configuration_id=sso.id
    ).scim_configuration
    assert pause(orgplane_organization.client, scim.id)


def test_nothing_is_left_of_other_tests(orgplane_organization):
    assert list(orgplane_organization.client.organizations.scim_configurations.list()) == []


def test_the_server_has_an_organization_to_begin_with(orgplane_server):
    identity = orgplane_server.client.identity.get_authenticated_identity()
    assert identity.organization_id == orgplane_server.organization_id
    assert identity.subject.id == orgplane_server.user_id
    with orgplane.Client(url=orgplane_server.url, token=orgplane_server.token) as client:
        assert client.users.get_authenticated_user().user.email == "admin@acme.example"


def test_async(orgplane_server):
    async def whose():
        async with orgplane_server.async_client() as client:
            return (await client.identity.get_authenticated_identity()).organization_id

    assert asyncio.run(whose()) == orgplane_server.organization_id


def test_a_failed_call_is_in_the_log(orgplane_server):
    with pytest.raises(orgplane.InvalidArgumentError) as caught:
        pause(orgplane_server.client, "no-uuid")
    while caught.value.request_id not in orgplane_server.log:  # a moment after the answer
        pass
""",
}


def test_it_serves_a_project_of_its_own(tmp_path: Path) -> None:
    for name, text in PROJECT.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"],
        cwd=tmp_path,
        env=processes.environment(ORGPLANE_URL="http://127.0.0.1:1", TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
    )
    assert "5 passed" in done.stdout, done.stdout + done.stderr
    assert not list(tmp_path.glob("orgplane-testing-*"))


def test_without_the_server_it_says_what_to_install(tmp_path: Path) -> None:
    """As in an environment with the client alone."""
    (tmp_path / "conftest.py").write_text(PROJECT["conftest.py"])
    (tmp_path / "test_it.py").write_text("def test_it(orgplane_server): ...\n")
    (tmp_path / "alone.py").write_text(
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: "
        "None if name == 'orgplane_server' else find(name, *rest)\n"
        "import pytest\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))\n"
    )
    done = subprocess.run(
        [sys.executable, "alone.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "pip install 'orgplane[testing]'" in done.stdout


def test_it_works_without_pytest_and_leaves_nothing_behind(tmp_path: Path) -> None:
    script = """
import os, sys
sys.modules["pytest"] = None
import orgplane.testing
with orgplane.testing.Server() as server:
    print(server.client.users.get_authenticated_user().user.id == server.user_id)
    other = server.create_organization("Globex")
    print(other.organization_id != server.organization_id, other.token in repr(other))
    print(os.listdir(os.environ["TMPDIR"]) != [])
    process = server._process
print(process.poll(), os.listdir(os.environ["TMPDIR"]))
server.close()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["True", "True False", "True", "0 []"], done.stderr
    assert done.stderr == ""


def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        orgplane.testing.Server, "_command", lambda *_: [sys.executable, "-c", "1/0"]
    )
    with pytest.raises(orgplane.testing.ServerError, match="ZeroDivisionError"):
        orgplane.testing.Server()


def test_its_errors_are_of_the_client() -> None:
    assert issubclass(orgplane.testing.ServerError, orgplane.OrgplaneError)
