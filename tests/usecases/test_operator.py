"""The operator of the server can always let somebody act."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from clock import SettableClock
from orgplane_server.domain.administration import acting
from orgplane_server.domain.audit import ActorKind, AuditEvent, Subject
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    OrgplaneError,
    PermissionDenied,
)
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.user import Role, User, UserStatus
from orgplane_server.store import audit
from orgplane_server.store.administration import administrators
from orgplane_server.store.engine.database import Database
from orgplane_server.store.user import users
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.operator import LetIn, Operations
from orgplane_server.usecases.organization import Foundation, Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from people import add_user

MEL = "mel@acme.example"


@pytest.fixture
def operations(database: Database, clock: SettableClock) -> Operations:
    return Operations(database, clock)


async def events(database: Database, owner: Founded) -> list[AuditEvent]:
    return list(
        await database.read(lambda c: audit.following(c, owner.organization.id, 0, 1 << 62, 1000))
    )


async def test_an_administrator_whose_tokens_have_ended_gets_another(
    database: Database, operations: Operations, acme: Founded, clock: SettableClock
) -> None:
    clock.advance(days=100)
    assert not acting(
        await database.read(lambda c: administrators(c, acme.organization.id)), clock.now
    )
    made = await operations.create_token(
        acme.organization.id, "ADA@ACME.EXAMPLE", lifetime=timedelta(days=30)
    )
    assert made.administrator == acme.administrator
    assert made.expires_at == clock.now + timedelta(days=30)
    caller = await Authentication(database, clock).authenticate(made.token.reveal(), Origin())
    assert (caller.user_id, caller.roles) == (
        acme.administrator.id,
        {Role.ADMIN, Role.MEMBER},
    )
    event = (await events(database, acme))[-1]
    assert (event.actor, event.actor_id, event.subject) == (
        ActorKind.OPERATOR,
        None,
        Subject.PERSONAL_ACCESS_TOKEN,
    )
    assert made.token.reveal() not in repr(event)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", UserStatus)
async def test_whoever_has_the_address_becomes_an_active_administrator_if_asked_for(
    database: Database,
    operations: Operations,
    acme: Founded,
    clock: SettableClock,
    role: Role,
    status: UserStatus,
) -> None:
    there = (await add_user(database, acme, clock.now, role=role, status=status)).user
    id = acme.organization.id
    if (role, status) != (Role.ADMIN, UserStatus.ACTIVE):
        with pytest.raises((NotFound, PermissionDenied), match="--make-administrator"):
            await operations.create_token(id, MEL)
        assert await found(database, there) == there
    made = await operations.create_token(id, MEL, make_administrator=True)
    assert (made.administrator.role, made.administrator.status) == (Role.ADMIN, UserStatus.ACTIVE)
    # Who has left does not come back: their address is free, and somebody new has it.
    assert (made.administrator.id == there.id) is (status is not UserStatus.LEFT)
    assert await found(database, made.administrator) == made.administrator


async def found(database: Database, member: User) -> User | None:
    return await database.read(lambda c: users.find(c, member.organization_id, member.id))


async def test_somebody_new_is_made_an_administrator(
    database: Database, operations: Operations, acme: Founded
) -> None:
    made = await operations.create_token(acme.organization.id, MEL, make_administrator=True)
    assert (made.administrator.email, made.administrator.name) == (MEL, "mel")
    mine = [event for event in await events(database, acme) if event.actor is ActorKind.OPERATOR]
    assert [event.subject for event in mine] == [Subject.USER, Subject.PERSONAL_ACCESS_TOKEN]


@pytest.mark.parametrize("status", [UserStatus.ACTIVE, UserStatus.SUSPENDED])
async def test_of_several_with_the_address_nobody_is_chosen(
    database: Database,
    operations: Operations,
    acme: Founded,
    clock: SettableClock,
    status: UserStatus,
) -> None:
    both = [(await add_user(database, acme, clock.now, status=status)).user for _ in range(2)]
    with pytest.raises(AlreadyExists) as caught:
        await operations.create_token(acme.organization.id, MEL, make_administrator=True)
    assert all(str(each.id) in str(caught.value) for each in both)
    await add_user(
        database, acme, clock.now, role=Role.ADMIN
    )  # but the administrator among them is
    made = await operations.create_token(acme.organization.id, MEL)
    assert made.administrator.role is Role.ADMIN


async def test_however_many_have_the_address_the_administrator_is_found(
    database: Database, operations: Operations, acme: Founded, clock: SettableClock
) -> None:
    """A shared mailbox; the administrator is the last of them by name."""
    for number in range(25):
        await add_user(database, acme, clock.now, name=f"A{number}")
    with pytest.raises(AlreadyExists, match="and 5 more"):
        await operations.create_token(acme.organization.id, MEL, make_administrator=True)
    boss = await add_user(database, acme, clock.now, name="Zoe", role=Role.ADMIN)
    made = await operations.create_token(acme.organization.id, MEL)
    assert made.administrator.id == boss.user.id


@pytest.mark.parametrize(
    ("error", "organization", "email", "lifetime"),
    [
        (NotFound, OrganizationId(new_id()), MEL, 1),
        (NotFound, None, MEL, 1),
        (InvalidArgument, None, "nobody", 1),
        (InvalidArgument, None, "ada@acme.example", 91),
        (InvalidArgument, None, "ada@acme.example", 0),
    ],
)
async def test_a_refused_token_changes_nothing(
    database: Database,
    operations: Operations,
    acme: Founded,
    globex: Founded,
    error: type[OrgplaneError],
    organization: OrganizationId | None,
    email: str,
    lifetime: int,
) -> None:
    before = await events(database, acme)
    with pytest.raises(error):
        await operations.create_token(
            organization or acme.organization.id, email, lifetime=timedelta(days=lifetime)
        )
    assert await events(database, acme) == before


async def test_organizations_are_listed_with_who_can_act(
    database: Database, operations: Operations, acme: Founded, globex: Founded, clock: SettableClock
) -> None:
    await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
    await add_user(database, acme, clock.now, status=UserStatus.LEFT)
    first, second = await operations.organizations()
    assert (first.organization, second.organization) == (acme.organization, globex.organization)
    assert (first.members.value, second.members.value) == (2, 1)
    assert [each.administrator for each in first.acting] == [acme.administrator]
    clock.advance(days=90)
    assert [each.acting for each in await operations.organizations()] == [[], []]


async def test_the_demos_token_is_for_its_own_organization_alone(
    database: Database, operations: Operations, clock: SettableClock
) -> None:
    assert await operations.create_demo_token() is None
    demo = await Foundation(database, clock).create("Demo", "admin@example.com", demo=True)
    await Foundation(database, clock).create("Demo", "admin@example.com")
    again = await operations.create_demo_token()
    assert again is not None
    assert again.administrator == demo.administrator


async def test_an_organization_that_looks_like_the_demos_is_not_it(
    operations: Operations, database: Database, clock: SettableClock
) -> None:
    await Foundation(database, clock).create("Demo", "admin@example.com", "Demo Admin")
    assert await operations.create_demo_token() is None


async def test_a_token_makes_nobody_an_administrator_again_who_is_none_any_more(
    database: Database, operations: Operations, acme: Founded, clock: SettableClock
) -> None:
    """Tried several times: on PostgreSQL the two transactions really run at once."""
    members = Members(database, clock, PageTokens(Sealer(bytes(32))))
    mel = (await add_user(database, acme, clock.now, role=Role.ADMIN)).user.id
    for _ in range(10):
        taken, made = await asyncio.gather(
            members.set_role(acme.caller, acme.organization.id, mel, Role.MEMBER),
            operations.create_token(acme.organization.id, MEL),
            return_exceptions=True,
        )
        assert not isinstance(taken, BaseException)
        assert isinstance(made, LetIn | PermissionDenied)
        now = await database.read(lambda c: users.find(c, acme.organization.id, mel))
        assert now is not None
        assert now.role is Role.MEMBER
        await members.set_role(acme.caller, acme.organization.id, mel, Role.ADMIN)
