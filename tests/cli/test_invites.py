"""`orgplane invites`: what is mailed, through a real mail server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import processes
import pytest
from command_line import CommandLine
from mail_server import MailServer, mail_server


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('invites')}/orgplane.db"


@pytest.fixture(scope="module")
def url(database_url: str, mail: MailServer) -> Iterator[str]:
    """A server that sends mail."""
    sending = ("--smtp-url", mail.url(), "--mail-from", "id@acme.example")
    with processes.Server("--database-url", database_url, *sending) as server:
        yield server.url


def test_an_invite_is_mailed_listed_and_revoked(
    lonely: CommandLine, url: str, database_url: str, mail: MailServer
) -> None:
    organization = processes.create_organization(database_url)
    run = lonely.having(ORGPLANE_URL=url, ORGPLANE_TOKEN=organization.token)
    done = run("invites", "send", "ada2@acme.example")
    assert done.returncode == 0, done.stderr
    assert "ada2@acme.example" in done.stdout
    assert "orgplane invites list" in done.stderr
    assert mail.arrived.wait(processes.PATIENCE)
    assert mail.received[-1]["To"] == "ada2@acme.example"

    def delivered() -> bool:
        (invite,) = json.loads(run("invites", "list", "--output", "json").stdout)
        return bool(invite["delivery"] == "EMAIL_DELIVERY_SENT")

    processes.eventually(delivered)
    assert run("invites", "revoke", "Ada2@acme.example", "--yes").returncode == 0
    assert json.loads(run("invites", "list", "--output", "json").stdout) == []
    again = run("invites", "revoke", "ada2@acme.example", "--yes")
    assert again.returncode != 0
    assert "no invite was mailed to ada2@acme.example" in again.stderr


def test_a_server_that_sends_no_mail_says_what_it_takes(run: CommandLine) -> None:
    done = run("invites", "send", "eve@acme.example")
    assert done.returncode != 0
    assert "--smtp-url" in done.stderr
