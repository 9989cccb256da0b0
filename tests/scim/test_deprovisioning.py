"""What a provider wants of the last administrator who can act is refused, kept, and done once it can be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from clock import SettableClock
from orgplane_server.domain.audit import Action, ActorKind, AuditEvent
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.scim_configuration import ScimConfiguration, ScimConfigurationChanges
from orgplane_server.domain.scim_user import Wish
from orgplane_server.domain.user import Role, User, UserStatus
from orgplane_server.store import audit
from orgplane_server.store import scim_user as scim_user_store
from orgplane_server.store.engine.database import Database
from orgplane_server.store.user import users
from orgplane_server.telemetry import logs
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.operator import Operations
from orgplane_server.usecases.organization import Foundation, Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.personal_access_token import PersonalAccessTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access, add_user
from provisioning import Administration, administration
from pyqwest import Client
from scim_client import Answer, Scim, user

PAGES = PageTokens(Sealer(bytes(32)))
OFF = {"op": "replace", "path": "active", "value": False}

Deprovision = Callable[[Scim, str], Awaitable[Answer]]


async def _bulk(scim: Scim, id: str) -> Answer:
    operation = {"method": "DELETE", "path": f"/Users/{id}"}
    schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    answer = await scim("POST", "/Bulk", {"schemas": [schema], "Operations": [operation]})
    (result,) = answer.json["Operations"]
    if int(result["status"]) < 400:
        return Answer(int(result["status"]), {}, "")
    return Answer(int(result["status"]), {}, json.dumps(result["response"]))


async def _patch(scim: Scim, id: str) -> Answer:
    return await scim.patch(f"/Users/{id}", OFF)


async def _put(scim: Scim, id: str) -> Answer:
    return await scim("PUT", f"/Users/{id}", user("ada@acme.example", active=False))


async def _delete(scim: Scim, id: str) -> Answer:
    return await scim("DELETE", f"/Users/{id}")


#: Every way to deprovision somebody, and what the provider wants by it.
WAYS: dict[str, tuple[Deprovision, Wish]] = {
    "PATCH": (_patch, Wish.DEACTIVATE),
    "PUT": (_put, Wish.DEACTIVATE),
    "DELETE": (_delete, Wish.DELETE),
    "Bulk": (_bulk, Wish.DELETE),
}


@pytest.fixture
async def issued(admin: Administration) -> tuple[ScimConfiguration, str]:
    return await admin.create(linking=True)


@pytest.fixture
async def ada(scim: Scim, acme: Founded) -> str:
    """Acme's administrator, whom the provider has linked, in a group."""
    made = await scim.create_user(acme.administrator.email, displayName="Ada")
    await scim.create_group("Guides", made)
    return str(made["id"])


@pytest.fixture
def members(database: Database, clock: SettableClock) -> Members:
    return Members(database, clock, PAGES)


@pytest.fixture
def tokens(database: Database, clock: SettableClock) -> PersonalAccessTokens:
    return PersonalAccessTokens(database, clock, PAGES)


class Organization:
    """What is so in Acme, as the database has it."""

    def __init__(self, database: Database, owner: Founded) -> None:
        self._database = database
        self._owner = owner

    async def member(self, id: str | UUID) -> User:
        found = await self._database.read(
            lambda c: users.find(c, self._owner.organization.id, UUID(str(id)))
        )
        assert found is not None
        return found

    async def wishes(self) -> list[tuple[Wish | None, datetime | None]]:
        found = await self._database.read(
            lambda c: scim_user_store.wished(c, self._owner.organization.id)
        )
        return [(each.wish, each.wished_at) for each in found]

    async def events(self) -> list[AuditEvent]:
        return list(
            await self._database.read(
                lambda c: audit.following(c, self._owner.organization.id, 0, 1 << 62, 1000)
            )
        )

    async def ada_has_gone(self, wish: Wish) -> bool:
        gone = {Wish.DEACTIVATE: UserStatus.SUSPENDED, Wish.DELETE: UserStatus.LEFT}[wish]
        status = (await self.member(self._owner.administrator.id)).status
        assert status in (UserStatus.ACTIVE, gone)
        assert await self.wishes() == [] or status is UserStatus.ACTIVE
        return status is gone


@pytest.fixture
def organization(database: Database, acme: Founded) -> Organization:
    return Organization(database, acme)


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_refused_changes_nothing_but_is_kept_and_told(
    scim: Scim,
    ada: str,
    organization: Organization,
    configuration: ScimConfiguration,
    clock: SettableClock,
    capfd: pytest.CaptureFixture[str],
    way: str,
) -> None:
    deprovision, wish = WAYS[way]
    before = (await scim("GET", f"/Users/{ada}")).json
    wanted_at = clock.now
    for _ in range(2):  # a provider tries again
        refused = await deprovision(scim, ada)
        assert refused.error == (403, None)
        assert "must first make another active member one" in refused.detail
        assert "as soon as another administrator can act" in refused.detail
        assert await organization.wishes() == [(wish, wanted_at)]
        clock.advance(hours=1)
    assert (await scim("GET", f"/Users/{ada}")).json == before
    assert before["groups"]
    *_, event = await organization.events()
    assert (event.actor, event.actor_id, str(event.subject_id)) == (
        ActorKind.SCIM_CONFIGURATION,
        configuration.id,
        ada,
    )
    assert event.changes == {"pending_deprovisioning": FieldChange(None, wish)}
    assert event.occurred_at == wanted_at  # once, however often it is tried
    logs.drain()
    warnings = [
        line for line in capfd.readouterr().err.splitlines() if "last administrator" in line
    ]
    assert len(warnings) == 1
    assert ada in warnings[0]


@pytest.mark.parametrize("way", WAYS)
class TestCarriedOut:
    async def test_as_soon_as_another_administrator_makes_a_token(
        self,
        scim: Scim,
        ada: str,
        acme: Founded,
        database: Database,
        tokens: PersonalAccessTokens,
        organization: Organization,
        clock: SettableClock,
        configuration: ScimConfiguration,
        way: str,
    ) -> None:
        deprovision, wish = WAYS[way]
        other = await add_user(database, acme, clock.now, role=Role.ADMIN, lifetime=timedelta())
        await deprovision(scim, ada)
        bob = replace(acme.caller, id=other.user.id)
        await tokens.create(bob, bob.user_id, read_only=True)
        assert not await organization.ada_has_gone(wish)
        await tokens.create(bob, bob.user_id)
        assert await organization.ada_has_gone(wish)
        event = (await organization.events())[-1]
        assert (event.actor, event.actor_id) == (ActorKind.SCIM_CONFIGURATION, configuration.id)
        assert event.action is (Action.DELETE if wish is Wish.DELETE else Action.UPDATE)
        found = await scim("GET", f"/Users/{ada}")
        assert found.status == (404 if wish is Wish.DELETE else 200)
        if wish is Wish.DEACTIVATE:
            assert found.json["active"] is False
        counted = (await scim("GET", "/Users", count=0)).json["totalResults"]
        assert counted == (0 if wish is Wish.DELETE else 1)

    async def test_as_soon_as_another_becomes_an_administrator(
        self,
        scim: Scim,
        ada: str,
        acme: Founded,
        acme_member: Access,
        members: Members,
        organization: Organization,
        way: str,
    ) -> None:
        deprovision, wish = WAYS[way]
        await deprovision(scim, ada)
        id = acme_member.user.id
        promoted = await members.set_role(acme.caller, acme.organization.id, id, Role.ADMIN)
        assert promoted.role is Role.ADMIN
        assert await organization.ada_has_gone(wish)

    async def test_as_soon_as_another_is_back(
        self,
        scim: Scim,
        ada: str,
        acme: Founded,
        database: Database,
        members: Members,
        organization: Organization,
        clock: SettableClock,
        way: str,
    ) -> None:
        deprovision, wish = WAYS[way]
        other = await add_user(database, acme, clock.now, role=Role.ADMIN)
        await members.set_suspended(acme.caller, other.user.id, True)
        await deprovision(scim, ada)
        assert not await organization.ada_has_gone(wish)
        await members.set_suspended(acme.caller, other.user.id, False)
        assert await organization.ada_has_gone(wish)

    async def test_as_soon_as_the_provider_brings_another_back(
        self,
        scim: Scim,
        ada: str,
        acme: Founded,
        database: Database,
        organization: Organization,
        clock: SettableClock,
        way: str,
    ) -> None:
        deprovision, wish = WAYS[way]
        other = await add_user(database, acme, clock.now, role=Role.ADMIN)
        path = f"/Users/{(await scim.create_user(other.user.email))['id']}"
        assert (await scim.patch(path, OFF)).status == 200
        await deprovision(scim, ada)
        assert not await organization.ada_has_gone(wish)
        assert (await scim.patch(path, {**OFF, "value": True})).status == 200
        assert await organization.ada_has_gone(wish)

    async def test_as_soon_as_the_operator_lets_another_in(
        self,
        scim: Scim,
        ada: str,
        acme: Founded,
        database: Database,
        organization: Organization,
        clock: SettableClock,
        way: str,
    ) -> None:
        deprovision, wish = WAYS[way]
        await deprovision(scim, ada)
        operations = Operations(database, clock)
        await operations.create_token(acme.organization.id, acme.administrator.email)
        assert not await organization.ada_has_gone(wish)
        await operations.create_token(
            acme.organization.id, "bob@acme.example", make_administrator=True
        )
        assert await organization.ada_has_gone(wish)


@pytest.mark.parametrize("way", ["PATCH", "DELETE"])
class TestForgotten:
    @pytest.fixture
    async def refused(self, scim: Scim, ada: str, organization: Organization, way: str) -> None:
        assert (await WAYS[way][0](scim, ada)).status == 403
        assert len(await organization.wishes()) == 1

    @pytest.mark.usefixtures("refused")
    async def test_when_the_provider_says_that_they_are_active(
        self, scim: Scim, ada: str, organization: Organization, way: str
    ) -> None:
        renamed = {"op": "replace", "path": "nickName", "value": "A"}
        assert (await scim.patch(f"/Users/{ada}", renamed)).status == 200
        assert len(await organization.wishes()) == 1  # that says nothing of it
        assert (await scim.patch(f"/Users/{ada}", {**OFF, "value": True})).status == 200
        assert await organization.wishes() == []
        *_, event = await organization.events()
        assert event.changes == {"pending_deprovisioning": FieldChange(WAYS[way][1], None)}

    @pytest.mark.usefixtures("refused")
    async def test_when_the_configuration_is_deleted(
        self,
        admin: Administration,
        acme: Founded,
        acme_member: Access,
        members: Members,
        configuration: ScimConfiguration,
        organization: Organization,
        way: str,
    ) -> None:
        await admin.configurations.delete(acme.caller, configuration.id)
        assert await organization.wishes() == []
        await members.set_role(acme.caller, acme.organization.id, acme_member.user.id, Role.ADMIN)
        assert not await organization.ada_has_gone(WAYS[way][1])

    async def test_although_another_comes_back_by_that_deletion(
        self,
        http: Client,
        scim: Scim,
        ada: str,
        admin: Administration,
        acme: Founded,
        database: Database,
        configuration: ScimConfiguration,
        organization: Organization,
        clock: SettableClock,
        way: str,
    ) -> None:
        zoe = (await add_user(database, acme, clock.now, role=Role.ADMIN)).user
        entra = Scim(http, (await admin.create(linking=True))[1])
        path = f"/Users/{zoe.id}"
        for each in (scim, entra):
            assert (await each.create_user(zoe.email))["id"] == str(zoe.id)
        assert (await scim.patch(path, OFF)).status == 200
        clock.advance(minutes=1)
        assert (await entra("PUT", path, user(zoe.email, active=True))).status == 200
        assert (await WAYS[way][0](scim, ada)).status == 403
        await admin.configurations.delete(acme.caller, configuration.id)
        assert (await organization.member(zoe.id)).status is UserStatus.ACTIVE
        assert (await organization.member(ada)).status is UserStatus.ACTIVE


@pytest.mark.parametrize("way", ["PATCH", "DELETE"])
@pytest.mark.parametrize("field", ["enabled", "sso_configuration_id"])
async def test_a_wish_waits_while_its_provider_may_change_nothing(
    scim: Scim,
    ada: str,
    admin: Administration,
    acme: Founded,
    acme_member: Access,
    members: Members,
    configuration: ScimConfiguration,
    organization: Organization,
    way: str,
    field: str,
) -> None:
    deprovision, wish = WAYS[way]
    assert (await deprovision(scim, ada)).status == 403
    stopped: dict[str, ScimConfigurationChanges] = {
        "enabled": {"enabled": False},
        "sso_configuration_id": {"sso_configuration_id": None},
    }
    await admin.update(configuration, stopped[field])
    await members.set_role(acme.caller, acme.organization.id, acme_member.user.id, Role.ADMIN)
    assert not await organization.ada_has_gone(wish)
    assert len(await organization.wishes()) == 1
    again: dict[str, ScimConfigurationChanges] = {
        "enabled": {"enabled": True},
        "sso_configuration_id": {"sso_configuration_id": configuration.sso_configuration_id},
    }
    await admin.update(configuration, again[field])
    assert await organization.ada_has_gone(wish)


async def test_a_later_wish_takes_the_place_of_an_earlier_one(
    scim: Scim, ada: str, organization: Organization, clock: SettableClock
) -> None:
    first = clock.now
    await WAYS["PATCH"][0](scim, ada)
    clock.advance(days=1)
    await WAYS["DELETE"][0](scim, ada)
    assert await organization.wishes() == [(Wish.DELETE, first)]


async def test_of_two_wishes_only_what_leaves_somebody_is_done(
    scim: Scim,
    ada: str,
    acme: Founded,
    database: Database,
    organization: Organization,
    clock: SettableClock,
) -> None:
    other = await add_user(database, acme, clock.now, role=Role.ADMIN, read_only=True)
    bob = (await scim.create_user(other.user.email))["id"]
    assert (await scim("DELETE", f"/Users/{ada}")).status == 403
    assert (await scim("DELETE", f"/Users/{bob}")).status == 204  # takes nothing from anybody
    cid = (await scim.create_user("cid@acme.example"))["id"]
    await Operations(database, clock).create_token(
        acme.organization.id, "cid@acme.example", make_administrator=True
    )
    assert await organization.ada_has_gone(Wish.DELETE)
    assert (await scim("DELETE", f"/Users/{cid}")).status == 403
    assert (await organization.member(cid)).status is UserStatus.ACTIVE


async def test_the_operator_lifts_what_everybody_says(
    scim: Scim,
    acme: Founded,
    database: Database,
    members: Members,
    organization: Organization,
    clock: SettableClock,
) -> None:
    bob = (await scim.create_user("bob@acme.example"))["id"]
    assert (await scim.patch(f"/Users/{bob}", OFF)).status == 200
    await members.set_suspended(acme.caller, UserId(UUID(bob)), True)
    made = await Operations(database, clock).create_token(
        acme.organization.id, "bob@acme.example", make_administrator=True
    )
    assert str(made.administrator.id) == bob
    found = await organization.member(bob)
    assert (found.role, found.status) == (Role.ADMIN, UserStatus.ACTIVE)
    assert (await scim("GET", f"/Users/{bob}")).json["active"] is True
    # The provider's next word counts again.
    assert (await scim.patch(f"/Users/{bob}", OFF)).status == 200
    assert (await organization.member(bob)).status is UserStatus.SUSPENDED


async def test_linking_the_last_administrator_as_inactive_links_nothing(
    scim: Scim, acme: Founded, organization: Organization, http: Client
) -> None:
    refused = await scim("POST", "/Users", user(acme.administrator.email, active=False))
    assert refused.error == (403, None)
    assert (await scim("GET", "/Users")).json["totalResults"] == 0
    assert await organization.wishes() == []


@pytest.mark.parametrize("way", ["PATCH", "DELETE"])
async def test_a_wish_meets_who_comes_at_the_same_moment(
    http: Client, database: Database, members: Members, clock: SettableClock, way: str
) -> None:
    """Tried many times: on PostgreSQL the two transactions really run at once."""
    deprovision, wish = WAYS[way]
    for _ in range(12):
        owner = await Foundation(database, clock).create("Acme", "ada@acme.example", "Ada")
        _, token = await administration(database, clock, owner).create(linking=True)
        scim = Scim(http, token)
        ada = (await scim.create_user("ada@acme.example"))["id"]
        await scim.create_group("Guides", ada)
        bob = await add_user(database, owner, clock.now, email="bob@acme.example")
        answer, _ = await asyncio.gather(
            deprovision(scim, ada),
            members.set_role(owner.caller, owner.organization.id, bob.user.id, Role.ADMIN),
        )
        # Refused or not, in the end she has gone: nothing is left that nobody would see to.
        assert answer.status in (200, 204, 403)
        assert await Organization(database, owner).ada_has_gone(wish)
