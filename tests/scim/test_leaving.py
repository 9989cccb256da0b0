"""What becomes of an identity provider's user when the member leaves, or is deleted, on our side."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from clock import SettableClock
from orgplane_server.domain import personal_access_token
from orgplane_server.domain.caller import Caller, Origin
from orgplane_server.domain.errors import NotFound, Reason, Unauthenticated
from orgplane_server.domain.identifier import PersonalAccessTokenId, ScimConfigurationId, UserId
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.domain.token import TokenKind
from orgplane_server.domain.user import Role, User, UserStatus
from orgplane_server.store import scim_count, scim_user
from orgplane_server.store.engine.database import Database
from orgplane_server.store.personal_access_token import personal_access_tokens
from orgplane_server.store.user import users
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.minting import new_id, new_token
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.sealing import Sealer
from people import add_user
from provisioning import Administration
from pyqwest import Client
from scim_client import Scim, user

ANN = "ann@acme.example"
ON = {"op": "replace", "path": "active", "value": True}
OFF = {"op": "replace", "path": "active", "value": False}


@pytest.fixture
def members(database: Database, clock: SettableClock) -> Members:
    return Members(database, clock, PageTokens(Sealer(bytes(32))))


@pytest.fixture
async def ann(scim: Scim) -> str:
    made = await scim.create_user(ANN)
    await scim.create_group("Guides", made["id"])
    id: str = made["id"]
    return id


async def member(database: Database, acme: Founded, id: str) -> User | None:
    return await database.read(lambda c: users.find(c, acme.organization.id, UserId(UUID(id))))


async def test_who_has_left_stays_so_whatever_the_provider_goes_on_sending(
    scim: Scim, ann: str, members: Members, acme: Founded, database: Database
) -> None:
    await members.leave(acme.caller, UserId(UUID(ann)))
    before = await member(database, acme, ann)
    assert before is not None
    assert before.status is UserStatus.LEFT
    seen = (await scim("GET", f"/Users/{ann}")).json
    assert (seen["active"], seen["groups"][0]["display"]) == (True, "Guides")
    assert await scim.found(f'userName eq "{ANN}"') == [ANN]
    put = await scim("PUT", f"/Users/{ann}", user(ANN, active=True, displayName="Ann O."))
    assert (put.status, put.json["displayName"], put.json["active"]) == (200, "Ann O.", True)
    assert (await scim.patch(f"/Users/{ann}", ON)).status == 200
    again = await scim("POST", "/Users", user(ANN))
    assert (again.status, again.json["scimType"]) == (409, "uniqueness")
    assert await member(database, acme, ann) == before


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER])
@pytest.mark.parametrize("suspended", [False, True])
async def test_a_provider_that_assigns_somebody_anew_makes_them_a_plain_member_again(
    scim: Scim,
    ann: str,
    members: Members,
    acme: Founded,
    database: Database,
    clock: SettableClock,
    role: Role,
    suspended: bool,
) -> None:
    id = UserId(UUID(ann))
    await members.set_role(acme.caller, acme.organization.id, id, role)
    if suspended:
        await members.set_suspended(acme.caller, id, True)
    await members.leave(acme.caller, id)
    assert (await scim.patch(f"/Users/{ann}", OFF)).status == 200
    left = await member(database, acme, ann)
    assert left is not None
    assert left.status is UserStatus.LEFT
    clock.advance(days=1)
    assert (await scim.patch(f"/Users/{ann}", ON)).json["active"] is True
    back = await member(database, acme, ann)
    assert back is not None
    wanted = UserStatus.SUSPENDED if suspended else UserStatus.ACTIVE
    assert (back.status, back.role, back.email) == (wanted, Role.MEMBER, ANN)


@pytest.mark.parametrize("deleted", [False, True])
async def test_whoever_was_let_in_before_they_left_makes_no_token_any_more(
    scim: Scim,
    ann: str,
    members: Members,
    acme: Founded,
    database: Database,
    clock: SettableClock,
    deleted: bool,
) -> None:
    id = UserId(UUID(ann))
    let_in_before = Caller(id, acme.organization.id, frozenset({Role.MEMBER}), acme.caller.token_id)
    await (members.delete if deleted else members.leave)(acme.caller, id)
    tokens = PersonalAccessTokens(database, clock, PageTokens(Sealer(bytes(32))))
    with pytest.raises(Unauthenticated) as caught:
        await tokens.create(let_in_before, id)
    assert caught.value.reason is Reason.USER_SUSPENDED


async def test_a_token_that_was_being_made_while_its_user_left_does_not_come_back_with_them(
    scim: Scim, ann: str, members: Members, acme: Founded, database: Database, clock: SettableClock
) -> None:
    """As of somebody who joined at that moment by an invite."""
    id = UserId(UUID(ann))
    before = await member(database, acme, ann)
    assert before is not None
    await members.leave(acme.caller, id)
    token = new_token(TokenKind.PERSONAL_ACCESS)
    late = personal_access_token.new(
        PersonalAccessTokenId(new_id()), before, token.digest, clock.now, description="late"
    )
    await database.write(lambda unit: unit.write(personal_access_tokens.inserting(late)))
    for said in (OFF, ON):
        assert (await scim.patch(f"/Users/{ann}", said)).status == 200
    back = await member(database, acme, ann)
    assert back is not None
    assert back.status is UserStatus.ACTIVE
    with pytest.raises(Unauthenticated):
        await Authentication(database, clock).authenticate(token.reveal(), Origin())


@pytest.mark.parametrize("leave", [True, False])
async def test_a_provider_deletes_and_creates_who_has_left(
    scim: Scim,
    ann: str,
    members: Members,
    acme: Founded,
    database: Database,
    leave: bool,
) -> None:
    if leave:
        await members.leave(acme.caller, UserId(UUID(ann)))
    assert (await scim("DELETE", f"/Users/{ann}")).status == 204
    gone = await member(database, acme, ann)
    assert gone is not None
    assert gone.status is UserStatus.LEFT
    made = await scim.create_user(ANN)
    assert made["id"] != ann
    new = await member(database, acme, made["id"])
    assert new is not None
    assert new.status is UserStatus.ACTIVE


async def test_the_address_of_who_has_left_is_free_for_another_configuration(
    http: Client,
    admin: Administration,
    scim: Scim,
    ann: str,
    members: Members,
    acme: Founded,
    database: Database,
) -> None:
    await members.leave(acme.caller, UserId(UUID(ann)))
    other = Scim(http, (await admin.create())[1])
    made = await other.create_user(ANN)
    assert made["id"] != ann
    assert [each.status for each in [await member(database, acme, ann)] if each] == [
        UserStatus.LEFT
    ]


async def test_a_configurations_end_changes_nothing_about_who_has_left(
    scim: Scim,
    ann: str,
    members: Members,
    acme: Founded,
    admin: Administration,
    configuration: ScimConfiguration,
    database: Database,
) -> None:
    assert (await scim.patch(f"/Users/{ann}", OFF)).status == 200
    await members.leave(acme.caller, UserId(UUID(ann)))
    before = await member(database, acme, ann)
    await admin.configurations.delete(acme.caller, configuration.id)
    assert await member(database, acme, ann) == before


@pytest.mark.parametrize(
    ("method", "again"),
    [
        ("UserService/DeleteUser", {"", "not_found"}),
        ("OrganizationService/LeaveOrganization", {"", "failed_precondition"}),
    ],
)
async def test_a_removal_by_both_sides_at_once(
    http: Client,
    scim: Scim,
    acme: Founded,
    configuration: ScimConfiguration,
    database: Database,
    method: str,
    again: set[str],
) -> None:
    """Whoever comes second finds it done, and what is left is what one after the other leaves."""
    made = [(await scim.create_user(f"p{number}@acme.example"))["id"] for number in range(8)]
    group = await scim.create_group("Guides", *made)

    async def remove(id: str) -> str:
        answer = await http.post(
            f"http://orgplane.test/gitpod.v1.{method}",
            headers={
                "authorization": f"Bearer {acme.token.reveal()}",
                "content-type": "application/json",
            },
            content=json.dumps({"userId": id}).encode(),
        )
        code: str = json.loads(answer.text()).get("code", "")
        return code

    ours = [remove(id) for id in made]
    theirs = [scim("DELETE", f"/Users/{id}") for id in made]
    done: list[Any] = await asyncio.gather(*ours[:4], *theirs, *ours[4:])
    assert {*done[:4], *done[-4:]} <= again
    assert {answer.status for answer in done[4:-4]} <= {204, 404}
    for id in made:
        assert (await scim("GET", f"/Users/{id}")).status == 404
        left = await member(database, acme, id)
        assert left is None if "Delete" in method else left and left.status is UserStatus.LEFT
    assert (await scim("GET", f"/Groups/{group['id']}")).json.get("members", []) == []
    assert (await scim("GET", "/Users")).json["totalResults"] == 0
    counted = await database.read(lambda c: scim_count.of(c, configuration.id, "users"))
    assert counted == 0


async def test_of_who_is_deleted_the_providers_users_go_too(
    http: Client,
    admin: Administration,
    scim: Scim,
    ann: str,
    members: Members,
    acme: Founded,
    configuration: ScimConfiguration,
    database: Database,
) -> None:
    other, token = await admin.create(linking=True)
    assert (await Scim(http, token).create_user(ANN))["id"] == ann
    (guides,) = (await scim("GET", "/Groups")).json["Resources"]
    await members.delete(acme.caller, UserId(UUID(ann)))
    assert await member(database, acme, ann) is None
    assert (await scim("GET", f"/Users/{ann}")).status == 404
    assert (await scim.patch(f"/Users/{ann}", ON)).status == 404
    assert (await scim("GET", "/Users")).json["totalResults"] == 0
    after = (await scim("GET", f"/Groups/{guides['id']}")).json
    assert after.get("members", []) == []
    assert after["meta"]["version"] != guides["meta"]["version"]
    assert (await scim.create_user(ANN))["id"] != ann

    def counted(id: ScimConfigurationId) -> object:
        return database.read(lambda c: scim_count.of(c, id, "users"))

    assert await counted(other.id) == 0  # type: ignore[misc]
    assert await database.read(lambda c: scim_user.denying(c, configuration.id)) == []


async def test_who_is_deleted_while_their_configuration_still_is_being_deleted(
    scim: Scim,
    ann: str,
    members: Members,
    acme: Founded,
    admin: Administration,
    configuration: ScimConfiguration,
    database: Database,
) -> None:
    await admin.configurations.delete(acme.caller, configuration.id)
    await members.delete(acme.caller, UserId(UUID(ann)))
    assert await member(database, acme, ann) is None


async def test_nobody_ends_the_membership_of_whom_they_do_not_know(
    members: Members, acme: Founded, globex: Founded, database: Database, clock: SettableClock
) -> None:
    stranger = await add_user(database, globex, clock.now)
    for end in (members.leave, members.delete):
        with pytest.raises(NotFound) as caught:
            await end(acme.caller, stranger.user.id)
        assert caught.value.reason is Reason.USER_NOT_FOUND
