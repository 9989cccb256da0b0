"""What is deleted is gone with the answer, and its rows a little at a time, whatever becomes of who takes them away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import structlog
from clock import SettableClock
from crowd import crowd
from orgplane_server.domain.audit import Action, AuditEvent, Subject
from orgplane_server.domain.errors import FailedPrecondition, NotFound
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.member import LoginProvider, MemberFilter
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.domain.user import UserStatus
from orgplane_server.store import audit, deletion, scim_membership
from orgplane_server.store import member as member_store
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.schema import metadata
from orgplane_server.store.user import users
from orgplane_server.usecases.deletion import HELD, LATER, Pace, Sweeper
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.membership import Memberships
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from provisioning import Administration, serving
from pyqwest import Client
from scim_client import Scim, group, user

OFF = {"op": "replace", "path": "active", "value": False}
ON = {"op": "replace", "path": "active", "value": True}
#: What a configuration leaves behind, but for its requests, which may be noted still later.
TABLES = (
    *("scim_user", "scim_user_value", "scim_group", "scim_group_member", "scim_count"),
    *("scim_breaker", "scim_departure", "scim_credential", "ended_scim_token", "scim_deletion"),
)
PAGES = PageTokens(Sealer(bytes(32)))
#: What one transaction takes away here.
SMALL = Pace(seconds=0, denials=1, rows=2)
#: Members that come and go in one transaction here.
FEW = 2


@pytest.fixture
async def http(database: Database, clock: SettableClock) -> AsyncIterator[Client]:
    async with serving(database, clock, scim_members_at_a_time=FEW) as client:
        yield client


@pytest.fixture
def sweeper(database: Database, clock: SettableClock) -> Sweeper:
    return Sweeper(database, clock, SMALL)


@pytest.fixture
def configurations(database: Database, clock: SettableClock) -> ScimConfigurations:
    return ScimConfigurations(database, clock, PAGES, SMALL)


async def rows(database: Database) -> dict[str, int]:
    """How many there are of each table that has any."""
    counted = {
        name: sa.select(sa.func.count()).select_from(metadata.tables[name]) for name in TABLES
    }
    found = await database.read(
        lambda c: {name: int(c.execute(count).scalar_one()) for name, count in counted.items()}
    )
    return {name: number for name, number in found.items() if number}


async def events(database: Database, owner: Founded) -> list[AuditEvent]:
    return await database.read(
        lambda c: audit.following(c, owner.organization.id, 0, 1 << 62, 1000)
    )


class TestConfiguration:
    """Okta knows Ann, Bob, Cid and Dan and denies the last three; Entra has said since that Bob and Cid are active."""

    @pytest.fixture
    async def okta(self, http: Client, admin: Administration) -> tuple[ScimConfiguration, Scim]:
        configuration, token = await admin.create()
        return configuration, Scim(http, token)

    @pytest.fixture
    async def entra(self, http: Client, admin: Administration) -> Scim:
        return Scim(http, (await admin.create(linking=True))[1])

    @pytest.fixture
    async def people(
        self, okta: tuple[ScimConfiguration, Scim], entra: Scim, clock: SettableClock
    ) -> dict[str, str]:
        _, scim = okta
        ids = {
            name: (await scim.create_user(f"{name}@acme.example"))["id"]
            for name in ("ann", "bob", "cid", "dan")
        }
        await scim.create_group("Guides", *ids.values())
        for name in ("bob", "cid"):
            assert (await entra.create_user(f"{name}@acme.example"))["id"] == ids[name]
        for name in ("bob", "cid", "dan"):
            assert (await scim.patch(f"/Users/{ids[name]}", OFF)).status == 200
        clock.advance(minutes=1)
        for name in ("bob", "cid"):
            whole = user(f"{name}@acme.example", active=True)
            assert (await entra("PUT", f"/Users/{ids[name]}", whole)).status == 200
        return ids

    async def status(self, database: Database, owner: Founded, id: str) -> UserStatus:
        found = await database.read(
            lambda c: users.find(c, owner.organization.id, UserId(UUID(id)))
        )
        assert found is not None
        return found.status

    async def statuses(
        self, database: Database, owner: Founded, people: dict[str, str]
    ) -> dict[str, str]:
        return {name: str(await self.status(database, owner, id)) for name, id in people.items()}

    async def test_is_gone_with_the_answer(
        self,
        http: Client,
        database: Database,
        acme: Founded,
        admin: Administration,
        configurations: ScimConfigurations,
        okta: tuple[ScimConfiguration, Scim],
        people: dict[str, str],
        sweeper: Sweeper,
        clock: SettableClock,
    ) -> None:
        configuration, scim = okta
        await configurations.delete(acme.caller, configuration.id)
        assert (await rows(database))["scim_user"] == 6, "the sweep has not begun"

        async def seen() -> Any:
            """What anybody can still see of it."""
            memberships = Memberships(database, clock)
            known = [await memberships.get(acme.caller, UserId(UUID(id))) for id in people.values()]
            by_sso = MemberFilter(login_provider=LoginProvider.SSO)
            outside = MemberFilter(outside=frozenset())
            return (
                await self.statuses(database, acme, people),
                [[link.user_name_key for link in each.membership.links] for each in known],
                [[denial.configuration_id for denial in each.membership.denials] for each in known],
                [
                    await database.read(
                        lambda c, narrowed=narrowed: member_store.count(  # type: ignore[misc]
                            c, acme.organization.id, narrowed
                        )
                    )
                    for narrowed in (by_sso, outside)
                ],
                await configurations.list(acme.caller, PageRequest()),
                (await scim("GET", "/Users")).status,
                (await scim("POST", "/Users", user("eve@acme.example"))).status,
            )

        before = await seen()
        statuses, links, denials, (by_sso, _), listed, reading, writing = before
        assert statuses == {"ann": "active", "bob": "active", "cid": "active", "dan": "suspended"}
        assert links == [[], ["bob@acme.example"], ["cid@acme.example"], []]
        assert denials == [[], [], [], [None]], "an administrator's now"
        assert by_sso.value == 2
        assert configuration.id not in [each.id for each in listed.items]
        assert (reading, writing) == (401, 401)
        with pytest.raises(NotFound):
            await configurations.get(acme.caller, configuration.id)
        with pytest.raises(NotFound):
            await configurations.delete(acme.caller, configuration.id)
        assert configuration.sso_configuration_id is not None
        await admin.sso.delete(acme.caller, configuration.sso_configuration_id)

        assert await sweeper.sweep() == 2, "it, and the sessions of the SSO configuration"
        assert await seen() == before
        entras = {"scim_user": 2, "scim_count": 1, "scim_credential": 1}
        assert await rows(database) == entras
        assert await sweeper.sweep() == 0

    async def test_is_on_record_with_what_it_meant_for_members(
        self,
        database: Database,
        acme: Founded,
        configurations: ScimConfigurations,
        okta: tuple[ScimConfiguration, Scim],
        people: dict[str, str],
        sweeper: Sweeper,
    ) -> None:
        before = len(await events(database, acme))
        await configurations.delete(acme.caller, okta[0].id)
        told = (await events(database, acme))[before:]
        await sweeper.sweep()
        assert len(await events(database, acme)) == before + len(told)
        assert {each.actor_id for each in told} == {acme.caller.user_id}
        (deletion,) = [each for each in told if each.action is Action.DELETE]
        assert (deletion.subject, deletion.subject_id) == (
            Subject.SCIM_CONFIGURATION,
            okta[0].id,
        )
        changes = {str(each.subject_id): set(each.changes) for each in told if each != deletion}
        assert changes == {
            people["bob"]: {"status"},
            people["cid"]: {"status"},
            people["dan"]: {"suspended_by_administrator_at"},
        }

    async def test_is_carried_out_although_whoever_deletes_it_dies(
        self,
        database: Database,
        acme: Founded,
        okta: tuple[ScimConfiguration, Scim],
        people: dict[str, str],
        clock: SettableClock,
    ) -> None:
        """And in the meantime nobody comes back."""
        left = 3

        def dying() -> datetime:
            nonlocal left
            left -= 1
            if not left:
                raise KeyError("the end")
            return clock.now

        with pytest.raises(KeyError):
            await ScimConfigurations(database, dying, PAGES, SMALL).delete(acme.caller, okta[0].id)
        meanwhile = await self.statuses(database, acme, people)
        assert sorted(meanwhile.values()) == ["active", "active", "suspended", "suspended"]
        assert (await okta[1]("GET", "/Users")).status == 401
        memberships, members = Memberships(database, clock), Members(database, clock, PAGES)
        cid = UserId(UUID(people["cid"]))
        known = await memberships.get(acme.caller, cid)
        assert [known.name(each.configuration_id) for each in known.membership.links] == ["", ""]
        with pytest.raises(FailedPrecondition, match="is being deleted"):
            await members.set_suspended(acme.caller, cid, False)
        assert await Sweeper(database, clock).sweep() == 1
        assert await self.statuses(database, acme, people) == {
            "ann": "active",
            "bob": "active",
            "cid": "active",
            "dan": "suspended",
        }
        last = [each for each in await events(database, acme) if str(each.subject_id) == str(cid)]
        assert last[-1].actor_id == acme.caller.user_id
        assert (last[-1].actor_token_id, last[-1].origin) == (
            acme.caller.token_id,
            acme.caller.origin,
        )

    async def test_its_names_are_free_and_its_people_known_again_by_another(
        self,
        http: Client,
        acme: Founded,
        admin: Administration,
        configurations: ScimConfigurations,
        okta: tuple[ScimConfiguration, Scim],
        people: dict[str, str],
        sweeper: Sweeper,
    ) -> None:
        await configurations.delete(acme.caller, okta[0].id)
        await admin.vouch("acme.example")
        scim = Scim(http, (await admin.create(email_domains=("acme.example",)))[1])
        ann = await scim.create_user("ann@acme.example")
        assert ann["id"] == people["ann"], "nobody else's any more"
        await scim.create_group("Guides", ann)
        await sweeper.sweep()
        (seen,) = await scim.users()
        assert (seen["id"], seen["groups"][0]["display"]) == (ann["id"], "Guides")


class TestSweeper:
    async def test_is_one_at_a_time_and_another_goes_on_where_it_died(
        self,
        database: Database,
        acme: Founded,
        admin: Administration,
        clock: SettableClock,
    ) -> None:
        configuration, _ = await admin.create()
        await crowd(database, configuration, clock, 60)
        await admin.configurations.delete(acme.caller, configuration.id)
        first = Sweeper(database, clock, SMALL)
        other = Sweeper(database, clock)
        sweeping = asyncio.create_task(first.sweep())
        begun = False
        while not begun:
            begun = not await database.read(lambda c: deletion.waiting(c, clock.now))
        assert await other.sweep() == 0
        assert not sweeping.done()
        sweeping.cancel()
        await asyncio.wait([sweeping])
        assert await other.sweep() == 0, "it may still be at it"
        assert (await rows(database))["scim_user"] == 60
        clock.now += HELD
        assert await other.sweep() == 1
        assert await rows(database) == {}

    async def test_goes_on_with_others_when_one_fails_and_tries_that_again_later(
        self,
        database: Database,
        acme: Founded,
        admin: Administration,
        clock: SettableClock,
        sweeper: Sweeper,
    ) -> None:
        broken, _ = await admin.create()
        configuration, _ = await admin.create()
        for each in (broken, configuration):
            await crowd(database, each, clock, 3)
            await admin.configurations.delete(acme.caller, each.id)
            clock.advance(seconds=1)
        await self.decided_by(database, broken, None)
        with structlog.testing.capture_logs() as logs:
            assert await sweeper.sweep() == 1
            assert await sweeper.sweep() == 0, "it is not tried all the time"
        assert [(each["log_level"], each["deletion"]) for each in logs] == [
            ("error", str(broken.id))
        ]
        assert (await rows(database))["scim_user"] == 3
        await self.decided_by(database, broken, acme.caller.user_id)
        clock.now += LATER
        assert await Sweeper(database, clock).sweep() == 1
        assert await rows(database) == {}

    async def decided_by(
        self, database: Database, deleted: ScimConfiguration, user: UserId | None
    ) -> None:
        """Whose decision it is on record as; a deletion that is nobody's cannot be carried out."""
        mine = deletion.table.c.id == deleted.id
        change = sa.update(deletion.table).where(mine).values(user_id=user)
        await database.write(lambda unit: unit.connection.execute(change))


class TestGroup:
    @pytest.fixture
    async def ids(self, scim: Scim) -> list[str]:
        made = [await scim.create_user(f"user{number}") for number in range(7)]
        return [each["id"] for each in made]

    async def members(self, scim: Scim, id: str) -> list[str]:
        return [
            each["value"] for each in (await scim("GET", f"/Groups/{id}")).json.get("members", [])
        ]

    async def test_is_gone_with_the_answer(
        self,
        scim: Scim,
        ids: list[str],
        database: Database,
        acme: Founded,
        sweeper: Sweeper,
    ) -> None:
        made = await scim.create_group("Guides", *ids)
        assert [each["value"] for each in made["members"]] == ids
        assert (await scim("DELETE", f"/Groups/{made['id']}")).status == 204
        assert (await rows(database))["scim_group_member"] == 7, "the sweep has not begun"
        assert (await scim("GET", f"/Groups/{made['id']}")).status == 404
        assert (await scim("GET", "/Groups")).json["totalResults"] == 0
        assert await scim.found(f'groups.value eq "{made["id"]}"') == []
        assert await scim.found("groups pr") == []
        assert "groups" not in (await scim("GET", f"/Users/{ids[0]}")).json
        again = await scim.create_group("Guides", ids[0])
        outside = MemberFilter(outside=frozenset({UUID(made["id"])}))  # type: ignore[arg-type]
        count = await database.read(lambda c: member_store.count(c, acme.organization.id, outside))
        assert count.value == 8
        assert await sweeper.sweep() == 1
        assert (await rows(database))["scim_group_member"] == 1
        assert await self.members(scim, again["id"]) == [ids[0]]
        *_, deleted, _ = await events(database, acme)
        assert deleted.action is Action.DELETE
        assert deleted.changes["members"].before == sorted(ids)

    async def test_of_many_other_members_has_all_of_them_at_once(
        self,
        scim: Scim,
        ids: list[str],
        database: Database,
        acme: Founded,
        sweeper: Sweeper,
    ) -> None:
        made = await scim.create_group("Guides", *ids[:4])
        path, before = f"/Groups/{made['id']}", len(await events(database, acme))
        put = await scim("PUT", path, group("Leads", *ids[3:]))
        assert (put.status, put.json["displayName"]) == (200, "Leads")
        assert put.json["meta"]["version"] == 'W/"2"'
        assert [each["value"] for each in put.json["members"]] == ids[3:]
        assert await self.members(scim, made["id"]) == ids[3:]
        assert await scim.found(f'groups.value eq "{made["id"]}"') == [
            f"user{number}" for number in range(3, 7)
        ]
        assert await scim.found(f'members.value eq "{ids[0]}"', "/Groups") == []
        assert await scim.found(f'members.value eq "{ids[6]}"', "/Groups") == ["Leads"]
        (told,) = (await events(database, acme))[before:]
        assert told.changes["members"].before == sorted(ids[:3])
        assert told.changes["members"].after == sorted(ids[4:])
        same = await scim("PUT", path, group("Leads", *ids[3:]))
        assert same.json["meta"]["version"] == 'W/"2"'
        assert len(await events(database, acme)) == before + 1
        assert await sweeper.sweep() == 1
        assert (await rows(database))["scim_group_member"] == 4
        everybody = {"op": "remove", "path": "members"}
        assert (await scim.patch(path, everybody)).status == 204
        assert await self.members(scim, made["id"]) == []
        some = [{"value": id} for id in ids[:5]]
        steps = (
            {"op": "add", "path": "members", "value": some},
            {"op": "add", "path": "members", "value": some[:1]},
        )
        assert (await scim.patch(path, *steps)).status == 204
        assert await self.members(scim, made["id"]) == ids[:5]
        await sweeper.sweep()
        assert await self.members(scim, made["id"]) == ids[:5]
        assert (await rows(database))["scim_group_member"] == 5

    async def test_that_is_not_changed_has_nothing_left_behind(
        self,
        scim: Scim,
        ids: list[str],
        database: Database,
        sweeper: Sweeper,
        clock: SettableClock,
    ) -> None:
        made = await scim.create_group("Guides", *ids[:4])
        await scim.create_group("Leads")
        path = f"/Groups/{made['id']}"
        unknown = str(UUID(int=7))
        refused = await scim("PUT", path, group("Guides", *ids[3:], unknown))
        assert (refused.status, unknown in refused.detail) == (400, True)
        stale = await scim("PUT", path, group("Guides", *ids[3:]), {"if-match": 'W/"7"'})
        assert stale.status == 412
        taken = await scim("PUT", path, group("Leads", *ids[3:]))
        assert taken.status == 409
        taken = await scim("POST", "/Groups", group("Leads", *ids[3:]))
        assert taken.status == 409
        assert await self.members(scim, made["id"]) == ids[:4]
        assert (await scim("GET", path)).json["meta"]["version"] == 'W/"1"'
        assert "groups" not in (await scim("GET", f"/Users/{ids[6]}")).json
        clock.advance(minutes=1)
        await sweeper.sweep()
        assert (await rows(database))["scim_group_member"] == 4

    async def test_that_several_change_at_once_is_what_one_of_them_made_it(
        self,
        scim: Scim,
        ids: list[str],
        database: Database,
        sweeper: Sweeper,
        clock: SettableClock,
    ) -> None:
        made = await scim.create_group("Guides", *ids[:4])
        path = f"/Groups/{made['id']}"
        add = {"op": "add", "path": "members", "value": [{"value": ids[0]}]}
        answers = await asyncio.gather(
            scim("PUT", path, group("Guides", *ids[3:])),
            scim.patch(path, add),
            scim("PUT", path, group("Guides", *ids[2:])),
            scim.patch(path, add),
            scim("DELETE", f"/Users/{ids[6]}"),
            scim("PUT", path, group("Guides", *ids[1:6])),
        )
        for answer in answers:
            assert answer.status < 300 or ids[6] in answer.detail
        known, found = ids[:6], await self.members(scim, made["id"])
        assert [*filter(known.index, found)] in (known[1:], known[2:], known[3:])
        clock.advance(minutes=1)
        await sweeper.sweep()
        assert await self.members(scim, made["id"]) == found
        table = scim_membership.table
        rosters = sa.select(sa.func.count(table.c.roster_id.distinct()))
        assert await database.read(lambda c: c.execute(rosters).scalar_one()) == 1
