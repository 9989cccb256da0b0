"""One person, one member: several providers that know the same person, and who of them has which word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from clock import SettableClock
from orgplane_server.domain.audit import Action, AuditEvent, Subject
from orgplane_server.domain.errors import AlreadyExists, FailedPrecondition, Reason
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.domain.user import Role, User, UserStatus
from orgplane_server.store import audit
from orgplane_server.store import membership as memberships
from orgplane_server.store.engine.database import Database
from orgplane_server.store.user import users
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access, add_user
from provisioning import Administration, serving
from pyqwest import Client
from scim_client import Scim, user

ANN = "ann@acme.example"
ON = {"op": "replace", "path": "active", "value": True}
OFF = {"op": "replace", "path": "active", "value": False}


@dataclass(frozen=True)
class Provider:
    """An identity provider, and the configuration that it speaks through."""

    scim: Scim
    configuration: ScimConfiguration

    async def says(self, id: str, active: bool) -> None:
        answer = await self.scim.patch(f"/Users/{id}", ON if active else OFF)
        assert (answer.status, answer.json["active"]) == (200, active)

    async def sees(self, id: str) -> bool:
        seen: bool = (await self.scim("GET", f"/Users/{id}")).json["active"]
        assert len(await self.scim.found(f"active eq {str(seen).lower()}")) == 1
        return seen


@dataclass(frozen=True)
class World:
    """Acme as its administrator sees it."""

    database: Database
    owner: Founded
    administration: Administration
    members: Members
    clock: SettableClock

    async def member(self, id: str) -> User:
        found = await self.database.read(
            lambda c: users.find(c, self.owner.organization.id, UserId(UUID(id)))
        )
        assert found is not None
        return found

    async def status(self, id: str) -> UserStatus:
        return (await self.member(id)).status

    async def suspend(self, id: str, suspended: bool = True) -> None:
        await self.members.set_suspended(self.owner.caller, UserId(UUID(id)), suspended)

    async def delete(self, provider: Provider) -> None:
        await self.administration.configurations.delete(
            self.owner.caller, provider.configuration.id
        )

    async def updates(self, id: str) -> list[AuditEvent]:
        found = await self.database.read(
            lambda c: audit.following(c, self.owner.organization.id, 0, 1 << 62, 1000)
        )
        return [
            event
            for event in found
            if event.subject is Subject.USER
            and event.action is Action.UPDATE
            and str(event.subject_id) == id
        ]


@pytest.fixture
def world(database: Database, acme: Founded, admin: Administration, clock: SettableClock) -> World:
    return World(
        database, acme, admin, Members(database, clock, PageTokens(Sealer(bytes(32)))), clock
    )


async def swap(provider: Provider, world: World) -> None:
    addresses = ["a@acme.example", "b@acme.example"]
    ids = [
        (await provider.scim.create_user(name, emails=[{"value": address, "type": "work"}]))["id"]
        for name, address in zip("ab", addresses, strict=True)
    ]
    for id, address in zip(ids, reversed(addresses), strict=True):
        change = {"op": "replace", "path": 'emails[type eq "work"].value', "value": address}
        assert (await provider.scim.patch(f"/Users/{id}", change)).status == 200
    assert [(await world.member(id)).email for id in ids] == addresses[::-1]


@pytest.fixture
async def okta(http: Client, admin: Administration) -> Provider:
    configuration, token = await admin.create()
    return Provider(Scim(http, token), configuration)


@pytest.fixture
async def entra(http: Client, admin: Administration) -> Provider:
    """A second provider, trusted with all addresses."""
    configuration, token = await admin.create(linking=True)
    return Provider(Scim(http, token), configuration)


@pytest.fixture
async def ann(okta: Provider, entra: Provider) -> str:
    """The id of a member whom both know."""
    made = await okta.scim.create_user(ANN, displayName="Ann")
    linked = await entra.scim.create_user(ANN)
    assert made["id"] == linked["id"]
    return str(made["id"])


class TestLicence:
    async def test_whom_another_configuration_provisioned_is_linked_only_where_the_address_is_trusted(
        self, http: Client, admin: Administration, okta: Provider, world: World
    ) -> None:
        made = await okta.scim.create_user(ANN)
        configuration, token = await admin.create(email_domains=("acme.example",))
        scim = Scim(http, token)
        refused = await scim("POST", "/Users", user(ANN))
        assert refused.error == (409, "uniqueness")
        assert "another SCIM configuration" in refused.detail
        assert "allow_unverified_email_account_linking" in refused.detail
        assert "CreateDomainVerification" in refused.detail
        assert await scim.found("userName pr") == []
        await admin.update(configuration, {"allow_unverified_email_account_linking": True})
        assert (await scim.create_user(ANN))["id"] == made["id"]
        (linked,) = await world.updates(made["id"])
        assert linked.changes["scimConfigurationId"] == FieldChange(None, str(configuration.id))

    async def test_an_administrators_domain_proves_nothing_unless_it_is_proven(
        self,
        http: Client,
        admin: Administration,
        database: Database,
        acme: Founded,
        clock: SettableClock,
    ) -> None:
        boss = await add_user(database, acme, clock.now, email="boss@acme.example", role=Role.ADMIN)
        _, token = await admin.create(email_domains=("acme.example",))
        scim = Scim(http, token)
        refused = await scim("POST", "/Users", user("boss@acme.example"))
        assert refused.error == (409, "uniqueness")
        assert "an administrator" in refused.detail
        await admin.vouch("acme.example")
        assert (await scim.create_user("boss@acme.example"))["id"] == str(boss.user.id)

    async def test_only_the_preferred_address_says_who_somebody_is(
        self, entra: Provider, acme_member: Access
    ) -> None:
        address = acme_member.user.email
        made = await entra.scim.create_user(
            address, emails=[{"value": address}, {"value": "x@acme.example", "primary": True}]
        )
        assert made["id"] != str(acme_member.user.id)
        other = await entra.scim.create_user("mel", emails=[{"value": address.upper()}])
        assert other["id"] == str(acme_member.user.id)

    async def test_of_several_active_holders_of_an_address_nobody_is_chosen(
        self, entra: Provider, world: World, database: Database, acme: Founded, clock: SettableClock
    ) -> None:
        twins = [await add_user(database, acme, clock.now, email=ANN) for _ in range(2)]
        refused = await entra.scim("POST", "/Users", user(ANN))
        assert refused.error == (409, "uniqueness")
        assert all(str(twin.user.id) in refused.detail for twin in twins)
        await world.suspend(str(twins[0].user.id))
        assert (await entra.scim.create_user(ANN))["id"] == str(twins[1].user.id)

    async def test_one_configuration_may_have_an_address_twice(self, okta: Provider) -> None:
        """A shared mailbox, an account for administration beside the everyday one."""
        mailbox = [{"value": "team@acme.example"}]
        made = [await okta.scim.create_user(name, emails=mailbox) for name in ("a", "b", "c")]
        assert len({each["id"] for each in made}) == 3

    async def test_a_disabled_user_releases_the_address_to_one_made_anew(
        self, okta: Provider, world: World
    ) -> None:
        """Entra renames and disables, and makes a new user with the same address when people are hired again."""
        first = await okta.scim.create_user("old", emails=[{"value": ANN}])
        rename = {"op": "replace", "path": "userName", "value": "deleted-old"}
        await okta.scim.patch(f"/Users/{first['id']}", rename, OFF)
        second = await okta.scim.create_user("old", emails=[{"value": ANN}])
        assert second["id"] != first["id"]
        assert await world.status(first["id"]) is UserStatus.SUSPENDED
        assert await world.status(second["id"]) is UserStatus.ACTIVE

    async def test_two_people_may_swap_their_addresses(self, okta: Provider, world: World) -> None:
        await swap(okta, world)

    async def test_of_two_providers_that_create_the_same_person_at_once_one_links(
        self, http: Client, admin: Administration, entra: Provider
    ) -> None:
        """Tried several times: on PostgreSQL the two transactions really run at once."""
        _, token = await admin.create(linking=True)
        other = Scim(http, token)
        for number in range(8):
            made = await asyncio.gather(
                *(scim.create_user(f"p{number}@acme.example") for scim in (entra.scim, other))
            )
            assert made[0]["id"] == made[1]["id"]


class TestUniqueAddresses:
    """`--unique-addresses refuse`: nobody becomes active with an address that an active member has."""

    @pytest.fixture
    async def strict(
        self, database: Database, clock: SettableClock, okta: Provider
    ) -> AsyncIterator[Provider]:
        """The same provider, at a server that refuses."""
        async with serving(database, clock, unique_addresses=True) as http:
            yield Provider(Scim(http, okta.scim.token), okta.configuration)

    async def test_a_second_active_user_is_refused(self, strict: Provider, world: World) -> None:
        mailbox = [{"value": ANN}]
        first = await strict.scim.create_user("a", emails=mailbox)
        refused = await strict.scim("POST", "/Users", user("b", emails=mailbox))
        assert refused.error == (409, "uniqueness")
        assert first["id"] in refused.detail
        assert await strict.scim.found("userName pr") == ["a"]
        second = await strict.scim.create_user("b", emails=mailbox, active=False)
        refused = await strict.scim.patch(f"/Users/{second['id']}", ON)
        assert refused.error == (409, "uniqueness")
        assert await strict.sees(second["id"]) is False
        await strict.says(first["id"], False)
        await strict.says(second["id"], True)
        assert await world.status(second["id"]) is UserStatus.ACTIVE

    async def test_nor_does_an_administrator_bring_one_back(
        self, strict: Provider, world: World
    ) -> None:
        first = await strict.scim.create_user("a", emails=[{"value": ANN}])
        await world.suspend(first["id"])
        second = await strict.scim.create_user("b", emails=[{"value": ANN}])
        members = Members(
            world.database, world.clock, PageTokens(Sealer(bytes(32))), unique_addresses=True
        )
        with pytest.raises(AlreadyExists, match=second["id"]):
            await members.set_suspended(world.owner.caller, UserId(UUID(first["id"])), False)
        assert await world.status(first["id"]) is UserStatus.SUSPENDED

    @pytest.mark.parametrize("first", ["SCIM", "SetSuspended"])
    @pytest.mark.parametrize("second", ["PATCH", "POST"])
    async def test_of_two_who_come_at_once_one_does(
        self, strict: Provider, world: World, first: str, second: str
    ) -> None:
        """Tried several times: on PostgreSQL the two transactions really run at once."""
        members = Members(
            world.database, world.clock, PageTokens(Sealer(bytes(32))), unique_addresses=True
        )
        for number in range(10):
            emails = [{"value": f"m{number}@acme.example"}]
            names = [f"{number}{letter}" for letter in "abc"]
            a, b = [
                (await strict.scim.create_user(name, emails=emails, active=first != "SCIM"))["id"]
                if name == names[0]
                else (await strict.scim.create_user(name, emails=emails, active=False))["id"]
                for name in names[:2]
            ]
            if first == "SCIM":
                coming = strict.scim.patch(f"/Users/{a}", ON)
            else:
                await world.suspend(a)
                coming = members.set_suspended(world.owner.caller, UserId(UUID(a)), False)
            other = (
                strict.scim.patch(f"/Users/{b}", ON)
                if second == "PATCH"
                else strict.scim("POST", "/Users", user(names[2], emails=emails))
            )
            await asyncio.gather(coming, other, return_exceptions=True)
            held = await world.database.read(
                lambda c, address=emails[0]["value"]: memberships.holding(
                    c, world.owner.organization.id, address
                )
            )
            assert len(held) == 1

    async def test_two_people_may_still_swap_their_addresses(
        self, strict: Provider, world: World
    ) -> None:
        await swap(strict, world)


class TestDenial:
    async def test_a_member_is_active_while_nobody_denies(
        self, okta: Provider, entra: Provider, world: World, ann: str
    ) -> None:
        """Each provider sees its own word alone, and nobody lifts another's."""
        await okta.says(ann, False)
        assert await world.status(ann) is UserStatus.SUSPENDED
        assert (await okta.sees(ann), await entra.sees(ann)) == (False, True)
        await entra.says(ann, False)
        await okta.says(ann, True)
        assert await world.status(ann) is UserStatus.SUSPENDED
        assert (await okta.sees(ann), await entra.sees(ann)) == (True, False)
        await entra.says(ann, True)
        assert await world.status(ann) is UserStatus.ACTIVE

    async def test_a_disabled_configuration_keeps_its_last_word(
        self, okta: Provider, entra: Provider, world: World, ann: str
    ) -> None:
        await okta.says(ann, False)
        await world.administration.update(okta.configuration, {"enabled": False})
        await entra.says(ann, True)
        assert await world.status(ann) is UserStatus.SUSPENDED

    async def test_no_provider_lifts_what_an_administrator_says(
        self, okta: Provider, world: World, ann: str
    ) -> None:
        await world.suspend(ann)
        assert await okta.sees(ann) is True
        for answer in (
            await okta.scim("PUT", f"/Users/{ann}", user(ANN, active=True, title="new")),
            await okta.scim.patch(f"/Users/{ann}", OFF),
            await okta.scim.patch(f"/Users/{ann}", ON),
        ):
            assert answer.status == 200
            assert await world.status(ann) is UserStatus.SUSPENDED
        await world.suspend(ann, False)
        assert await world.status(ann) is UserStatus.ACTIVE

    @pytest.mark.parametrize("by_administrator", [False, True])
    async def test_an_administrator_cannot_lift_what_a_provider_says(
        self, okta: Provider, world: World, ann: str, by_administrator: bool
    ) -> None:
        await okta.says(ann, False)
        if by_administrator:
            await world.suspend(ann)
        before = await world.member(ann)
        with pytest.raises(FailedPrecondition) as caught:
            await world.suspend(ann, False)
        assert caught.value.reason is Reason.SUSPENDED_BY_PROVIDER
        assert caught.value.metadata == {"scim_configuration_ids": str(okta.configuration.id)}
        assert await world.member(ann) == before

    async def test_the_profile_follows_whoever_changed_it_last(
        self, okta: Provider, entra: Provider, world: World, ann: str
    ) -> None:
        assert (await world.member(ann)).name == ANN
        await okta.scim.patch(
            f"/Users/{ann}", {"op": "replace", "path": "displayName", "value": "Ann A."}
        )
        assert (await world.member(ann)).name == "Ann A."
        await entra.scim.patch(
            f"/Users/{ann}", {"op": "replace", "path": "title", "value": "Captain"}
        )
        assert (await world.member(ann)).name == "Ann A."


class TestParting:
    async def test_a_deleted_configurations_denial_goes_with_it_if_another_has_said_otherwise_since(
        self, okta: Provider, entra: Provider, world: World, ann: str, clock: SettableClock
    ) -> None:
        await okta.says(ann, False)
        clock.advance(hours=1)
        whole = user(ANN, active=True)
        version = (await entra.scim("GET", f"/Users/{ann}")).json["meta"]
        confirmed = await entra.scim("PUT", f"/Users/{ann}", whole)
        assert confirmed.json["meta"] == version, "nothing about the user has changed"
        await world.delete(okta)
        assert await world.status(ann) is UserStatus.ACTIVE
        *_, restored = await world.updates(ann)
        assert restored.changes == {"status": FieldChange("suspended", "active")}
        assert restored.actor_id == world.owner.administrator.id

    @pytest.mark.parametrize("silent", [True, False])
    async def test_otherwise_it_becomes_the_administrators(
        self, okta: Provider, entra: Provider, world: World, ann: str, silent: bool
    ) -> None:
        """Also if the other has spoken since, but not about this."""
        await okta.says(ann, False)
        if not silent:
            change = {"op": "replace", "path": "title", "value": "Captain"}
            assert (await entra.scim.patch(f"/Users/{ann}", change)).status == 200
            assert (await entra.scim("PUT", f"/Users/{ann}", user(ANN))).status == 200
        await world.delete(okta)
        assert await world.status(ann) is UserStatus.SUSPENDED
        assert (await world.member(ann)).suspended_by_administrator_at is not None
        *_, kept = await world.updates(ann)
        assert kept.changes.keys() == {"suspended_by_administrator_at"}
        await entra.says(ann, True)
        assert await world.status(ann) is UserStatus.SUSPENDED
        await world.suspend(ann, False)
        assert await world.status(ann) is UserStatus.ACTIVE

    async def test_a_denial_keeps_the_date_of_its_first_word(
        self, okta: Provider, entra: Provider, world: World, ann: str
    ) -> None:
        await okta.says(ann, False)
        await entra.says(ann, True)
        await okta.scim("PUT", f"/Users/{ann}", user(ANN, active=False, title="x"))
        await world.delete(okta)
        assert await world.status(ann) is UserStatus.ACTIVE

    async def test_of_three_the_others_denials_stay(
        self, http: Client, okta: Provider, entra: Provider, world: World, ann: str
    ) -> None:
        configuration, token = await world.administration.create(linking=True)
        third = Provider(Scim(http, token), configuration)
        assert (await third.scim.create_user(ANN))["id"] == ann
        await okta.says(ann, False)
        await entra.says(ann, True)
        await third.says(ann, False)
        await world.delete(okta)
        assert await world.status(ann) is UserStatus.SUSPENDED
        assert (await world.member(ann)).suspended_by_administrator_at is None
        await world.delete(third)
        assert (await world.member(ann)).suspended_by_administrator_at is not None

    async def test_a_provider_that_deletes_an_active_user_suspends_whom_others_know(
        self, okta: Provider, entra: Provider, world: World, ann: str
    ) -> None:
        group = await okta.scim.create_group("Guides", ann)
        assert (await okta.scim("DELETE", f"/Users/{ann}")).status == 204
        assert (await okta.scim("GET", f"/Users/{ann}")).status == 404
        assert "members" not in (await okta.scim("GET", f"/Groups/{group['id']}")).json
        assert await world.status(ann) is UserStatus.SUSPENDED
        assert await entra.sees(ann) is True
        *_, unlinked = await world.updates(ann)
        assert unlinked.changes["scimConfigurationId"] == FieldChange(
            str(okta.configuration.id), None
        )
        assert unlinked.changes["status"] == FieldChange("active", "suspended")
        await world.suspend(ann, False)
        assert await world.status(ann) is UserStatus.ACTIVE
        assert (await entra.scim("DELETE", f"/Users/{ann}")).status == 204
        assert await world.status(ann) is UserStatus.LEFT

    async def test_a_deleted_users_denial_goes_with_them_if_another_has_said_otherwise_since(
        self, okta: Provider, entra: Provider, world: World, ann: str
    ) -> None:
        await okta.says(ann, False)
        await entra.says(ann, True)
        assert (await okta.scim("DELETE", f"/Users/{ann}")).status == 204
        assert await world.status(ann) is UserStatus.ACTIVE

    async def test_the_last_links_configuration_leaves_everybody_as_they_were(
        self, okta: Provider, world: World
    ) -> None:
        made = await okta.scim.create_user(ANN)
        away = await okta.scim.create_user("bob@acme.example", active=False)
        await world.delete(okta)
        assert await world.status(made["id"]) is UserStatus.ACTIVE
        assert await world.status(away["id"]) is UserStatus.SUSPENDED
        await world.suspend(away["id"], False)
        assert await world.status(away["id"]) is UserStatus.ACTIVE


async def test_a_member_changed_by_both_at_once_ends_as_the_last_word_of_each_says(
    okta: Provider, entra: Provider, world: World, ann: str
) -> None:
    """Tried several times: on PostgreSQL the two transactions really run at once."""
    for _ in range(8):
        await asyncio.gather(okta.says(ann, False), entra.says(ann, False))
        assert await world.status(ann) is UserStatus.SUSPENDED
        await asyncio.gather(okta.says(ann, True), entra.says(ann, True))
        assert await world.status(ann) is UserStatus.ACTIVE
        await asyncio.gather(okta.says(ann, False), world.suspend(ann))
        await asyncio.gather(okta.says(ann, True), entra.says(ann, True))
        assert await world.status(ann) is UserStatus.SUSPENDED
        await world.suspend(ann, False)


async def test_filters_and_orders_keep_to_ones_own_configuration(
    okta: Provider, entra: Provider, ann: str
) -> None:
    """The same member under other names and with other values."""
    await okta.scim("PUT", f"/Users/{ann}", user(ANN, title="a", emails=[{"value": ANN}]))
    await entra.scim("PUT", f"/Users/{ann}", user("ann.entra", title="z"))
    bob = await entra.scim.create_user("bob", title="m")
    assert await okta.scim.found('title eq "z"') == []
    assert await entra.scim.found('title eq "a"') == []
    assert await entra.scim.found("emails pr") == []
    assert await okta.scim.found("emails pr") == [ANN]
    assert await entra.scim.found("title pr", sortBy="title") == ["bob", "ann.entra"]
    group: Any = await entra.scim.create_group("Guides", ann, bob)
    assert await okta.scim.found(f'groups.value eq "{group["id"]}"') == []
    assert (await okta.scim("GET", f"/Users/{ann}")).json.get("groups") is None
    paged = await entra.scim("GET", "/Users", startIndex=2, count=5)
    assert paged.json["totalResults"] == 2
    assert len(paged.json["Resources"]) == 1
