"""Members create organizations, and first act there; over both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from clock import SettableClock
from orgplane_server.domain.audit import ActorKind, Subject
from orgplane_server.domain.caller import Caller, Origin
from orgplane_server.domain.errors import OrgplaneError, Reason, Unauthenticated
from orgplane_server.domain.identifier import OrganizationId, SsoConfigurationId
from orgplane_server.domain.organization import MOST_OF_AN_ACCOUNT
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.user import Role, UserStatus
from orgplane_server.store import audit
from orgplane_server.store.administration import administrators
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.first_token import FirstTokens
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.operator import Operations
from orgplane_server.usecases.organization import Founded, Organizations
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access, add_user

NOWHERE = Origin()


@pytest.fixture
def organizations(database: Database, clock: SettableClock) -> Organizations:
    return Organizations(database, clock, creation=True)


@pytest.fixture
def first(database: Database, clock: SettableClock) -> FirstTokens:
    return FirstTokens(database, clock)


@pytest.fixture
async def mel(database: Database, clock: SettableClock, acme_member: Access) -> Caller:
    """A plain member of Acme."""
    token = acme_member.token.reveal()
    return await Authentication(database, clock).authenticate(token, NOWHERE)


async def refused(call: object, reason: Reason) -> str:
    with pytest.raises(OrgplaneError) as caught:
        await call  # type: ignore[misc]
    assert caught.value.reason is reason, caught.value
    return str(caught.value)


async def found(organizations: Organizations, caller: Caller, name: str = "New") -> OrganizationId:
    made, _ = await organizations.create(caller, name, join=True)
    return made.id


async def test_a_member_creates_an_organization_and_acts_there(
    organizations: Organizations,
    first: FirstTokens,
    mel: Caller,
    acme: Founded,
    database: Database,
    clock: SettableClock,
) -> None:
    made, member = await organizations.create(mel, "New", join=True)
    assert (made.name, made.invite_domains) == ("New", ())
    assert (member.user.organization_id, member.user.role) == (made.id, Role.ADMIN)
    assert (member.user.name, member.user.email) == ("Mel", "mel@acme.example")
    given = await first.create(mel, made.id)
    assert (given.member, given.expires_at) == (member, clock.now + timedelta(days=90))
    bearer = await Authentication(database, clock).authenticate(given.token.reveal(), NOWHERE)
    assert (bearer.user_id, bearer.roles, bearer.read_only) == (
        member.user.id,
        {Role.ADMIN, Role.MEMBER},
        False,
    )
    assert (await organizations.update(bearer, made.id, {"name": "Newer"})).name == "Newer"
    for caller in (mel, bearer):
        await refused(first.create(caller, made.id), Reason.FIRST_TOKEN_GIVEN)
    events = await database.read(lambda c: audit.following(c, made.id, 0, 1 << 62, 1000))
    assert [event.subject for event in events] == [
        Subject.ORGANIZATION,
        Subject.USER,
        Subject.PERSONAL_ACCESS_TOKEN,
        Subject.ORGANIZATION,
    ]
    assert {(event.actor, event.actor_id) for event in events} == {(ActorKind.USER, member.user.id)}
    elsewhere = await database.read(
        lambda c: audit.following(c, acme.organization.id, 0, 1 << 62, 1000)
    )
    assert str(made.id) not in repr(elsewhere)


async def test_only_where_the_operator_allows_it_and_for_whom_acts_there(
    database: Database, clock: SettableClock, mel: Caller, organizations: Organizations
) -> None:
    told = await refused(
        Organizations(database, clock).create(mel, "New", join=True),
        Reason.ORGANIZATION_CREATION_DISABLED,
    )
    assert "--allow-organization-creation" in told
    wrong = organizations.create(mel, "New", join=False, invite_domain=True)
    told = await refused(wrong, Reason.INVALID_ARGUMENT)
    for field in ("join_organization: ", "invite_accounts_with_matching_domain: "):
        assert field in told


async def test_an_account_creates_so_many_whichever_member_asks_and_however_many_at_once(
    organizations: Organizations,
    first: FirstTokens,
    mel: Caller,
    database: Database,
    clock: SettableClock,
) -> None:
    new = await found(organizations, mel)
    token = (await first.create(mel, new)).token.reveal()
    other = await Authentication(database, clock).authenticate(token, NOWHERE)
    asked = [found(organizations, (mel, other)[i % 2], f"New {i}") for i in range(12)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    made = [each for each in done if not isinstance(each, BaseException)]
    assert len(made) == MOST_OF_AN_ACCOUNT - 2
    for each in done:
        if isinstance(each, BaseException):
            assert isinstance(each, OrgplaneError)
            assert each.reason is Reason.TOO_MANY_ORGANIZATIONS
    await organizations.delete(other, new)
    await found(organizations, mel)


async def test_it_is_given_once_however_many_ask_at_once(
    organizations: Organizations, first: FirstTokens, mel: Caller
) -> None:
    new = await found(organizations, mel)
    done = await asyncio.gather(*(first.create(mel, new) for _ in range(6)), return_exceptions=True)
    given = [each for each in done if not isinstance(each, BaseException)]
    assert len(given) == 1
    refusals = [each.reason for each in done if isinstance(each, OrgplaneError)]
    assert refusals == [Reason.FIRST_TOKEN_GIVEN] * 5


async def test_nobody_else_gets_it_and_organizations_of_others_are_not_told_apart(
    organizations: Organizations,
    first: FirstTokens,
    mel: Caller,
    acme: Founded,
    globex: Founded,
    database: Database,
    clock: SettableClock,
) -> None:
    new = await found(organizations, mel)
    reader = await add_user(database, acme, clock.now, name="R", read_only=True)
    twin = await add_user(database, globex, clock.now, email="mel@acme.example")
    auth = Authentication(database, clock)
    told = set()
    for access in (reader, twin):
        caller = await auth.authenticate(access.token.reveal(), NOWHERE)
        if caller.read_only:
            for call in (first.create(caller, new), organizations.create(caller, "N", join=True)):
                await refused(call, Reason.TOKEN_READ_ONLY)
        else:
            told.add(await refused(first.create(caller, new), Reason.ORGANIZATION_NOT_FOUND))
    gone = await found(organizations, mel, "Gone")
    token = (await first.create(mel, gone)).token.reveal()
    await organizations.delete(await auth.authenticate(token, NOWHERE), gone)
    for id in (acme.organization.id, OrganizationId(uuid4())):
        told.add(await refused(first.create(globex.caller, id), Reason.ORGANIZATION_NOT_FOUND))
    told.add(await refused(first.create(mel, gone), Reason.ORGANIZATION_NOT_FOUND))
    assert told == {"organization not found"}
    await refused(first.create(acme.caller, acme.organization.id), Reason.FIRST_TOKEN_GIVEN)
    await first.create(mel, new)


async def test_not_while_suspended_nor_after_leaving_nor_after_the_operators_token(
    organizations: Organizations,
    first: FirstTokens,
    mel: Caller,
    acme: Founded,
    database: Database,
    clock: SettableClock,
) -> None:
    """An administrator whom the operator lets in puts the founder out."""
    members = Members(database, clock, PageTokens(Sealer(bytes(32))))
    made, member = await organizations.create(mel, "New", join=True)
    operations = Operations(database, clock)
    zoe = await operations.create_token(made.id, "zoe@acme.example", make_administrator=True)
    await members.set_suspended(zoe.caller, member.user.id, True)
    await refused(first.create(mel, made.id), Reason.JOINING_DENIED)
    await members.set_suspended(zoe.caller, member.user.id, False)
    await members.leave(zoe.caller, member.user.id)
    await refused(first.create(mel, made.id), Reason.JOINING_DENIED)
    again = await operations.create_token(made.id, "mel@acme.example", make_administrator=True)
    assert again.administrator.status is UserStatus.ACTIVE
    other = await found(organizations, mel, "Other")
    await operations.create_token(other, "mel@acme.example")
    await refused(first.create(mel, other), Reason.FIRST_TOKEN_GIVEN)


async def test_somebody_can_act_for_it_from_the_beginning_as_long_as_the_accounts_tokens_live(
    organizations: Organizations,
    first: FirstTokens,
    mel: Caller,
    acme: Founded,
    database: Database,
    clock: SettableClock,
) -> None:
    made, member = await organizations.create(mel, "New", join=True)

    async def until() -> object:
        there = await database.read(lambda c: administrators(c, made.id))
        return there[member.user.id]

    first_end = clock.now + timedelta(days=90)
    assert await until() == first_end
    clock.advance(days=1)
    # One that is for Acme alone fetches none.
    signed_in = replace(mel, signed_in_through=SsoConfigurationId(uuid4()))
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    await tokens.create(signed_in, mel.user_id)
    assert await until() == first_end
    await first.create(mel, made.id)
    assert await until() == clock.now + timedelta(days=90)
    other, founder = await organizations.create(mel, "Other", join=True)
    zoe = await Operations(database, clock).create_token(
        other.id, "zoe@acme.example", make_administrator=True
    )
    members = Members(database, clock, PageTokens(Sealer(bytes(32))))
    await members.set_role(zoe.caller, other.id, zoe.administrator.id, Role.MEMBER)
    await members.set_suspended(acme.caller, mel.user_id, True)
    there = await database.read(lambda c: administrators(c, other.id))
    assert there == {founder.user.id: clock.now + timedelta(days=90)}  # by the token in the other


@pytest.mark.parametrize("way", ["delete token", "leave", "suspend", "delete user", "end"])
async def test_nobody_deprives_themselves_of_what_they_created_and_others_may(
    organizations: Organizations,
    first: FirstTokens,
    acme: Founded,
    database: Database,
    clock: SettableClock,
    way: str,
) -> None:
    """Only as long as their first token there is not fetched."""
    pages = PageTokens(Sealer(bytes(32)))
    members, tokens = Members(database, clock, pages), PersonalAccessTokens(database, clock, pages)
    access = await add_user(database, acme, clock.now, name="Zoe", role=Role.ADMIN)
    zoe = await Authentication(database, clock).authenticate(access.token.reveal(), NOWHERE)
    new = await found(organizations, zoe)

    def end(by: Caller) -> Coroutine[object, object, object]:
        match way:
            case "delete token":
                return tokens.delete(by, zoe.token_id)
            case "leave":
                return members.leave(by, zoe.user_id)
            case "suspend":
                return members.set_suspended(by, zoe.user_id, True)
            case "delete user":
                return members.delete(by, zoe.user_id)
            case _:
                return organizations.delete(by, by.organization_id)

    told = await refused(end(zoe), Reason.LAST_ADMINISTRATOR)
    assert f"orgplane account first-token {new}" in told
    # As whom the provider says that they are, they learn nothing of another organization.
    signed_in, zoe = zoe, replace(zoe, signed_in_through=SsoConfigurationId(uuid4()))
    told = await refused(end(zoe), Reason.LAST_ADMINISTRATOR)
    assert str(new) not in told
    zoe = signed_in
    if way == "delete token":
        await tokens.create(zoe, zoe.user_id)  # another one to fetch it with
        await end(zoe)
    elif way == "leave":
        await first.create(zoe, new)
        await end(zoe)
    else:
        await end(acme.caller)


async def test_of_all_tokens_at_once_one_stays_to_fetch_the_first_with(
    organizations: Organizations, mel: Caller, database: Database, clock: SettableClock
) -> None:
    """On PostgreSQL the transactions really run at once; so does the creation with a token that is being revoked."""
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    await found(organizations, mel)
    await tokens.create(mel, mel.user_id)
    both = [each.id for each in (await tokens.list(mel, PageRequest())).items]
    done = await asyncio.gather(*(tokens.delete(mel, id) for id in both), return_exceptions=True)
    (refusal,) = [each for each in done if isinstance(each, OrgplaneError)]
    assert refusal.reason is Reason.LAST_ADMINISTRATOR


async def test_a_token_that_is_revoked_meanwhile_creates_no_organization(
    organizations: Organizations, mel: Caller, database: Database, clock: SettableClock
) -> None:
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    await tokens.delete(mel, mel.token_id)
    with pytest.raises(Unauthenticated):
        await organizations.create(mel, "New", join=True)
