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


def test_people_join_by_the_organizations_invite_and_a_code_that_is_mailed(
    lonely: CommandLine, url: str, database_url: str, mail: MailServer
) -> None:
    """Eve does so with nothing but the invite, and in another organization with her token."""
    mail.arrived.clear()
    acme, globex = (
        processes.create_organization(database_url, each) for each in ("Acme", "Globex")
    )
    nobody = lonely.having(ORGPLANE_URL=url)
    ada = nobody.having(ORGPLANE_TOKEN=acme.token)
    invite = ada.json("invites", "create")["inviteId"]
    redeem = ("invites", "redeem", "-", "--name", "Eve", "--email", "eve@acme.example")
    assert "a code was mailed to eve@acme.example" in nobody.ok(*redeem, stdin=invite)
    code = mail.next_secret()
    wrong = nobody(*redeem, "--code", f"{(int(code) + 1) % 10**8:08}", stdin=invite)
    assert (wrong.returncode, wrong.stdout) == (6, "")
    done = nobody.ok(*redeem, "--code", code, "--output", "token", stdin=invite)
    eve = nobody.having(ORGPLANE_TOKEN=done.strip())
    assert eve.json("organization", "get")["id"] == acme.organization_id
    assert eve("invites", "show").returncode == 4
    again = nobody(*redeem, "--code", code, stdin=invite)
    assert again.returncode == 6

    twin = nobody.having(ORGPLANE_TOKEN=globex.token)
    elsewhere = twin.json("invites", "create")["inviteId"]
    assert eve("organization", "join", "--invite", "-", stdin=elsewhere).returncode == 6
    eve.ok("account", "prove")
    eve.ok("account", "prove", "--code", mail.next_secret())
    joined = eve.json("organization", "join", "--invite", "-", stdin=elsewhere)
    assert joined["email"] == "eve@acme.example"
    token = eve.ok("account", "first-token", globex.organization_id, "--output", "token")
    there = nobody.having(ORGPLANE_TOKEN=token.strip())
    assert there.json("organization", "get")["name"] == "Globex"
    assert len(ada.json("account", "show")["memberships"]) == 1  # equal addresses tie nobody


def test_a_server_that_sends_no_mail_says_what_it_takes(run: CommandLine) -> None:
    done = run("invites", "send", "eve@acme.example")
    assert done.returncode != 0
    assert "--smtp-url" in done.stderr
