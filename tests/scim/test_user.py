"""What provisioning means: users are members, and stay what else they are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from clock import SettableClock
from orgplane_server.dns.records import TextRecords
from orgplane_server.domain.audit import Action, ActorKind, AuditEvent, Subject
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.errors import Unauthenticated
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.domain.user import Role, User, UserStatus
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.store.user import users
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.domain_verification import DomainVerifications
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access, add_user
from provisioning import Administration
from pyqwest import Client
from scim_client import ENTERPRISE, USER, Scim, user
from scim_client import group as a_group

ALICE = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "701984",
    "userName": "Alice@Example.com",
    "name": {"formatted": "Ms. Alice Liddell", "givenName": "Alice", "familyName": "Liddell"},
    "displayName": "Alice",
    "emails": [
        {"value": "alice@home.example", "type": "home"},
        {"value": "Alice@Work.example", "type": "work", "primary": True},
    ],
    "photos": [{"value": "https://photos.example/alice", "type": "photo"}],
    "active": True,
    ENTERPRISE: {"employeeNumber": "7", "manager": {"value": "26118915"}},
}


@pytest.fixture
async def alice(scim: Scim) -> Any:
    answer = await scim("POST", "/Users", ALICE)
    assert answer.status == 201, answer.text
    return answer.json


async def member(database: Database, owner: Founded, id: str) -> User:
    from uuid import UUID

    found = await database.read(lambda c: users.find(c, owner.organization.id, UUID(id)))
    assert found is not None
    return found


async def events(database: Database, owner: Founded) -> list[AuditEvent]:
    """What identity providers did."""
    found = await database.read(
        lambda c: audit.following(c, owner.organization.id, 0, 1 << 62, 1000)
    )
    return [event for event in found if event.actor is ActorKind.SCIM_CONFIGURATION]


class TestCreate:
    async def test_a_user_is_answered_as_sent_and_as_served_ever_after(
        self, scim: Scim, alice: Any
    ) -> None:
        ours = {"id", "meta"}
        assert {name: value for name, value in alice.items() if name not in ours} == ALICE
        assert alice["meta"]["resourceType"] == "User"
        assert alice["meta"]["created"] == alice["meta"]["lastModified"]
        assert (await scim("GET", f"/Users/{alice['id']}")).json == alice
        assert (await scim("GET", "/Users")).json["Resources"] == [alice]

    async def test_a_user_is_a_member_of_the_organization(
        self, database: Database, acme: Founded, alice: Any
    ) -> None:
        found = await member(database, acme, alice["id"])
        assert found.name == "Alice"
        assert found.email == "Alice@Work.example"
        assert found.avatar_url == "https://photos.example/alice"
        assert found.role is Role.MEMBER
        assert found.status is UserStatus.ACTIVE

    async def test_members_are_called_by_the_best_name_there_is(
        self, scim: Scim, database: Database, acme: Founded
    ) -> None:
        for number, (attributes, name, email) in enumerate(
            (
                ({}, "u0", ""),
                ({"name": {"familyName": "Lee"}}, "Lee", ""),
                ({"name": {"givenName": "Ann", "familyName": "Lee"}}, "Ann Lee", ""),
                ({"name": {"givenName": "Ann", "formatted": "Dr. Lee"}}, "Dr. Lee", ""),
                ({"displayName": "Annie", "name": {"formatted": "Dr. Lee"}}, "Annie", ""),
                ({"emails": [{"type": "work"}, {"value": "b@x"}]}, "u5", "b@x"),
                ({"emails": []}, "u6", ""),
            )
        ):
            made = await scim.create_user(f"u{number}", **attributes)
            found = await member(database, acme, made["id"])
            assert (found.name, found.email) == (name, email), attributes
        made = await scim.create_user("ann@x.example")
        assert (await member(database, acme, made["id"])).email == "ann@x.example"

    async def test_a_password_is_dropped_without_a_trace(
        self, scim: Scim, database: Database, capfd: pytest.CaptureFixture[str]
    ) -> None:
        made = await scim.create_user("ann", password="t1meMa$heen")
        patched = await scim.patch(
            f"/Users/{made['id']}", {"op": "replace", "path": "password", "value": "t1meMa$heen"}
        )
        assert patched.json == made
        await scim("PUT", f"/Users/{made['id']}", user("ann", password="t1meMa$heen"))

        def everything(connection: Any) -> str:
            rows = []
            for table in ("scim_user", "scim_user_value", "audit_event", "member"):
                rows += connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            return repr(rows)

        assert "t1meMa" not in await database.read(everything)
        assert "t1meMa" not in capfd.readouterr().err

    async def test_attributes_that_clients_do_not_set_are_ignored(self, scim: Scim) -> None:
        made = await scim.create_user(
            "ann", id="mine", meta={"version": "x"}, groups=[{"value": "g"}], nosuch=5
        )
        assert set(made) == {"schemas", "id", "userName", "active", "meta"}
        assert made["id"] != "mine"

    async def test_what_is_read_only_within_a_value_is_ignored(self, scim: Scim) -> None:
        manager = {"value": "m", "displayName": "Mo"}
        made = await scim.create_user("ann", **{ENTERPRISE: {"manager": manager}})
        assert made[ENTERPRISE] == {"manager": {"value": "m"}}
        path, body = f"/Users/{made['id']}", user("ann", **{ENTERPRISE: {"manager": manager}})
        assert (await scim("PUT", path, body)).json[ENTERPRISE] == {"manager": {"value": "m"}}

    async def test_a_name_is_needed(self, scim: Scim, alice: Any) -> None:
        for body in ({"displayName": "Ann"}, {"userName": None}):
            for method, path in (("POST", "/Users"), ("PUT", f"/Users/{alice['id']}")):
                assert (await scim(method, path, body)).error == (400, "invalidValue")
        assert await scim.users() == [alice]

    async def test_names_and_external_ids_are_unique_whatever_the_case_of_names(
        self, scim: Scim, alice: Any
    ) -> None:
        for body, named in (
            (user("ALICE@example.com"), "userName"),
            (user("other", externalId="701984"), "externalId"),
        ):
            answer = await scim("POST", "/Users", body)
            assert answer.error == (409, "uniqueness")
            assert named in answer.detail
        other = await scim.create_user("other", externalId="701984x")
        for attribute, value in (("userName", "alice@EXAMPLE.com"), ("externalId", "701984")):
            answer = await scim.patch(
                f"/Users/{other['id']}", {"op": "replace", "path": attribute, "value": value}
            )
            assert answer.error == (409, "uniqueness")
        assert (await scim("GET", f"/Users/{other['id']}")).json == other

    async def test_of_two_at_once_with_one_name_one_is_made(self, scim: Scim) -> None:
        answers = await asyncio.gather(
            *(scim("POST", "/Users", user(name)) for name in ("ann", "Ann", "ANN", "aNN"))
        )
        assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
        assert len(await scim.found("userName pr")) == 1


class TestTenancy:
    async def test_another_configuration_sees_and_meets_nothing(
        self,
        http: Client,
        scim: Scim,
        stranger: Scim,
        admin: Administration,
        alice: Any,
    ) -> None:
        group = await scim.create_group("Guides", alice)
        _, token = await admin.create()
        for other in (stranger, Scim(http, token)):
            for path, put in (
                (f"/Users/{alice['id']}", user("x")),
                (f"/Groups/{group['id']}", a_group("x")),
            ):
                for method, body in (
                    ("GET", None),
                    ("PUT", put),
                    ("PATCH", {"Operations": [{"op": "remove", "path": "externalId"}]}),
                    ("DELETE", None),
                ):
                    assert (await other(method, path, body)).error == (404, None)
            for path in ("/Users", "/Groups"):
                assert (await other("GET", path)).json["totalResults"] == 0
                assert (await other("GET", path, filter="id pr")).json["totalResults"] == 0
            twin = {**ALICE, "emails": [{"value": "alice@other.example"}]}
            assert (await other("POST", "/Users", twin)).status == 201
            assert (await other("POST", "/Groups", a_group("Guides"))).status == 201
            stolen = a_group("Stolen", alice)
            assert (await other("POST", "/Groups", stolen)).error == (400, "invalidValue")
            assert await other.found(f'groups.value eq "{group["id"]}"') == []
            assert await other.found(f'members.value eq "{alice["id"]}"', "/Groups") == []
        assert (await scim("GET", f"/Users/{alice['id']}")).json["groups"][0]["value"] == group[
            "id"
        ]


class TestSuspension:
    async def test_inactive_members_are_suspended_and_their_tokens_refused_at_once(
        self, scim: Scim, database: Database, acme: Founded, clock: SettableClock
    ) -> None:
        access = await add_user(database, acme, clock.now)
        await self._link(scim, database, acme)
        made = (await scim("POST", "/Users", user(access.user.email))).json
        assert made["id"] == str(access.user.id)
        authentication = Authentication(database, clock)
        await authentication.authenticate(access.token.reveal(), Origin())
        path = f"/Users/{made['id']}"
        off = await scim.patch(path, {"op": "replace", "path": "active", "value": False})
        assert off.json["active"] is False
        with pytest.raises(Unauthenticated):
            await authentication.authenticate(access.token.reveal(), Origin())
        assert (await member(database, acme, made["id"])).status is UserStatus.SUSPENDED
        assert (await scim("GET", path)).json["active"] is False
        assert await scim.found("active eq false") == [made["userName"]]
        on = await scim.patch(path, {"op": "replace", "path": "active", "value": True})
        assert on.json["active"] is True
        await authentication.authenticate(access.token.reveal(), Origin())

    @staticmethod
    async def _link(scim: Scim, database: Database, acme: Founded) -> None:
        from orgplane_server.store import scim_configuration as store

        await database.write(
            lambda unit: unit.connection.execute(
                store.table.update().values(allow_unverified_email_account_linking=True)
            )
        )

    async def test_a_put_that_does_not_say_leaves_who_is_inactive_so(self, scim: Scim) -> None:
        made = await scim.create_user("ann", active=False)
        put = await scim("PUT", f"/Users/{made['id']}", user("ann", title="x"))
        assert put.json["active"] is False

    async def test_a_user_may_be_created_inactive(
        self, scim: Scim, database: Database, acme: Founded
    ) -> None:
        made = await scim.create_user("ann", active=False)
        assert (await member(database, acme, made["id"])).status is UserStatus.SUSPENDED


class TestDelete:
    async def test_a_deleted_user_has_left_and_their_names_are_free(
        self, scim: Scim, database: Database, acme: Founded, alice: Any
    ) -> None:
        path = f"/Users/{alice['id']}"
        assert (await scim("DELETE", path)).status == 204
        assert (await member(database, acme, alice["id"])).status is UserStatus.LEFT
        assert (await scim("GET", path)).error == (404, None)
        assert (await scim("DELETE", path)).error == (404, None)
        assert (await scim("GET", "/Users")).json["totalResults"] == 0
        again = (await scim("POST", "/Users", ALICE)).json
        assert again["id"] != alice["id"]


class TestPut:
    async def test_a_put_replaces_all_attributes(self, scim: Scim, alice: Any) -> None:
        path = f"/Users/{alice['id']}"
        put = await scim("PUT", path, {**user("alice"), "id": alice["id"], "title": "Boss"})
        assert put.status == 200
        assert set(put.json) == {"schemas", "id", "userName", "title", "active", "meta"}
        assert put.json["meta"]["version"] == 'W/"2"'
        assert (await scim("GET", path)).json == put.json

    async def test_a_put_of_what_is_there_changes_nothing(
        self, scim: Scim, alice: Any, clock: SettableClock, database: Database, acme: Founded
    ) -> None:
        before = len(await events(database, acme))
        clock.advance(hours=1)
        assert (await scim("PUT", f"/Users/{alice['id']}", alice)).json == alice
        assert len(await events(database, acme)) == before


class TestPatch:
    async def test_operations_change_what_they_name(
        self, scim: Scim, alice: Any, clock: SettableClock, database: Database, acme: Founded
    ) -> None:
        clock.advance(hours=1)
        patched = await scim.patch(
            f"/Users/{alice['id']}",
            {"op": "replace", "path": "name.familyName", "value": "Hargreaves"},
            {"op": "add", "path": "emails", "value": [{"value": "c@x", "type": "other"}]},
            {"op": "remove", "path": 'emails[type eq "home"]'},
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "new@work"},
            {"op": "remove", "path": "displayName"},
            {"op": "add", "value": {"title": "Boss", "nickName": "Al"}},
            {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "D"},
            {"op": "remove", "path": "externalId"},
        )
        assert patched.status == 200, patched.text
        after = patched.json
        assert after["name"]["familyName"] == "Hargreaves"
        assert after["emails"] == [
            {"value": "new@work", "type": "work", "primary": True},
            {"value": "c@x", "type": "other"},
        ]
        assert "displayName" not in after
        assert "externalId" not in after
        assert (after["title"], after["nickName"]) == ("Boss", "Al")
        assert after[ENTERPRISE] == {**ALICE[ENTERPRISE], "department": "D"}  # type: ignore[dict-item]
        assert after["meta"]["version"] == 'W/"2"'
        assert after["meta"]["lastModified"] > after["meta"]["created"]
        assert (await scim("GET", f"/Users/{alice['id']}")).json == after
        found = await member(database, acme, alice["id"])
        assert (found.name, found.email) == ("Ms. Alice Liddell", "new@work")

    async def test_one_bad_operation_undoes_all(self, scim: Scim, alice: Any) -> None:
        path = f"/Users/{alice['id']}"
        good = {"op": "replace", "path": "title", "value": "Boss"}
        for bad in (
            {"op": "replace", "path": "userName", "value": ""},
            {"op": "remove", "path": "userName"},
            {"op": "replace", "path": "id", "value": "x"},
            {"op": "replace", "path": "groups", "value": []},
            {"op": "replace", "path": 'emails[type co "nobody"].value', "value": "x"},
            {"op": "replace", "path": "emails[", "value": "x"},
            {"op": "replace", "path": "active", "value": "maybe"},
            {"op": "replace", "path": "name", "value": "x"},
            {"op": "move", "path": "title", "value": "x"},
            {"op": "remove"},
        ):
            answer = await scim.patch(path, good, bad)
            assert answer.error[0] == 400, (bad, answer.text)
            assert answer.error[1] is not None, (bad, answer.text)
        assert (await scim("GET", path)).json == alice

    async def test_what_changes_nothing_leaves_no_trace(
        self, scim: Scim, alice: Any, clock: SettableClock, database: Database, acme: Founded
    ) -> None:
        before = len(await events(database, acme))
        clock.advance(hours=1)
        for operation in (
            {"op": "replace", "path": "active", "value": True},
            {"op": "replace", "path": "displayName", "value": "Alice"},
            {"op": "add", "path": "emails", "value": [ALICE["emails"][0]]},  # type: ignore[index]
            {"op": "remove", "path": "title"},
            {"op": "replace", "value": {"userName": "Alice@Example.com"}},
        ):
            answer = await scim.patch(f"/Users/{alice['id']}", operation)
            assert answer.json == alice, operation
        assert len(await events(database, acme)) == before

    async def test_endless_patches_are_refused(self, scim: Scim, alice: Any) -> None:
        operation = {"op": "replace", "path": "title", "value": "x"}
        answer = await scim.patch(f"/Users/{alice['id']}", *[operation] * 129)
        assert answer.error == (413, None)

    async def test_concurrent_patches_of_different_attributes_all_survive(
        self, scim: Scim, alice: Any
    ) -> None:
        wanted = {"title": "a", "nickName": "b", "locale": "c", "timezone": "d", "userType": "e"}
        answers = await asyncio.gather(
            *(
                scim.patch(f"/Users/{alice['id']}", {"op": "replace", "path": name, "value": value})
                for name, value in wanted.items()
            )
        )
        assert {answer.status for answer in answers} == {200}
        after = (await scim("GET", f"/Users/{alice['id']}")).json
        assert {name: after[name] for name in wanted} == wanted
        assert after["meta"]["version"] == 'W/"6"'


class TestAudit:
    async def test_every_change_is_one_event_of_the_configuration(
        self,
        scim: Scim,
        configuration: ScimConfiguration,
        database: Database,
        acme: Founded,
        clock: SettableClock,
    ) -> None:
        made = await scim.create_user("ann")
        path = f"/Users/{made['id']}"
        clock.advance(hours=1)
        await scim.patch(
            path,
            {"op": "replace", "path": "displayName", "value": "Ann"},
            {"op": "replace", "path": "active", "value": False},
        )
        group = await scim.create_group("Guides", made)
        add = {"op": "remove", "path": f'members[value eq "{made["id"]}"]'}
        await scim.patch(f"/Groups/{group['id']}", add)
        await scim("DELETE", f"/Groups/{group['id']}")
        await scim("DELETE", path)
        found = await events(database, acme)
        assert [(event.action, event.subject, str(event.subject_id)) for event in found] == [
            (Action.CREATE, Subject.USER, made["id"]),
            (Action.UPDATE, Subject.USER, made["id"]),
            (Action.CREATE, Subject.GROUP, group["id"]),
            (Action.UPDATE, Subject.GROUP, group["id"]),
            (Action.DELETE, Subject.GROUP, group["id"]),
            (Action.DELETE, Subject.USER, made["id"]),
        ]
        assert {event.actor_id for event in found} == {configuration.id}
        assert {event.actor_token_id for event in found} == {None}
        assert all(event.origin.request_id for event in found)
        assert found[1].occurred_at == clock.now
        assert found[1].changes == {
            "name": FieldChange("ann", "Ann"),
            "status": FieldChange("active", "suspended"),
            "displayName": FieldChange(None, "Ann"),
            "active": FieldChange(True, False),
        }
        assert found[2].changes == {
            "displayName": FieldChange(None, "Guides"),
            "members": FieldChange([], [made["id"]]),
        }
        assert found[3].changes == {"members": FieldChange([made["id"]], [])}
        assert found[4].changes == {"displayName": FieldChange("Guides", None)}
        assert found[5].changes == {
            "role": FieldChange("member", None),
            "status": FieldChange("suspended", None),
            "name": FieldChange("Ann", None),
            "userName": FieldChange("ann", None),
            "displayName": FieldChange("Ann", None),
            "active": FieldChange(False, None),
        }

    async def test_a_deleted_groups_event_names_who_was_in_it(
        self, scim: Scim, database: Database, acme: Founded
    ) -> None:
        made = await scim.create_user("ann")
        group = await scim.create_group("Guides", made)
        await scim("DELETE", f"/Groups/{group['id']}")
        *_, deleted = await events(database, acme)
        assert deleted.changes == {
            "displayName": FieldChange("Guides", None),
            "members": FieldChange([made["id"]], []),
        }


class TestLinking:
    @pytest.fixture
    async def mel(self, acme_member: Access) -> Access:
        """A member whom no identity provider has provisioned: mel@acme.example."""
        return acme_member

    async def _provider(self, http: Client, admin: Administration, **options: Any) -> Scim:
        return Scim(http, (await admin.create(**options))[1])

    async def test_a_member_is_not_linked_unless_it_is_allowed(
        self, scim: Scim, database: Database, acme: Founded, mel: Access
    ) -> None:
        for body in (
            user("mel@acme.example"),
            user("MEL@ACME.example"),
            user("m", emails=[{"value": "Mel@acme.example"}]),
        ):
            answer = await scim("POST", "/Users", body)
            assert answer.error == (409, "uniqueness")
            assert "allow_unverified_email_account_linking" in answer.detail
            assert "acme.example" in answer.detail
        assert await scim.found("userName pr") == []
        assert await member(database, acme, str(mel.user.id)) == mel.user

    @pytest.mark.parametrize(
        "options", [{"linking": True}, {"email_domains": ("other.example", "acme.example")}]
    )
    async def test_a_member_is_linked_where_it_is_allowed(
        self,
        http: Client,
        admin: Administration,
        database: Database,
        acme: Founded,
        mel: Access,
        options: dict[str, Any],
    ) -> None:
        if "email_domains" in options:
            await admin.vouch("acme.example")
        scim = await self._provider(http, admin, **options)
        made = await scim.create_user("MEL@acme.example", displayName="Melanie")
        assert made["id"] == str(mel.user.id)
        found = await member(database, acme, made["id"])
        assert (found.name, found.email) == ("Melanie", "MEL@acme.example")
        (event,) = await events(database, acme)
        assert (event.action, str(event.subject_id)) == (Action.UPDATE, made["id"])
        assert event.changes["name"] == FieldChange("Mel", "Melanie")

    async def test_of_two_at_once_that_could_be_a_member_one_is(
        self, http: Client, admin: Administration, mel: Access
    ) -> None:
        scim = await self._provider(http, admin, linking=True)
        address = [{"value": "mel@acme.example"}]
        made = await asyncio.gather(
            *(scim.create_user(f"mel{number}", emails=address) for number in range(4))
        )
        assert [each["id"] for each in made].count(str(mel.user.id)) == 1
        assert len({each["id"] for each in made}) == 4

    async def test_another_domain_of_the_sso_configuration_allows_nothing(
        self, http: Client, admin: Administration, mel: Access
    ) -> None:
        for domain in ("globex.example", "mel.acme.example", "acme.example"):
            await admin.vouch(domain)
        scim = await self._provider(
            http, admin, email_domains=("globex.example", "mel.acme.example")
        )
        assert (await scim("POST", "/Users", user("mel@acme.example"))).error[0] == 409

    async def test_a_domain_that_nobody_has_proven_allows_nothing(
        self,
        http: Client,
        admin: Administration,
        database: Database,
        clock: SettableClock,
        globex: Founded,
        mel: Access,
    ) -> None:
        """Claimed is not proven, and what another organization has proven is its alone; what is withdrawn is over."""
        scim = await self._provider(http, admin, email_domains=("acme.example", "acme.com"))
        acme, vouching = admin.owner, admin.vouching
        claims = DomainVerifications(database, clock, PageTokens(Sealer(bytes(32))), TextRecords())
        await claims.create(acme.caller, acme.organization.id, "acme.com")
        await add_user(database, acme, clock.now, email="cy@acme.com")
        assert (await scim("POST", "/Users", user("cy@acme.com"))).error[0] == 409
        await vouching.vouch(globex.organization.id, "acme.example", private=True)
        answer = await scim("POST", "/Users", user("mel@acme.example"))
        assert answer.error == (409, "uniqueness")
        assert "CreateDomainVerification" in answer.detail
        await vouching.withdraw(globex.organization.id, "acme.example")
        await admin.vouch("acme.example")
        await vouching.withdraw(acme.organization.id, "acme.example")
        assert (await scim("POST", "/Users", user("mel@acme.example"))).error[0] == 409
        await admin.vouch("acme.example")
        made = await scim.create_user("mel@acme.example")
        assert made["id"] == str(mel.user.id)
        await vouching.withdraw(acme.organization.id, "acme.example")
        assert (await scim("GET", f"/Users/{made['id']}")).status == 200  # stays linked

    async def test_a_look_alike_of_a_proven_domain_allows_nothing(
        self,
        http: Client,
        admin: Administration,
        database: Database,
        acme: Founded,
        clock: SettableClock,
    ) -> None:
        """A Cyrillic letter makes another domain, a full-width one the same."""
        await admin.vouch("acme.example")
        scim = await self._provider(http, admin, email_domains=("acme.example",))
        await add_user(database, acme, clock.now, email="ann@\u0430cme.example")
        refused = await scim("POST", "/Users", user("ann@\u0430cme.example"))
        assert refused.error == (409, "uniqueness")
        wide = await add_user(database, acme, clock.now, email="ben@\uff41cme.example")
        assert (await scim.create_user("ben@\uff41cme.example"))["id"] == str(wide.user.id)

    async def test_a_member_of_another_organization_is_never_linked(
        self, http: Client, admin: Administration, globex: Founded
    ) -> None:
        scim = await self._provider(http, admin, linking=True)
        made = await scim.create_user(globex.administrator.email)
        assert made["id"] != str(globex.administrator.id)

    async def test_who_has_left_is_not_linked(
        self, http: Client, admin: Administration, mel: Access
    ) -> None:
        scim = await self._provider(http, admin, linking=True)
        first = await scim.create_user("mel@acme.example")
        await scim("DELETE", f"/Users/{first['id']}")
        second = await scim.create_user("mel@acme.example")
        assert (first["id"], second["id"] == first["id"]) == (str(mel.user.id), False)

    async def test_a_new_configuration_adopts_the_users_of_one_that_was_deleted(
        self,
        http: Client,
        scim: Scim,
        admin: Administration,
        configuration: ScimConfiguration,
        database: Database,
        acme: Founded,
    ) -> None:
        made = await scim.create_user("ann@acme.example")
        away = await scim.create_user("bob@acme.example", active=False)
        await scim.create_group("Guides", made)
        await admin.configurations.delete(acme.caller, configuration.id)
        assert (await member(database, acme, away["id"])).status is UserStatus.SUSPENDED
        heir = await self._provider(http, admin, linking=True)
        assert (await heir("GET", "/Users")).json["totalResults"] == 0
        assert (await heir("GET", "/Groups")).json["totalResults"] == 0
        assert (await heir.create_user("ann@acme.example"))["id"] == made["id"]
        # Who is suspended keeps no address.
        assert (await heir.create_user("bob@acme.example"))["id"] != away["id"]
        assert (await member(database, acme, away["id"])).status is UserStatus.SUSPENDED


class TestLastAdministrator:
    @pytest.fixture
    async def provider(self, http: Client, admin: Administration) -> Scim:
        return Scim(http, (await admin.create(linking=True))[1])

    async def test_the_last_active_administrator_stays(
        self, provider: Scim, database: Database, acme: Founded
    ) -> None:
        refused = await provider("POST", "/Users", user(acme.administrator.email, active=False))
        assert refused.error == (403, None)
        made = await provider.create_user(acme.administrator.email)
        assert made["id"] == str(acme.administrator.id)
        path = f"/Users/{made['id']}"
        off = {"op": "replace", "path": "active", "value": False}
        for answer in (
            await provider.patch(path, off),
            await provider("PUT", path, user(acme.administrator.email, active=False)),
            await provider("DELETE", path),
        ):
            assert answer.error == (403, None)
            assert "must first make another active member one" in answer.detail
        assert (await provider("GET", path)).json == made
        found = await member(database, acme, made["id"])
        assert (found.status, found.role) == (UserStatus.ACTIVE, Role.ADMIN)

    async def test_of_two_administrators_at_once_one_stays(
        self, provider: Scim, database: Database, acme: Founded, clock: SettableClock
    ) -> None:
        other = await add_user(database, acme, clock.now, role=Role.ADMIN)
        made = [
            await provider.create_user(email)
            for email in (acme.administrator.email, other.user.email)
        ]
        off = {"op": "replace", "path": "active", "value": False}
        answers = await asyncio.gather(
            provider.patch(f"/Users/{made[0]['id']}", off),
            provider("DELETE", f"/Users/{made[1]['id']}"),
        )
        assert sorted(answer.status for answer in answers)[-1] == 403
        assert sum(answer.status == 403 for answer in answers) == 1
