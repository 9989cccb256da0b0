"""An invite that is mailed works once, for its address, and is told of as it is."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from mailbox import Mailbox
from uuid import UUID

import pytest
from clock import SettableClock
from mail_server import MailServer, mail_server
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.email_invite import KEPT, State
from orgplane_server.domain.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Reason,
    ResourceExhausted,
)
from orgplane_server.domain.letter import Delivery
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.user import Role
from orgplane_server.mail.relay import Relay
from orgplane_server.mail.sender import Sender
from orgplane_server.store import audit
from orgplane_server.store import email_invite as store
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.address_code import AddressCodes
from orgplane_server.usecases.address_limit import UNLIMITED
from orgplane_server.usecases.email_invite import EmailInvites, Mailed
from orgplane_server.usecases.joining import CodeSent, Joined, Joining
from orgplane_server.usecases.letters import Letters
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.organization_invite import OrganizationInvites
from orgplane_server.usecases.organization_policies import Policies
from orgplane_server.usecases.outbox import Outbox
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.sealing import Sealer

EVE = "Eve@acme.example"
NOWHERE = Origin()


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@dataclass
class Door:
    """All that takes part from an invite to a member."""

    mail: MailServer
    mailbox: Mailbox
    outbox: Outbox
    invites: EmailInvites
    links: OrganizationInvites
    joining: Joining
    policies: Policies

    async def send(self, owner: Founded, email: str = EVE) -> UUID:
        """The secret that the letter has."""
        await self.invites.create(owner.caller, owner.organization.id, email)
        await self.outbox.deliver()
        plain, html = self.mail.received[-1].iter_parts()
        (secret,) = re.findall(r"^    ([0-9a-f-]{36})\r?$", plain.get_content(), re.MULTILINE)
        assert secret in html.get_content()
        return UUID(secret)

    async def ask(self, secret: UUID, email: str = EVE) -> None:
        sent = await self.joining.redeem(NOWHERE, secret, "Eve", email, "")
        assert isinstance(sent, CodeSent)

    async def redeem(self, secret: UUID, email: str = EVE) -> Joined:
        await self.ask(secret, email)
        code = self.mailbox.code(email)
        joined = await self.joining.redeem(NOWHERE, secret, "Eve", email, code)
        assert isinstance(joined, Joined)
        return joined

    async def refused(self, secret: UUID, email: str = EVE) -> None:
        with pytest.raises(NotFound) as refused:
            await self.joining.redeem(NOWHERE, secret, "Eve", email, "")
        assert refused.value.reason is Reason.INVITE_NOT_FOUND

    async def listed(self, owner: Founded) -> list[Mailed]:
        page = await self.invites.list(owner.caller, owner.organization.id, PageRequest())
        return [*page.items]


@pytest.fixture
def door(database: Database, clock: SettableClock, server: MailServer) -> Door:
    server.received.clear()
    sealer, mailbox = Sealer(bytes(32)), Mailbox()
    pages = PageTokens(sealer)
    relay = Relay.parse(server.url(), Sender("id@orgplane.example"))
    outbox = Outbox(database, clock, sealer, relay)
    letters = Letters(outbox, clock, "https://id.example.com")
    codes = AddressCodes(clock, sealer, mailbox.post)
    links = OrganizationInvites(database, clock, sealer, UNLIMITED)
    return Door(
        server,
        mailbox,
        outbox,
        EmailInvites(database, clock, pages, letters),
        links,
        Joining(database, clock, codes, links, UNLIMITED),
        Policies(database, clock),
    )


async def test_an_invite_arrives_and_makes_a_plain_member_once(
    door: Door, acme: Founded, database: Database, clock: SettableClock
) -> None:
    created = await door.invites.create(acme.caller, acme.organization.id, EVE)
    assert created.invite.state(clock()) is State.PENDING
    (listed,) = await door.listed(acme)
    assert listed == created
    assert listed.letter is not None
    assert listed.letter.delivery is Delivery.QUEUED
    secret = await door.send(acme)  # again: the one before works no more
    letter = door.mail.received[-1]
    assert letter["To"] == EVE
    assert letter["Subject"] == "You are invited to Acme"
    plain, _ = letter.iter_parts()
    assert "orgplane --url https://id.example.com invites redeem" in plain.get_content()
    summary = await door.links.summary(NOWHERE, secret)
    assert (summary.organization_name, summary.member_count) == ("Acme", 1)
    joined = await door.redeem(secret, EVE.lower())
    assert joined.member.user.role is Role.MEMBER
    assert joined.member.user.organization_id == acme.organization.id
    assert joined.token is not None
    await door.refused(secret)
    with pytest.raises(NotFound):
        await door.links.summary(NOWHERE, secret)
    (listed,) = await door.listed(acme)
    assert listed.letter is not None
    assert (listed.invite.state(clock()), listed.letter.delivery) == (State.ACCEPTED, Delivery.SENT)
    assert str(secret) not in repr(listed)
    events = await database.read(
        lambda c: audit.following(c, acme.organization.id, 0, 1 << 62, 1000)
    )
    assert [e.changes["email_invite"].after for e in events if "email_invite" in e.changes] == [
        EVE,
        EVE,
    ]
    assert str(secret) not in repr(events)


async def test_it_is_for_its_address_alone_and_for_nobody_after_a_newer_one(
    door: Door, acme: Founded
) -> None:
    first = await door.send(acme)
    await door.refused(first, "mallory@acme.example")
    second = await door.send(acme, EVE.lower())
    await door.refused(first)
    assert (await door.redeem(second)).token is not None


async def test_a_newer_one_or_the_end_of_it_holds_back_the_letter(
    door: Door, acme: Founded, clock: SettableClock
) -> None:
    await door.invites.create(acme.caller, acme.organization.id, EVE)
    created = await door.invites.create(acme.caller, acme.organization.id, EVE)
    await door.invites.revoke(acme.caller, created.invite.id)
    assert await door.outbox.deliver() == []
    assert (door.mail.received, await door.listed(acme)) == ([], [])


async def test_what_was_revoked_or_is_too_old_works_no_more(
    door: Door, acme: Founded, clock: SettableClock
) -> None:
    secret = await door.send(acme)
    await door.ask(secret)
    (mailed,) = await door.listed(acme)
    await door.invites.revoke(acme.caller, mailed.invite.id)
    with pytest.raises(NotFound):  # with the code that was mailed while it worked
        await door.joining.redeem(NOWHERE, secret, "Eve", EVE, door.mailbox.code(EVE))
    with pytest.raises(NotFound):
        await door.invites.revoke(acme.caller, mailed.invite.id)
    secret = await door.send(acme)
    clock.advance(days=7)
    await door.refused(secret)
    (mailed,) = await door.listed(acme)
    assert mailed.invite.state(clock()) is State.EXPIRED


async def test_of_many_at_once_it_lets_in_one(
    door: Door, acme: Founded, database: Database
) -> None:
    secret = await door.send(acme)
    await door.ask(secret)
    code = door.mailbox.code(EVE)
    tries = (door.joining.redeem(NOWHERE, secret, "Eve", EVE, code) for _ in range(5))
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(each) for each in done].count(Joined) == 1
    assert all(isinstance(each, (Joined, NotFound, FailedPrecondition)) for each in done)


async def test_a_member_of_another_organization_joins_by_it(
    door: Door, acme: Founded, globex: Founded
) -> None:
    hank = "hank@globex.example"
    secret = await door.send(acme, hank)
    await door.joining.prove_address(globex.caller, "")
    await door.joining.prove_address(globex.caller, door.mailbox.code(hank))
    joined = await door.joining.join_by_invite(globex.caller, secret)
    assert joined.user.organization_id == acme.organization.id
    other = await door.send(acme)
    with pytest.raises(NotFound):  # it is another's
        await door.joining.join_by_invite(globex.caller, other)


async def test_it_lets_nobody_in_whom_the_organization_does_not_take(
    door: Door, acme: Founded, globex: Founded
) -> None:
    id = acme.organization.id
    with pytest.raises(AlreadyExists, match="a member already"):
        await door.invites.create(acme.caller, id, acme.administrator.email.upper())
    secret = await door.send(acme)
    restrict = {"restrict_account_creation_to_scim": True}
    await door.ask(secret)
    await door.policies.update(acme.caller, id, restrict)
    with pytest.raises(FailedPrecondition) as refused:
        await door.joining.redeem(NOWHERE, secret, "Eve", EVE, door.mailbox.code(EVE))
    assert refused.value.reason is Reason.JOINING_RESTRICTED
    with pytest.raises(FailedPrecondition) as refused:
        await door.invites.create(acme.caller, id, "new@acme.example")
    assert refused.value.reason is Reason.JOINING_RESTRICTED
    with pytest.raises(NotFound):
        await door.invites.create(globex.caller, id, EVE)
    with pytest.raises(NotFound):
        await door.invites.list(globex.caller, id, PageRequest())
    (mailed,) = await door.listed(acme)
    with pytest.raises(NotFound):
        await door.invites.revoke(globex.caller, mailed.invite.id)
    member = dataclasses.replace(acme.caller, roles=frozenset({Role.MEMBER}))
    for refuse in (
        door.invites.create(member, id, EVE),
        door.invites.list(member, id, PageRequest()),
        door.invites.revoke(member, mailed.invite.id),
    ):
        with pytest.raises(PermissionDenied):
            await refuse


async def test_what_cannot_be_mailed_makes_no_invite(
    door: Door, acme: Founded, database: Database, clock: SettableClock
) -> None:
    for address in ("eve", "eve@acme.example\r\nBcc: all@acme.example", "a,b@acme.example"):
        with pytest.raises(InvalidArgument, match=r"^email: "):
            await door.invites.create(acme.caller, acme.organization.id, address)
    outbox = Outbox(database, clock, Sealer(bytes(32)), None)
    without = EmailInvites(database, clock, PageTokens(Sealer(bytes(32))), Letters(outbox, clock))
    with pytest.raises(FailedPrecondition, match="--smtp-url"):
        await without.create(acme.caller, acme.organization.id, EVE)
    assert await door.listed(acme) == []
    for _ in range(20):
        await door.invites.create(acme.caller, acme.organization.id, EVE)
    with pytest.raises(ResourceExhausted):
        await door.invites.create(acme.caller, acme.organization.id, EVE)
    (kept,) = await door.listed(acme)  # the last that could be mailed still works
    assert kept.invite.state(clock()) is State.PENDING


async def test_what_the_mail_server_says_is_seen_by_administrators(
    door: Door, acme: Founded
) -> None:
    door.mail.answers.append("550 5.1.1 nobody here")
    await door.invites.create(acme.caller, acme.organization.id, EVE)
    await door.outbox.deliver()
    (mailed,) = await door.listed(acme)
    assert mailed.letter is not None
    assert (mailed.letter.delivery, mailed.letter.reason) == (
        Delivery.REFUSED,
        "550 5.1.1 nobody here",
    )


async def test_invites_are_forgotten_after_a_while(
    door: Door, acme: Founded, database: Database, clock: SettableClock
) -> None:
    await door.send(acme)
    retention = Retention(database, clock, email_invites=KEPT)
    clock.advance(days=36)
    assert await retention.purge() == {"email_invites": 0}
    clock.advance(days=2)
    assert await retention.purge() == {"email_invites": 1}


async def test_the_database_has_no_secret_of_an_invite(
    door: Door, acme: Founded, database: Database
) -> None:
    secret = await door.send(acme)

    def rows(connection: store.sa.Connection) -> str:
        return repr(connection.execute(store.sa.select(store.table)).all())

    found = await database.read(rows)
    assert str(secret) not in found
    assert secret.hex not in found
