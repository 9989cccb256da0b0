"""A letter is there exactly if its change is, and is delivered, or somebody can see why not."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import certificates
import pytest
from clock import SettableClock
from mail_server import MailServer, mail_server, server_context
from orgplane_server.domain.errors import (
    FailedPrecondition,
    InvalidArgument,
    Reason,
    ResourceExhausted,
)
from orgplane_server.domain.letter import (
    KEPT,
    MOST_OF_ORGANIZATION,
    MOST_TO_ADDRESS,
    Delivery,
    Letter,
)
from orgplane_server.mail.relay import Relay
from orgplane_server.mail.sender import Sender
from orgplane_server.store import outbox as store
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.organization import organizations
from orgplane_server.usecases.letters import Letters
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.outbox import Outbox
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.sealing import Sealer

FROM = Sender.parse("Orgplane <id@orgplane.example>")
TO = "bob@acme.example"
Make = Callable[..., Outbox]


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def mail(server: MailServer) -> MailServer:
    """Nothing has arrived yet, and all is taken."""
    server.received.clear()
    server.envelopes.clear()
    server.answers.clear()
    server.silent, server.drops = False, 0
    server.arrived.clear()
    return server


@pytest.fixture
def make(database: Database, clock: SettableClock, mail: MailServer) -> Make:
    def make(relay: Relay | None = None) -> Outbox:
        relay = relay or Relay.parse(mail.url(), FROM)
        return Outbox(database, clock, Sealer(bytes(32)), relay)

    return make


@pytest.fixture
def outbox(make: Make) -> Outbox:
    return make()


async def send_code(
    database: Database, outbox: Outbox, clock: SettableClock, to: Founded, email: str = TO
) -> None:
    letters = Letters(outbox, clock)
    await database.write(lambda unit: letters.code(unit, to.organization.id, email, "12345678"))


async def rows(database: Database) -> list[Letter]:
    def query(connection: store.sa.Connection) -> list[Letter]:
        return [
            Letter(*row)
            for row in connection.execute(store.sa.select(*store.letters.columns)).all()
        ]

    return await database.read(query)


async def test_a_letter_arrives_after_the_commit_and_what_it_said_is_forgotten(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    await send_code(database, outbox, clock, acme)
    (queued,) = await rows(database)
    assert queued.delivery is Delivery.QUEUED
    assert queued.sealed is not None
    assert b"12345678" not in queued.sealed
    assert "12345678" not in repr(queued)
    assert mail.received == []
    (sent,) = await outbox.deliver()
    assert [sent] == await rows(database)
    assert (sent.delivery, sent.sealed, sent.attempts) == (Delivery.SENT, None, 1)
    assert mail.envelopes == [("id@orgplane.example", [TO])]
    (letter,) = mail.received
    assert letter["To"] == TO
    assert letter["From"] == "Orgplane <id@orgplane.example>"
    assert letter["Subject"] == "Your code for Acme"
    assert letter["Message-ID"] == f"<{sent.id}@orgplane.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain, html = letter.iter_parts()
    assert "    12345678" in plain.get_content().splitlines()
    assert "<code>12345678</code>" in html.get_content()
    assert await outbox.deliver() == []


async def test_a_letter_of_a_change_that_fails_is_never_written(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    letters = Letters(outbox, clock)

    def change(unit: UnitOfWork) -> None:
        letters.code(unit, acme.organization.id, TO, "12345678")
        raise RuntimeError("and then this")

    with pytest.raises(RuntimeError, match="and then this"):
        await database.write(change)
    assert await rows(database) == []
    assert await outbox.deliver() == []


async def test_it_is_woken_by_the_commit(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    running = asyncio.create_task(outbox.run())
    for count in (1, 2):  # the second long before the next look
        await send_code(database, outbox, clock, acme)
        assert await asyncio.to_thread(mail.arrived.wait, 4)
        mail.arrived.clear()
        assert len(mail.received) == count
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_without_a_mail_server_nothing_is_half_done(
    database: Database, clock: SettableClock, acme: Founded
) -> None:
    outbox = Outbox(database, clock, Sealer(bytes(32)), None)
    with pytest.raises(FailedPrecondition, match="--smtp-url") as refused:
        await send_code(database, outbox, clock, acme)
    assert refused.value.reason is Reason.MAIL_NOT_CONFIGURED
    assert await rows(database) == []
    assert not outbox.sends


async def test_a_refusal_ends_it_with_what_the_server_said(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    mail.answers.append("550 5.1.1 <BOB@acme.example> no such\tuser \x07" + "here " * 100)
    await send_code(database, outbox, clock, acme)
    (refused,) = await outbox.deliver()
    assert (refused.delivery, refused.sealed) == (Delivery.REFUSED, None)
    # The reason stands in the log, where nobody's address does.
    assert refused.reason.startswith("550 5.1.1 <…> no such user here here")
    assert len(refused.reason) == 200
    clock.advance(hours=1)
    assert await outbox.deliver() == []
    assert mail.received == []


async def test_greylisting_is_waited_for(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    mail.answers += ["451 4.7.1 try again later"] * 2
    await send_code(database, outbox, clock, acme)
    (first,) = await outbox.deliver()
    assert (first.delivery, first.reason) == (Delivery.QUEUED, "451 4.7.1 try again later")
    assert await outbox.deliver() == []
    clock.advance(seconds=15)
    (second,) = await outbox.deliver()
    assert second.attempt_at == clock.now + timedelta(seconds=30)
    clock.advance(seconds=30)
    (third,) = await outbox.deliver()
    assert (third.delivery, third.reason, third.attempts) == (Delivery.SENT, "", 3)
    assert len(mail.received) == 1


async def test_what_would_come_too_late_is_given_up(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    mail.answers += ["451 not now"] * 20
    await send_code(database, outbox, clock, acme)
    await send_code(database, outbox, clock, acme, "late@acme.example")
    last = await outbox.deliver()
    for _ in range(10):
        clock.advance(minutes=1)
        last = await outbox.deliver() or last
    assert {each.delivery for each in await rows(database)} == {Delivery.GIVEN_UP}
    assert {each.reason for each in await rows(database)} == {"451 not now"}
    assert all(each.sealed is None for each in await rows(database))


async def test_what_nobody_could_deliver_in_time_is_given_up(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    await send_code(database, outbox, clock, acme)
    clock.advance(minutes=10)
    (late,) = await outbox.deliver()
    assert (late.delivery, mail.received) == (Delivery.GIVEN_UP, [])


async def test_a_server_that_is_silent_or_not_there_delays(
    database: Database, make: Make, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    mail.silent = True
    relay = dataclasses.replace(Relay.parse(mail.url(), FROM), seconds=0.3)
    await send_code(database, make(relay), clock, acme)
    (delayed,) = await make(relay).deliver()
    assert delayed.reason == "the mail server did not answer in time"
    clock.advance(seconds=15)
    (delayed,) = await make(Relay.parse("smtp://127.0.0.1:1", FROM)).deliver()
    assert delayed.reason == "the mail server cannot be reached"
    mail.silent = False
    clock.advance(seconds=30)
    (sent,) = await make().deliver()
    assert sent.delivery is Delivery.SENT


async def test_what_was_perhaps_delivered_comes_again_as_the_same_letter(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    mail.drops = 1
    await send_code(database, outbox, clock, acme)
    (delayed,) = await outbox.deliver()
    assert delayed.delivery is Delivery.QUEUED
    clock.advance(seconds=15)
    await outbox.deliver()
    first, second = mail.received
    assert first.as_bytes() == second.as_bytes()


async def test_one_that_dies_in_the_midst_leaves_the_letter_to_others(
    database: Database, make: Make, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    mail.silent = True
    await send_code(database, make(), clock, acme)
    dying = asyncio.create_task(make().deliver())
    assert await asyncio.to_thread(mail.arrived.wait, 10)
    assert await make().deliver() == []  # nobody else sends it meanwhile
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    mail.silent = False
    clock.advance(minutes=2)
    (sent,) = await make().deliver()
    assert (sent.delivery, sent.attempts) == (Delivery.SENT, 2)


async def test_several_share_the_letters_and_send_none_twice(
    database: Database, make: Make, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    outboxes = [make() for _ in range(3)]
    addresses = [f"user{n}@acme.example" for n in range(20)]
    for each in addresses:
        await send_code(database, outboxes[0], clock, acme, each)
    await asyncio.gather(*(each.deliver() for each in outboxes))
    await outboxes[0].deliver()
    assert sorted(to for _, (to,) in mail.envelopes) == sorted(addresses)


@pytest.mark.parametrize(
    "address",
    [
        "bob@acme.example\r\nBcc: eve@evil.example",
        "bob@acme.example,eve@evil.example",
        "bob,eve@evil.example",
        "Bob <bob@acme.example>",
        "<eve@evil.example>",
        '"a b"@acme.example',
        "bob\x00@acme.example",
        "bob@[192.0.2.1]",
        "bob@acme..example",
        "x" * 65 + "@acme.example",
        "bob",
        # Which a mail server that is the domain's own sends on to another, and a library reads as what it encodes.
        "eve%evil.example@acme.example",
        "evil.example!eve@acme.example",
        "=?utf-8?q?bob=0D=0ABcc=3A_eve?=@acme.example",
        "=?utf-8?q?eve=40evil.example=2C_bob?=@acme.example",
    ],
)
async def test_an_address_that_could_be_more_than_one_gets_nothing(
    address: str, clock: SettableClock, acme: Founded, make: Make, database: Database
) -> None:
    with pytest.raises(InvalidArgument, match=r"^email: "):
        await send_code(database, make(), clock, acme, address)
    assert await rows(database) == []


async def rename(database: Database, owner: Founded, name: str) -> None:
    after = dataclasses.replace(owner.organization, name=name)
    await database.write(
        lambda unit: organizations.update(unit.connection, after.id, owner.organization, after)
    )


async def test_the_name_of_an_organization_stays_one_line_of_the_subject(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    name = "Acme\r\nBcc: eve@evil.example\r\n\r\n<b>\u202ewin https://evil.example " + "Ünï" * 90
    await rename(database, acme, name)
    await send_code(database, outbox, clock, acme)
    await outbox.deliver()
    (letter,) = mail.received
    assert letter["Bcc"] is None
    assert mail.envelopes[0][1] == [TO]
    subject = str(letter["Subject"])
    assert subject.startswith("Your code for Acme Bcc: eve@evil.example <b> win https evil.example")
    assert len(subject) <= len("Your code for ") + 64 + 1  # a reader keeps the space of a fold
    plain, html = letter.iter_parts()
    assert "<b>" not in html.get_content()
    assert "://" not in plain.get_content() + html.get_content()


@pytest.mark.parametrize("between", ["", "\r\n", "://"])
async def test_the_name_of_an_organization_is_never_decoded(
    database: Database,
    outbox: Outbox,
    clock: SettableClock,
    acme: Founded,
    mail: MailServer,
    between: str,
) -> None:
    """An encoded word (RFC 2047) would come out as the lines that it encodes."""
    name = f"={between}?utf-8?q?Acme=0D=0ABcc:eve@evil.example=0D=0A=0D=0A?="
    await rename(database, acme, name)
    await send_code(database, outbox, clock, acme)
    await outbox.deliver()
    (letter,) = mail.received
    assert (letter["Bcc"], letter["Auto-Submitted"]) == (None, "auto-generated")
    assert str(letter["Subject"]).startswith("Your code for = ?utf-8?q?Acme=0D=0ABcc:eve")


async def test_an_address_of_all_the_world_is_written_to(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    await send_code(database, outbox, clock, acme, "jörg@Straße.example")
    (sent,) = await outbox.deliver()
    assert sent.delivery is Delivery.SENT, sent.reason
    assert mail.envelopes[0][1] == ["jörg@xn--strae-oqa.example"]


async def test_nobody_writes_without_end(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, globex: Founded
) -> None:
    for n in range(MOST_TO_ADDRESS):
        owner = (acme, globex)[n % 2]
        await send_code(database, outbox, clock, owner, f"Bob+{n}@acme.example")
    with pytest.raises(ResourceExhausted, match="to the address within the last day"):
        await send_code(database, outbox, clock, acme)
    for n in range(MOST_OF_ORGANIZATION - MOST_TO_ADDRESS // 2):
        await send_code(database, outbox, clock, acme, f"user{n}@acme.example")
    with pytest.raises(ResourceExhausted, match="for the organization within the last hour"):
        await send_code(database, outbox, clock, acme, "one.more@acme.example")
    await send_code(database, outbox, clock, globex, "one.more@acme.example")
    clock.advance(hours=1)
    await send_code(database, outbox, clock, acme, "one.more@acme.example")


async def test_letters_are_forgotten_after_a_while(
    database: Database, outbox: Outbox, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    await send_code(database, outbox, clock, acme)
    await outbox.deliver()
    retention = Retention(database, clock, letters=KEPT)
    clock.advance(days=29)
    assert await retention.purge() == {"letters": 0}
    clock.advance(days=2)
    assert await retention.purge() == {"letters": 1}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificate:
    folder = tmp_path_factory.mktemp("mail")
    return certificates.make(folder, "authority", authority=True)


@pytest.fixture(scope="module")
def certificate(
    authority: certificates.Certificate, tmp_path_factory: pytest.TempPathFactory
) -> certificates.Certificate:
    return certificates.make(tmp_path_factory.mktemp("mail"), "mail", authority)


def _somewhere(url: str, ca: Path | None) -> Relay:
    """As for a mail server that is on another machine: this one is asked for no TLS."""
    return Relay.parse(url if url.startswith("smtps:") else f"{url}?starttls=on", FROM, ca=ca)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_it_speaks_tls_with_whom_the_certificate_is_good(
    scheme: str,
    authority: certificates.Certificate,
    certificate: certificates.Certificate,
    database: Database,
    make: Make,
    clock: SettableClock,
    acme: Founded,
) -> None:
    context = server_context(certificate)
    how = {"tls": context} if scheme == "smtps" else {"tls_context": context}
    with mail_server(**how, auth_require_tls=scheme == "smtp") as mail:
        await send_code(database, make(), clock, acme)
        (delayed,) = await make(_somewhere(mail.url(scheme), None)).deliver()
        assert re.match("the mail server's certificate is not good: ", delayed.reason)
        clock.advance(seconds=15)
        wrong = _somewhere(mail.url(scheme, "us%40er:hush@"), authority.pem)
        assert "hush" not in repr(wrong)
        (delayed,) = await make(wrong).deliver()
        assert delayed.reason == "535 refused the user or the password"
        assert mail.received == []
        clock.advance(seconds=30)
        right = _somewhere(mail.url(scheme, "us%40er:right@"), authority.pem)
        (sent,) = await make(right).deliver()
        assert sent.delivery is Delivery.SENT, sent.reason
        assert mail.logins[-1] == (b"us@er", b"right")
        assert len(mail.received) == 1


async def test_nothing_is_sent_in_the_clear_over_a_network(
    database: Database, make: Make, clock: SettableClock, acme: Founded, mail: MailServer
) -> None:
    await send_code(database, make(), clock, acme)
    (delayed,) = await make(_somewhere(mail.url(), None)).deliver()
    assert delayed.reason == "the mail server offers no STARTTLS, and nothing is sent without"
    assert mail.received == []
