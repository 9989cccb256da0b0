"""Mail of the real server, through a real mail server."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import certificates
import orgplane
import pytest
from mail_server import MailServer, secret
from orgplane.types import EmailDelivery, EmailInviteState
from postfix import postfix
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
            invite = secret(mail.received[-1])
            redeeming = {"invite_id": invite, "name": "Eve", "email": EVE}
            nobody.organizations.invites.redeem(**redeeming)
            assert mail.arrived.wait(30)
            joined = nobody.organizations.invites.redeem(
                **redeeming, code=secret(mail.received[-1])
            )
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


@pytest.mark.long
def test_postfix_takes_our_letters_by_starttls(tmp_path: Path) -> None:
    certificate = certificates.make(tmp_path, "mail")
    url = sqlite_url(tmp_path)
    organization = create_organization(url)
    of = {"organization_id": organization.organization_id}
    with (
        postfix(EVE, certificate) as mail,
        Server(
            *("--database-url", url, "--mail-from", "Orgplane <id@acme.example>"),
            *(
                "--smtp-url",
                f"smtp://localhost:{mail.port}?starttls=on",
                "--smtp-ca",
                str(certificate.pem),
            ),
        ) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
        orgplane.Client(url=server.url, tokenless=True) as nobody,
    ):
        invites = client.organizations.email_invites
        for address in (EVE, "nobody-knows@acme.example", "mallory@elsewhere.example"):
            invites.create(**of, email=address)
        eventually(
            lambda: all(
                each.delivery is EmailDelivery.SENT or each.delivery_reason
                for each in invites.list(**of)
            )
        )
        told = {each.email: (each.delivery, each.delivery_reason) for each in invites.list(**of)}
        assert told[EVE] == (EmailDelivery.SENT, "")
        unknown, elsewhere = told["nobody-knows@acme.example"], told["mallory@elsewhere.example"]
        assert (unknown[0], "User unknown" in unknown[1]) == (EmailDelivery.REFUSED, True)
        # Postfix refuses it for a while only, as its operator may put that right
        assert (elsewhere[0], "Relay access denied" in elsewhere[1]) == (EmailDelivery.QUEUED, True)
        eventually(lambda: len(mail.letters()) == 1)
        redeeming = {"invite_id": secret(mail.letters()[-1]), "name": "Eve", "email": EVE}
        nobody.organizations.invites.redeem(**redeeming)
        eventually(lambda: len(mail.letters()) == 2)
        joined = nobody.organizations.invites.redeem(**redeeming, code=secret(mail.letters()[-1]))
        assert isinstance(joined, orgplane.types.Joined)
