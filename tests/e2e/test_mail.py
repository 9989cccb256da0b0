"""Mail of the real server, through a real mail server."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

import orgplane
import pytest
from mail_server import MailServer
from orgplane.types import EmailDelivery, EmailInviteState
from processes import Server, create_organization, eventually, run, sqlite_url

EVE = "eve@acme.example"


def test_a_server_that_is_killed_loses_no_letter(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    mail = MailServer()
    mail.reserve()
    arguments = ("--database-url", url, "--smtp-url", mail.url(), "--mail-from", "id@acme.example")
    of = {"organization_id": organization.organization_id}
    with Server(*arguments) as server:  # nobody takes mail yet
        with orgplane.Client(url=server.url, token=organization.token) as client:
            client.organizations.email_invites.create(**of, email=EVE)
            eventually(
                lambda: (
                    client.organizations.email_invites.list(**of)
                    .first_page()
                    .items[0]
                    .delivery_reason
                    == "the mail server cannot be reached"
                )
            )
        server.kill()
    mail.start()
    try:
        with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as database:
            database.execute(
                "UPDATE letter SET attempt_at = 0, created_at = created_at - 660000000"
            )  # time passes
            database.commit()
        doctor = run("doctor", "--database-url", url)
        assert "the mail server cannot be reached" in doctor.stdout
        with (
            Server(*arguments) as server,
            orgplane.Client(url=server.url, token=organization.token) as client,
            orgplane.Client(url=server.url, tokenless=True) as nobody,
        ):
            eventually(mail.arrived.is_set)
            mail.arrived.clear()
            invite = shown(mail)
            redeeming = {"invite_id": invite, "name": "Eve", "email": EVE}
            nobody.organizations.invites.redeem(**redeeming)
            assert mail.arrived.wait(30)
            joined = nobody.organizations.invites.redeem(**redeeming, code=shown(mail))
            assert isinstance(joined, orgplane.types.Joined)
            eventually(
                lambda: (
                    client.organizations.email_invites.list(**of).first_page().items[0].delivery
                    is EmailDelivery.SENT
                )
            )
            (listed,) = client.organizations.email_invites.list(**of)
            assert (listed.email, listed.state) == (EVE, EmailInviteState.ACCEPTED)
            with pytest.raises(orgplane.NotFoundError):
                nobody.organizations.invites.redeem(**redeeming)
        lines = "".join(server.stderr.rest())
        assert "a letter was sent" in lines
        assert invite not in lines
        assert EVE not in lines
    finally:
        mail.stop()


def shown(mail: MailServer) -> str:
    """The invite or the code in the last letter."""
    plain, _ = mail.received[-1].iter_parts()
    (found,) = re.findall(r"^    (\S+)\r?$", plain.get_content(), re.MULTILINE)
    return str(found)
