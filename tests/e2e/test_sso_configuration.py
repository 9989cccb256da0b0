"""What an SSO configuration may hold depends on how the server runs: its flags, and its child process."""

from __future__ import annotations

import os
import signal
from importlib.util import find_spec
from pathlib import Path

import orgplane
import pytest
from command_line import CommandLine
from processes import (
    Organization,
    Server,
    children,
    create_organization,
    environment,
    eventually,
    run,
    sqlite_url,
)

compiles = pytest.mark.skipif(
    find_spec("cel_expr_python") is None, reason="cel-expr-python has no wheel for this platform"
)


def create(client: orgplane.Client, organization: Organization, **fields: str) -> str:
    values = {"issuer_url": "https://idp.example", **fields}
    return client.organizations.sso_configurations.create(
        organization_id=organization.organization_id,
        client_id="orgplane",
        client_secret="secret",
        **values,
    ).sso_configuration.id


def compilers(server: Server) -> list[int]:
    """The child processes of the process that serves, ended ones that nobody asked about included."""
    (worker,) = children(server.process.pid)
    return children(worker, unreaped=True)


def is_gone(process: int) -> bool:
    return not Path(f"/proc/{process}").exists()


@compiles
def test_a_server_compiles_in_a_child_of_its_own_that_ends_with_it(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    with (
        Server("--database-url", url) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        create(client, organization)
        assert compilers(server) == []
        create(client, organization, claims_expression="claims.email_verified")
        with pytest.raises(orgplane.InvalidArgumentError) as caught:
            create(client, organization, claims_expression="claims.a == clams.b")
        assert str(caught.value).startswith("claims_expression: line 1, column 18: undeclared")
        (first,) = compilers(server)
        opened = {str(file.readlink()) for file in Path(f"/proc/{first}/fd").iterdir()}
        assert not any("orgplane.db" in name for name in opened)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: first not in compilers(server))
        create(client, organization, claims_expression="true")
        (second,) = compilers(server)
        assert server.stop() == 0
        assert is_gone(second)
        assert server.stderr.rest() is not None


@compiles
def test_a_server_that_is_killed_leaves_no_child(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    with (
        Server("--database-url", url) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        create(client, organization, claims_expression="true")
        (child,) = compilers(server)
        server.process.kill()
        eventually(lambda: is_gone(child))


def test_plain_http_takes_a_word_of_the_operator(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    flag = ("--sso-allowed-hosts", "idp.test:8081,127.0.0.1")
    with (
        Server("--database-url", url, *flag) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        create(client, organization, issuer_url="http://idp.test:8081/realms/acme")
        create(client, organization, issuer_url="http://127.0.0.1:9000")
        with pytest.raises(
            orgplane.InvalidArgumentError, match=r"--sso-allowed-hosts idp\.test:80$"
        ):
            create(client, organization, issuer_url="http://idp.test")


def test_what_is_stored_and_can_never_work_is_told_by_the_command_line(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    with (
        Server("--database-url", url, "--sso-allowed-hosts", "idp.test") as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        good = create(client, organization)
        bad = create(client, organization, issuer_url="http://idp.test")
    with Server("--database-url", url) as server:  # the operator has thought better of it
        run = CommandLine(
            environment(ORGPLANE_URL=server.url, ORGPLANE_TOKEN=organization.token), tmp_path
        )
        warning = f"orgplane: warning: {bad}: issuer_url: must begin with https://"
        for arguments in (("list",), ("get", bad)):
            done = run("sso-configurations", *arguments)
            assert done.returncode == 0
            (told,) = done.stderr.splitlines()
            assert told.startswith(warning)
        assert run("sso-configurations", "get", good).stderr == ""
        run.ok("sso-configurations", "update", bad, "--display-name", "Test")
        assert run("sso-configurations", "get", bad, "--output", "json").stderr == ""
        with orgplane.Client(url=server.url, token=organization.token) as client:
            sso = client.organizations.sso_configurations
            (fault,) = sso.retrieve_status(sso_configuration_id=bad).faults
            assert fault.field == "issuer_url"
            assert sso.retrieve_status(sso_configuration_id=good).faults == ()


def test_the_demo_takes_providers_of_this_machine(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with Server("--database-url", url, "--demo") as server:
        organization = create_organization(url)
        with orgplane.Client(url=server.url, token=organization.token) as client:
            create(client, organization, issuer_url="http://localhost:8081/realms/acme")
            with pytest.raises(orgplane.InvalidArgumentError, match="--sso-allowed-hosts"):
                create(client, organization, issuer_url="http://idp.example")


def test_what_is_no_host_is_refused_before_the_server_starts(tmp_path: Path) -> None:
    done = run("serve", ORGPLANE_SSO_ALLOWED_HOSTS="http://idp.test")
    assert done.returncode == 2
    assert done.stderr == (
        "orgplane-server: sso_allowed_hosts: 'http://idp.test' is no HOST or HOST:PORT\n"
    )
