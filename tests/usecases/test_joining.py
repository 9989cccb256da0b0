"""Who becomes a member by themselves, and who does not; over both databases."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from mailbox import Mailbox
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.audit import ActorKind, Subject
from orgplane_server.domain.caller import Caller, Origin
from orgplane_server.domain.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    OrgplaneError,
    PermissionDenied,
    Reason,
    ResourceExhausted,
)
from orgplane_server.domain.identifier import OrganizationId, SsoConfigurationId
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.user import Role, User, UserStatus
from orgplane_server.store import account as account_store
from orgplane_server.store import address_code, audit, organization_invite
from orgplane_server.store.engine.database import Database
from orgplane_server.store.user import users
from orgplane_server.usecases.account import Accounts
from orgplane_server.usecases.address_code import AddressCodes
from orgplane_server.usecases.address_limit import UNLIMITED, AddressLimit
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.first_token import FirstTokens
from orgplane_server.usecases.joining import CodeSent, Joined, Joining, Proven
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded, Organizations
from orgplane_server.usecases.organization_invite import OrganizationInvites
from orgplane_server.usecases.organization_policies import Policies
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access, add_user
from provisioning import administration, serving
from scim_client import Scim

NOWHERE = Origin()
EVE = "eve@acme.example"


@dataclass
class Door:
    """What people who want to join meet, and what an administrator does about it."""

    database: Database
    clock: SettableClock
    mailbox: Mailbox
    joining: Joining
    invites: OrganizationInvites
    policies: Policies
    accounts: Accounts

    async def invite(self, owner: Founded) -> UUID:
        return await self.invites.create(owner.caller, owner.organization.id)

    async def redeem(self, secret: UUID, email: str = EVE, name: str = "Eve") -> Joined:
        """By the code that arrives at the address."""
        sent = await self.joining.redeem(NOWHERE, secret, name, email, "")
        assert isinstance(sent, CodeSent)
        code = self.mailbox.code(sent.email)
        joined = await self.joining.redeem(NOWHERE, secret, name, email, code)
        assert isinstance(joined, Joined)
        return joined

    async def prove(self, caller: Caller) -> None:
        sent = await self.joining.prove_address(caller, "")
        assert isinstance(sent, CodeSent)
        proven = await self.joining.prove_address(caller, self.mailbox.code(sent.email))
        assert isinstance(proven, Proven)

    async def restrict(self, owner: Founded, on: bool = True) -> None:
        changes: Any = {"restrict_account_creation_to_scim": on}
        await self.policies.update(owner.caller, owner.organization.id, changes)

    async def open_to(self, owner: Founded, domain: str, *, proven: bool = True) -> None:
        """The organization invites a domain, which the operator vouches for."""
        organizations = Organizations(self.database, self.clock)
        await organizations.update(
            owner.caller, owner.organization.id, {"invite_domains": (domain,)}
        )
        if proven:
            vouching = Vouching(self.database, self.clock)
            await vouching.vouch(owner.organization.id, domain, private=True)

    async def members(self, owner: Founded, email: str) -> list[User]:
        """Those with an address, also who was suspended or left."""

        def query(connection: sa.Connection) -> list[User]:
            table = users.columns[0].table
            rows = connection.execute(sa.select(*users.columns).where(table.c.email == email))
            found = [users.of(row) for row in rows]
            return [each for each in found if each.organization_id == owner.organization.id]

        return await self.database.read(query)

    async def set_status(self, member: User, status: UserStatus) -> None:
        after = replace(member, status=status)
        await self.database.write(
            lambda unit: users.update(unit.connection, member.organization_id, member, after)
        )


Make = Callable[..., Door]


@pytest.fixture
def make(database: Database, clock: SettableClock) -> Make:
    def make(unknown: AddressLimit = UNLIMITED, *, mail: bool = True) -> Door:
        sealer, mailbox = Sealer(bytes(32)), Mailbox()
        codes = AddressCodes(clock, sealer, mailbox.post if mail else None)
        invites = OrganizationInvites(database, clock, sealer, unknown)
        return Door(
            *(database, clock, mailbox),
            Joining(database, clock, codes, invites, UNLIMITED),
            invites,
            Policies(database, clock),
            Accounts(database, PageTokens(sealer), codes),
        )

    return make


@pytest.fixture
def door(make: Make) -> Door:
    return make()


@pytest.fixture
async def eve(database: Database, globex: Founded, clock: SettableClock) -> Caller:
    """A member of Globex with an address of Acme's domain, which somebody typed."""
    access = await add_user(database, globex, clock.now, name="Eve", email=EVE)
    return await caller_of(database, clock, access)


async def caller_of(database: Database, clock: SettableClock, access: Access) -> Caller:
    return await Authentication(database, clock).authenticate(access.token.reveal(), NOWHERE)


async def refused(call: Any, reason: Reason) -> OrgplaneError:
    with pytest.raises(OrgplaneError) as caught:
        await call
    assert caught.value.reason is reason, caught.value
    return caught.value


# By an invite, without a token.


async def test_whoever_has_the_invite_and_the_mail_becomes_a_member_with_a_token(
    door: Door, acme: Founded, database: Database, clock: SettableClock
) -> None:
    secret = await door.invite(acme)
    assert secret.version == 4
    assert await door.invites.get(acme.caller, acme.organization.id) == secret
    joined = await door.redeem(secret, "Eve@Acme.example")
    member = joined.member.user
    assert (member.role, member.status, member.name) == (Role.MEMBER, UserStatus.ACTIVE, "Eve")
    assert joined.token is not None
    bearer = await Authentication(database, clock).authenticate(joined.token.reveal(), NOWHERE)
    assert (bearer.user_id, bearer.organization_id) == (member.id, acme.organization.id)
    found = await database.read(
        lambda c: audit.following(c, acme.organization.id, 0, 1 << 62, 1000)
    )
    told = [event for event in found if event.actor_id == member.id]
    assert [event.subject for event in told] == [Subject.USER, Subject.PERSONAL_ACCESS_TOKEN]
    assert {event.actor for event in told} == {ActorKind.USER}
    assert str(secret) not in repr([(event.changes, event.subject_id) for event in found])


async def test_twice_is_one_member_and_the_second_time_gives_no_token(
    door: Door, acme: Founded, clock: SettableClock
) -> None:
    secret = await door.invite(acme)
    first, second = await door.redeem(secret), await door.redeem(secret, EVE.upper())
    assert second.member == first.member
    assert second.token is None
    administrator = await door.redeem(secret, acme.administrator.email)
    assert administrator.member.user == acme.administrator
    assert administrator.token is None


async def test_an_invite_that_does_not_work_is_not_found_whatever_it_is(
    door: Door, acme: Founded, globex: Founded
) -> None:
    old = await door.invite(acme)
    await door.joining.redeem(NOWHERE, old, "Eve", EVE, "")
    newer = await door.invite(acme)
    said = set()
    for secret in (old, uuid.uuid4(), acme.organization.id, UUID(int=0)):
        said.add(str(await refused(door.invites.summary(NOWHERE, secret), Reason.INVITE_NOT_FOUND)))
        for code in ("", door.mailbox.code(EVE)):
            call = door.joining.redeem(NOWHERE, secret, "Eve", EVE, code)
            said.add(str(await refused(call, Reason.INVITE_NOT_FOUND)))
        call_ = door.joining.join_by_invite(globex.caller, secret)
        said.add(str(await refused(call_, Reason.INVITE_NOT_FOUND)))
    assert said == {"invite not found"}
    assert (await door.invites.summary(NOWHERE, newer)).organization_name == "Acme"
    assert await door.members(acme, EVE) == []
    await refused(door.invites.get(globex.caller, globex.organization.id), Reason.INVITE_NOT_FOUND)


async def test_the_database_has_no_invite_and_no_code_that_could_be_read(
    door: Door, acme: Founded, database: Database
) -> None:
    secret = await door.invite(acme)
    await door.joining.redeem(NOWHERE, secret, "Eve", EVE, "")
    code = door.mailbox.code(EVE)
    rows = await database.read(
        lambda c: [
            repr(tuple(row))
            for table in (organization_invite.table, address_code.table)
            for row in c.execute(sa.select(table))
        ]
    )
    assert len(rows) == 2
    for text in (str(secret), secret.hex, code, repr(secret.bytes)[2:-1]):
        assert not any(text in row for row in rows)


async def test_as_much_is_looked_up_for_an_unknown_invite_as_for_a_known_one(
    door: Door, acme: Founded
) -> None:
    from query_plans import statements

    known, asked = await door.invite(acme), []
    for secret in (known, uuid.uuid4()):
        with statements() as seen:
            with contextlib.suppress(NotFound):
                await door.invites.summary(NOWHERE, secret)
            asked.append(list(seen))
    assert asked[0] == asked[1]
    assert asked[0]


async def test_guesses_of_invites_are_limited_by_address(
    make: Make, acme: Founded, clock: SettableClock
) -> None:
    door = make(AddressLimit("unknown invites", 3, clock))
    secret, guesser = await door.invite(acme), Origin(peer="8.8.8.8")
    for _ in range(3):
        await refused(door.invites.summary(guesser, uuid.uuid4()), Reason.INVITE_NOT_FOUND)
    await refused(door.invites.summary(guesser, uuid.uuid4()), Reason.RATE_LIMITED)
    call = door.joining.redeem(guesser, uuid.uuid4(), "Eve", EVE, "")
    await refused(call, Reason.RATE_LIMITED)
    assert (await door.invites.summary(guesser, secret)).member_count == 1


# Codes.


async def test_a_code_is_taken_once_and_guessed_at_five_times_within_ten_minutes(
    door: Door, acme: Founded, clock: SettableClock
) -> None:
    secret = await door.invite(acme)

    async def enter(code: str) -> None:
        await refused(door.joining.redeem(NOWHERE, secret, "E", EVE, code), Reason.CODE_NOT_VALID)

    await enter("00000000")
    await door.joining.redeem(NOWHERE, secret, "Eve", EVE, "")
    right = door.mailbox.code(EVE)
    wrong = f"{(int(right) + 1) % 10**8:08}"
    for _ in range(5):
        await enter(wrong)
    await enter(right)
    await door.joining.redeem(NOWHERE, secret, "Eve", EVE, "")
    clock.advance(minutes=10)
    await enter(door.mailbox.code(EVE))
    await door.joining.redeem(NOWHERE, secret, "Eve", EVE, "")
    first = door.mailbox.code(EVE)
    await door.joining.redeem(NOWHERE, secret, "Eve", EVE, "")
    await enter(first)
    joined = await door.joining.redeem(
        NOWHERE, secret, "Eve", EVE, f" {door.mailbox.code(EVE)[:4]} {door.mailbox.code(EVE)[4:]} "
    )
    assert isinstance(joined, Joined)
    await enter(door.mailbox.code(EVE))


async def test_a_code_is_for_one_address_and_one_purpose(
    door: Door, acme: Founded, globex: Founded, eve: Caller
) -> None:
    acmes, globexs = await door.invite(acme), await door.invite(globex)
    await door.joining.redeem(NOWHERE, acmes, "Eve", EVE, "")
    code = door.mailbox.code(EVE)
    for call in (
        door.joining.redeem(NOWHERE, acmes, "Ada", "another@acme.example", code),
        door.joining.redeem(NOWHERE, globexs, "Eve", EVE, code),
        door.joining.prove_address(eve, code),
    ):
        await refused(call, Reason.CODE_NOT_VALID)


async def test_an_address_is_mailed_so_many_codes_an_hour_whoever_asks(
    door: Door, acme: Founded, globex: Founded, eve: Caller, clock: SettableClock
) -> None:
    secrets = [await door.invite(acme), await door.invite(globex)]
    for secret in [*secrets, *secrets]:
        await door.joining.redeem(NOWHERE, secret, "Eve", EVE.upper(), "")
        clock.advance(minutes=10)
    await door.joining.prove_address(eve, "")
    with pytest.raises(ResourceExhausted) as caught:
        await door.joining.prove_address(eve, "")
    assert caught.value.retry_after == 20 * 60
    await refused(door.joining.redeem(NOWHERE, secrets[0], "Eve", EVE, ""), Reason.RATE_LIMITED)
    assert len(door.mailbox.sent) == 5
    clock.advance(minutes=20)
    await door.joining.prove_address(eve, "")


async def test_without_mail_nothing_that_needs_it_is_done_and_the_setting_is_named(
    make: Make, acme: Founded, eve: Caller
) -> None:
    door = make(mail=False)
    secret = await door.invite(acme)
    for call in (
        door.joining.redeem(NOWHERE, secret, "Eve", EVE, ""),
        door.joining.redeem(NOWHERE, uuid.uuid4(), "Eve", EVE, "12345678"),
        door.joining.prove_address(eve, ""),
    ):
        assert "--smtp-url" in str(await refused(call, Reason.MAIL_NOT_CONFIGURED))


@pytest.mark.parametrize("email", ["", "eve", "a@b@c.example", "eve @acme.example"])
async def test_what_is_no_address_is_refused_by_name(door: Door, acme: Founded, email: str) -> None:
    secret = await door.invite(acme)
    with pytest.raises(InvalidArgument, match=r"^email: "):
        await door.joining.redeem(NOWHERE, secret, "Eve", email, "")
    with pytest.raises(InvalidArgument, match=r"^name: "):
        await door.joining.redeem(NOWHERE, secret, " ", EVE, "")


# With a token of another organization.


async def test_an_address_that_somebody_typed_lets_nobody_in_and_shows_nothing(
    door: Door, acme: Founded, eve: Caller
) -> None:
    """Nor one that SCIM pushed: all that is known is that it stands in another organization."""
    await door.open_to(acme, "acme.example")
    secret = await door.invite(acme)
    for call in (
        door.joining.join(eve, acme.organization.id),
        door.joining.join_by_invite(eve, secret),
    ):
        await refused(call, Reason.ADDRESS_NOT_PROVEN)
    assert not (await door.accounts.joinable(eve, PageRequest())).items
    account = await door.accounts.get(eve)
    assert [each.member.id for each in account.memberships] == [eve.user_id]
    assert await door.members(acme, EVE) == []


async def test_a_proven_address_of_an_invited_proven_domain_lets_in(
    door: Door, acme: Founded, eve: Caller, clock: SettableClock
) -> None:
    await door.open_to(acme, "ACME.example")
    await door.prove(eve)
    (joinable,) = (await door.accounts.joinable(eve, PageRequest())).items
    assert (joinable.organization.name, joinable.member_count) == ("Acme", 1)
    session = replace(eve, signed_in_through=SsoConfigurationId(new_id()))
    assert not (await door.accounts.joinable(session, PageRequest())).items
    member = await door.joining.join(eve, acme.organization.id)
    assert (member.user.name, member.user.email, member.user.role) == ("Eve", EVE, Role.MEMBER)
    assert not (await door.accounts.joinable(eve, PageRequest())).items
    account = await door.accounts.get(eve)
    assert [(each.member.id, each.organization.name) for each in account.memberships] == [
        (eve.user_id, "Globex"),
        (member.user.id, "Acme"),
    ]
    (mine,) = (await door.accounts.get(session)).memberships
    assert mine.member.id == eve.user_id
    clock.advance(minutes=10)  # who is there needs no proof
    assert await door.joining.join(eve, acme.organization.id) == member
    assert len(await door.members(acme, EVE)) == 1


async def test_a_proof_ends_and_is_of_the_address_that_the_member_has(
    door: Door, acme: Founded, globex: Founded, eve: Caller, clock: SettableClock
) -> None:
    secret = await door.invite(acme)
    await door.prove(eve)
    (member,) = await door.members(globex, EVE)
    await door.database.write(
        lambda unit: users.update(
            unit.connection,
            member.organization_id,
            member,
            replace(member, email="ada@acme.example"),
        )
    )
    await refused(door.joining.join_by_invite(eve, secret), Reason.ADDRESS_NOT_PROVEN)
    await door.database.write(
        lambda unit: users.update(
            unit.connection,
            member.organization_id,
            replace(member, email="ada@acme.example"),
            member,
        )
    )
    clock.advance(minutes=10)
    await refused(door.joining.join_by_invite(eve, secret), Reason.ADDRESS_NOT_PROVEN)


@pytest.mark.parametrize("lacking", ["invited", "proven", "either"])
async def test_an_id_alone_lets_nobody_in_and_tells_nothing(
    door: Door, acme: Founded, globex: Founded, eve: Caller, lacking: str
) -> None:
    """The same answer as for an organization that is not there."""
    if lacking == "invited":
        await Vouching(door.database, door.clock).vouch(
            acme.organization.id, "acme.example", private=True
        )
    elif lacking == "proven":  # by somebody else
        await door.open_to(acme, "acme.example", proven=False)
        await Vouching(door.database, door.clock).vouch(
            globex.organization.id, "acme.example", private=True
        )
    await door.prove(eve)
    said = {
        str(await refused(door.joining.join(eve, id), Reason.ORGANIZATION_NOT_FOUND))
        for id in (acme.organization.id, OrganizationId(uuid.uuid4()))
    }
    assert len(said) == 1
    assert not (await door.accounts.joinable(eve, PageRequest())).items


async def test_a_read_only_token_joins_nothing_and_reads_no_invite(
    door: Door, acme: Founded, eve: Caller
) -> None:
    secret, reader = await door.invite(acme), replace(eve, read_only=True)
    for call in (
        door.joining.join_by_invite(reader, secret),
        door.joining.prove_address(reader, ""),
        door.invites.get(replace(acme.caller, read_only=True), acme.organization.id),
    ):
        await refused(call, Reason.TOKEN_READ_ONLY)
    with pytest.raises(PermissionDenied):
        await door.invites.get(
            replace(acme.caller, roles=frozenset({Role.MEMBER})), acme.organization.id
        )


async def test_accounts_are_never_tied_by_equal_addresses(
    door: Door, acme: Founded, eve: Caller, database: Database, clock: SettableClock
) -> None:
    """A member whom others made stays theirs: joining finds them, and gives nobody their account."""
    await add_user(database, acme, clock.now, email=EVE)
    secret = await door.invite(acme)
    await door.prove(eve)
    (there,) = await door.members(acme, EVE)
    assert (await door.joining.join_by_invite(eve, secret)).user == there
    assert len((await door.accounts.get(eve)).memberships) == 1
    assert not await database.read(
        lambda c: account_store.members(c, account_store.of(c, there.id, there.organization_id))
    )


async def test_whoever_joined_with_a_token_elsewhere_gets_one_here_by_the_invite(
    door: Door, acme: Founded, eve: Caller, database: Database, clock: SettableClock
) -> None:
    secret = await door.invite(acme)
    await door.prove(eve)
    member = await door.joining.join_by_invite(eve, secret)
    joined = await door.redeem(secret)
    assert joined.member == member
    assert joined.token is not None
    bearer = await Authentication(database, clock).authenticate(joined.token.reveal(), NOWHERE)
    assert bearer.user_id == member.user.id
    assert (await door.redeem(secret)).token is None
    # Nor once an administrator has revoked it.
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    await tokens.delete(acme.caller, bearer.token_id)
    assert (await door.redeem(secret)).token is None
    fetch = FirstTokens(database, clock).create(eve, acme.organization.id)
    await refused(fetch, Reason.FIRST_TOKEN_GIVEN)


async def test_whoever_joined_with_a_token_elsewhere_fetches_one_with_that(
    door: Door, acme: Founded, eve: Caller, database: Database, clock: SettableClock
) -> None:
    secret = await door.invite(acme)
    await door.prove(eve)
    member = await door.joining.join_by_invite(eve, secret)
    first = await FirstTokens(database, clock).create(eve, acme.organization.id)
    assert first.member == member
    assert (await door.redeem(secret)).token is None


@pytest.mark.parametrize("why", ["administrator", "made by others"])
async def test_nobody_elses_membership_is_opened_by_an_invite_and_their_mail(
    door: Door, acme: Founded, eve: Caller, database: Database, clock: SettableClock, why: str
) -> None:
    secret = await door.invite(acme)
    if why == "administrator":
        await door.prove(eve)
        member = (await door.joining.join_by_invite(eve, secret)).user
        promoted = replace(member, role=Role.ADMIN)
        await database.write(
            lambda unit: users.update(unit.connection, member.organization_id, member, promoted)
        )
    else:  # by SCIM, with no token
        _, token = await administration(database, clock, acme).create()
        async with serving(database, clock) as http:
            await Scim(http, token).create_user(EVE, emails=[{"value": EVE}])
    assert (await door.redeem(secret)).token is None


# Who does not come back.


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.LEFT])
async def test_whoever_was_suspended_or_left_does_not_come_back_by_a_link(
    door: Door, acme: Founded, eve: Caller, status: UserStatus
) -> None:
    secret = await door.invite(acme)
    await door.prove(eve)
    joined = (await door.joining.join_by_invite(eve, secret)).user
    await door.set_status(joined, status)
    await refused(door.joining.join_by_invite(eve, secret), Reason.JOINING_DENIED)
    await refused(door.redeem(secret), Reason.JOINING_DENIED)
    # Nor with another address, by the account.
    after = replace(joined, status=status)
    await door.database.write(
        lambda unit: users.update(
            unit.connection, joined.organization_id, after, replace(after, email="old@acme.example")
        )
    )
    await refused(door.joining.join_by_invite(eve, secret), Reason.JOINING_DENIED)
    assert await door.members(acme, EVE) == []


@pytest.mark.parametrize(
    ("known", "spelled"),
    [
        ("eve@bücher.example", "eve@xn--bcher-kva.example"),
        ("eve@xn--bcher-kva.example", "eve@Bücher.example"),
        ("eve@acme.example", "eve@acme.example."),
        ("eve@acme.example", "eve@\uff41cme.example"),
        ("eve@acme.example", "Eve+again@acme.example"),
    ],
)
async def test_nobody_comes_back_by_another_spelling_of_their_address(
    door: Door,
    acme: Founded,
    globex: Founded,
    database: Database,
    clock: SettableClock,
    known: str,
    spelled: str,
) -> None:
    """Whose mail arrives at the same place, so that they can prove it."""
    await add_user(database, acme, clock.now, email=known)
    (there,) = await door.members(acme, known)
    await door.set_status(there, UserStatus.SUSPENDED)
    secret = await door.invite(acme)
    await refused(door.redeem(secret, spelled), Reason.JOINING_DENIED)
    twin = await caller_of(
        database, clock, await add_user(database, globex, clock.now, email=spelled)
    )
    await door.prove(twin)
    await refused(door.joining.join_by_invite(twin, secret), Reason.JOINING_DENIED)


async def test_a_member_is_the_same_however_the_domain_is_spelled(
    door: Door, acme: Founded, database: Database, clock: SettableClock
) -> None:
    await add_user(database, acme, clock.now, email="eve@bücher.example")
    joined = await door.redeem(await door.invite(acme), "eve@xn--bcher-kva.example")
    assert joined.member.user.email == "eve@bücher.example"
    # What stands behind a + may be somebody else.
    other = await door.redeem(await door.invite(acme), "eve+2@bücher.example")
    assert other.member.user.id != joined.member.user.id


async def test_a_proof_of_one_domain_is_none_of_another_that_looks_alike(
    door: Door, acme: Founded, globex: Founded, database: Database, clock: SettableClock
) -> None:
    """Both sigmas are one letter to whoever searches, and two to DNS: the domains have two owners."""
    await door.open_to(acme, "πας.example")
    mallory = await caller_of(
        database, clock, await add_user(database, globex, clock.now, email="m@πασ.example")
    )
    await door.prove(mallory)
    (member,) = await door.members(globex, "m@πασ.example")
    after = replace(member, email="m@πας.example")
    await database.write(
        lambda unit: users.update(unit.connection, member.organization_id, member, after)
    )
    await refused(door.joining.join(mallory, acme.organization.id), Reason.ADDRESS_NOT_PROVEN)
    # Nor is who has the one the member who has the other.
    await add_user(database, acme, clock.now, email="n@πας.example")
    joined = await door.redeem(await door.invite(acme), "n@πασ.example")
    assert joined.member.user.email != "n@πας.example"


async def test_whom_a_provider_deprovisioned_does_not_come_back_by_a_link(
    door: Door, acme: Founded, database: Database, clock: SettableClock
) -> None:
    secret = await door.invite(acme)
    _, token = await administration(database, clock, acme).create()
    async with serving(database, clock) as http:
        scim = Scim(http, token)
        login, alias = "E.Smith@acme.example", "eve.smith@bücher.example"
        emails = [{"value": EVE, "primary": True}, {"value": alias}]
        made = await scim.create_user(login, emails=emails)
        path = f"/Users/{made['id']}"
        off = {"op": "replace", "path": "active", "value": False}
        assert (await scim.patch(path, off)).status == 200
        # Nor by another address at which their mail may arrive.
        for known in (EVE, login, "eve.smith@xn--bcher-kva.example"):
            await refused(door.redeem(secret, known), Reason.JOINING_DENIED)
        assert (await scim("DELETE", path)).status == 204
        await refused(door.redeem(secret), Reason.JOINING_DENIED)


async def test_an_address_of_several_is_nobodys(
    door: Door, acme: Founded, database: Database, clock: SettableClock
) -> None:
    for _ in range(2):
        await add_user(database, acme, clock.now, email=EVE)
    error = await refused(door.redeem(await door.invite(acme)), Reason.JOINING_DENIED)
    assert "several" in str(error)
    for each in await door.members(acme, EVE):
        assert str(each.id) not in str(error)


# The policy.


async def test_the_policy_refuses_whoever_would_be_new_from_the_answer_on(
    door: Door, acme: Founded, eve: Caller
) -> None:
    await door.open_to(acme, "acme.example")
    secret = await door.invite(acme)
    there = await door.redeem(secret, "mel@acme.example")
    await door.prove(eve)
    await door.restrict(acme)
    for call in (
        door.joining.join(eve, acme.organization.id),
        door.joining.join_by_invite(eve, secret),
        door.redeem(secret),
    ):
        await refused(call, Reason.JOINING_RESTRICTED)
    assert not (await door.accounts.joinable(eve, PageRequest())).items
    assert (await door.redeem(secret, "mel@acme.example")).member == there.member
    await door.restrict(acme, on=False)
    await door.joining.join(eve, acme.organization.id)


@pytest.mark.parametrize("what", ["policy", "invite", "organization"])
async def test_nobody_joins_between_a_change_and_its_answer(
    door: Door, acme: Founded, what: str
) -> None:
    """Of many at once, whoever joined was let in before, by what counted then."""
    people, secret, ended = [f"p{i}@acme.example" for i in range(8)], await door.invite(acme), []
    for person in people:
        await door.joining.redeem(NOWHERE, secret, "P", person, "")

    async def join(person: str) -> bool:
        begun_after = bool(ended)
        code = door.mailbox.code(person)
        try:
            await door.joining.redeem(NOWHERE, secret, "P", person, code)
        except (FailedPrecondition, NotFound):
            return False
        assert not begun_after
        return True

    async def change() -> None:
        if what == "policy":
            await door.restrict(acme)
        elif what == "invite":
            await door.invite(acme)
        else:
            await Organizations(door.database, door.clock).delete(acme.caller, acme.organization.id)
        ended.append(True)

    first, last = map(join, people[:4]), map(join, people[4:])
    results = await asyncio.gather(*first, change(), *last)
    assert not await join(people[0])
    found = [await door.members(acme, person) for person in people]
    assert [bool(each) for each in found] == results[:4] + results[5:]
    if what == "organization":
        id = acme.organization.id
        trail = await door.database.read(lambda c: audit.following(c, id, 0, 1 << 62, 1000))
        assert trail[-1].subject is Subject.ORGANIZATION, "nobody joined after the end"


async def test_the_same_person_many_times_at_once_is_one_member(
    door: Door, acme: Founded, eve: Caller
) -> None:
    secret = await door.invite(acme)
    await door.prove(eve)
    joined = await asyncio.gather(*(door.joining.join_by_invite(eve, secret) for _ in range(8)))
    assert len({each.user.id for each in joined}) == 1
    assert len(await door.members(acme, EVE)) == 1


async def test_only_administrators_change_policies_and_make_invites_and_only_their_own(
    door: Door, acme: Founded, globex: Founded, database: Database, clock: SettableClock
) -> None:
    member = replace(acme.caller, roles=frozenset({Role.MEMBER}))
    id = acme.organization.id
    assert not (await door.policies.get(member, id)).restrict_account_creation_to_scim
    for call in (door.invites.create(member, id), door.policies.update(member, id, {})):
        with pytest.raises(PermissionDenied):
            await call
    for other in (
        door.invites.create(globex.caller, id),
        door.invites.get(globex.caller, id),
        door.policies.get(globex.caller, id),
        door.policies.update(globex.caller, id, {}),
    ):
        await refused(other, Reason.ORGANIZATION_NOT_FOUND)
    clock.advance(seconds=1)
    await door.restrict(acme)
    await door.restrict(acme)
    found = await database.read(lambda c: audit.following(c, id, 0, 1 << 62, 1000))
    (told,) = [each for each in found if each.subject is Subject.ORGANIZATION_POLICY]
    assert told.changes["restrict_account_creation_to_scim"].after is True
