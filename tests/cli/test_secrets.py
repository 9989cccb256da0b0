"""Where secrets never show."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from command_line import COMMAND, CommandLine, commands
from orgplane.cli.program import program
from orgplane.testing import Organization


def test_no_option_takes_a_secret() -> None:
    for words, command in {("orgplane",): program, **commands(program)}.items():
        for parameter in command.params:
            for name in parameter.opts:
                assert name not in ("--token", "--client-secret", "--secret", "--password"), words
                if "secret" in name:
                    assert name.endswith("-file"), words


@pytest.mark.parametrize("command", ["whoami", "login"])
def test_a_url_with_a_password_is_refused_and_not_repeated(
    lonely: CommandLine, command: str
) -> None:
    refused = lonely("--url", "http://ada:hunter2@127.0.0.1:1", command, stdin="x")
    assert refused.returncode == 2
    assert "url: has a user or a password" in refused.stderr
    assert "hunter2" not in refused.stderr + refused.stdout


@pytest.mark.parametrize("protocol", ["connect", "grpc", "grpc-web"])
def test_debug_shows_the_wire_without_the_token(
    run: CommandLine, organization: Organization, protocol: str
) -> None:
    done = run("scim-configurations", "list", "--debug", "--protocol", protocol)
    sent = [line for line in done.stderr.splitlines() if line.startswith("> ")]
    received = [line for line in done.stderr.splitlines() if line.startswith("< ")]
    assert sent[0] == (
        f"> POST {organization.url}/gitpod.v1.OrganizationService/ListSCIMConfigurations"
    )
    assert "> authorization: (secret)" in sent
    assert any(line.startswith("> content-type: application/") for line in sent)
    assert received[0].startswith("< 200 after ")
    assert any(line.startswith("< x-request-id: ") for line in received)
    assert organization.token not in done.stderr


def test_debug_shows_no_secret_that_is_sent_or_received(run: CommandLine) -> None:
    created = run(
        *("sso-configurations", "create", "--issuer-url", "https://idp.example"),
        *("--client-id", "orgplane", "--debug", "--output", "json"),
        stdin="hunter2",
    )
    assert created.returncode == 0
    assert "hunter2" not in created.stderr + created.stdout
    done = run("tokens", "create", "--debug", "--output", "token")
    assert done.stdout.strip() not in done.stderr


def test_no_process_list_shows_a_secret(
    lonely: CommandLine, organization: Organization, tmp_path: Path
) -> None:
    """All that a command needs is on its stdin or in its environment, never among its arguments."""
    with subprocess.Popen(
        [COMMAND, "login", "--url", organization.url],
        env=lonely.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        lines = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.communicate(organization.token)
        assert process.returncode == 0
    assert organization.token.encode() not in lines
