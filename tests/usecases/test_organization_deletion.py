"""An organization is gone with the answer, and its rows a little at a time, beside others that are untouched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from clock import SettableClock
from crowd import crowd
from orgplane_server.domain.audit import Action, Subject
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.email_invite import EmailInvite
from orgplane_server.domain.errors import NotFound, PermissionDenied, Unauthenticated
from orgplane_server.domain.identifier import EmailInviteId, LetterId, OrganizationId
from orgplane_server.domain.organization_invite import digest
from orgplane_server.store import audit, deletion, organization, tables
from orgplane_server.store.demo import mark
from orgplane_server.store.email_invite import email_invites
from orgplane_server.store.engine.database import Connection, Database
from orgplane_server.store.engine.schema import metadata
from orgplane_server.usecases import email_invite
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.deletion import HELD, Pace, Sweeper
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.expiry import ExpiryWarnings
from orgplane_server.usecases.operator import Operations
from orgplane_server.usecases.organization import Foundation, Founded, Organizations
from people import Access, add_user
from provisioning import Administration, administration, serving
from pyqwest import Client
from scim_client import Scim, user

#: What one transaction takes away here.
SMALL = Pace(seconds=0, denials=1, rows=2)
#: Tables whose rows are nobody's, or outlive the organization, and why.
NOT_OF_AN_ORGANIZATION = {
    "organization": "itself, the last to go",
    "audit_event": "the trail stays as long as its retention says",
    "audit_retention": "of the whole database",
    "secret_key": "of the whole database",
    "former_secret_key": "of the whole database",
    "signing_key": "of the whole database",
    "application": "the operator's",
    "application_secret": "the operator's",
    "operator_token": "the operator's",
    "scim_deletion": "what is being deleted",
    "address_code": "goes by itself soon after it was mailed",
    "sign_out": "tells applications that the organization was deleted, and goes by itself after seven days",
    "expiry_warning": "goes by itself soon after what it warned of",
}
#: What goes first, without a foreign key.
OF_AN_ORGANIZATION = {"letter", "webhook_delivery"}
#: What goes with each SCIM configuration.
OF_A_CONFIGURATION = {
    *("scim_user", "scim_user_value", "scim_group", "scim_group_member", "scim_request"),
    *("scim_count", "scim_breaker", "scim_departure", "ended_scim_token"),
}


@pytest.fixture
async def http(database: Database, clock: SettableClock) -> AsyncIterator[Client]:
    async with serving(database, clock) as client:
        yield client


@pytest.fixture
def organizations(database: Database, clock: SettableClock) -> Organizations:
    return Organizations(database, clock)


def test_every_table_is_deleted_with_its_organization_or_said_not_to_be() -> None:
    """A new table has a foreign key to `organization`, from an `organization_id` that an index begins with."""
    known = {*NOT_OF_AN_ORGANIZATION, *OF_AN_ORGANIZATION, *OF_A_CONFIGURATION}
    for table in metadata.sorted_tables:
        if table.name in known:
            continue
        columns = tables.referring(table, organization.table)
        assert columns, (
            f"{table.name} belongs to no organization, and would stay when one is deleted"
        )
        assert len(columns) == 1, table.name
        assert leads(table, columns[0]), f"{table.name}.{columns[0].name}: no index begins with it"


def leads(table: sa.Table, column: sa.Column[object]) -> bool:
    """Whether an index, or the primary key, begins with a column."""
    keys = [table.primary_key.columns, *(index.columns for index in table.indexes)]
    return any(next(iter(key)) is column for key in keys if len(key))


def test_every_foreign_key_is_the_beginning_of_an_index() -> None:
    """Otherwise the deletion of each row that is referred to reads the whole table."""
    for table in metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            assert leads(table, next(iter(constraint.columns))), (table.name, constraint.columns)


#: Written after what they tell of.
LATE = ("audit_event", "scim_request")


async def counted(database: Database, id: OrganizationId) -> dict[str, int]:
    """How many rows of an organization there are of each table that has any; none are counted as nobody's."""

    def query(connection: Connection) -> dict[str, int]:
        found = {}
        for table in metadata.sorted_tables:
            if (owner := table.c.get("organization_id")) is not None and table.name not in LATE:
                count = sa.select(sa.func.count()).select_from(table).where(owner == id)
                found[table.name] = int(connection.execute(count).scalar_one())
        return {name: number for name, number in found.items() if number}

    return await database.read(query)


async def rpc(http: Client, caller: Founded, method: str, **request: object) -> dict[str, Any]:
    """The answer of an RPC of OrganizationService, or the error, which has a `code`."""
    answer = await http.post(
        f"http://orgplane.test/gitpod.v1.OrganizationService/{method}",
        headers={
            "authorization": f"Bearer {caller.token.reveal()}",
            "content-type": "application/json",
        },
        content=json.dumps(request, default=str).encode(),
    )
    found: dict[str, Any] = json.loads(answer.text())
    return found


async def fill(
    database: Database, clock: SettableClock, owner: Founded, http: Client
) -> tuple[Administration, Scim, Access]:
    """Something of everything."""
    admin = administration(database, clock, owner)
    first, token = await admin.create()
    scim = Scim(http, token)
    made = await scim.create_user("ann@acme.example")
    await scim.create_group("Guides", made["id"])
    await crowd(database, (await admin.create())[0], clock, 20)
    await admin.regenerate(first, timedelta(days=5))
    await admin.vouch(f"{owner.organization.name.lower()}.example")
    zoe = await add_user(database, owner, clock.now)
    _, token = await admin.create()
    return admin, Scim(http, token), zoe


class TestDeletion:
    async def test_is_in_force_with_the_answer_for_every_door(
        self,
        http: Client,
        database: Database,
        clock: SettableClock,
        acme: Founded,
        globex: Founded,
        organizations: Organizations,
    ) -> None:
        _, scim, zoe = await fill(database, clock, acme, http)
        _, other, _ = await fill(database, clock, globex, http)
        operations = Operations(database, clock)
        before = await counted(database, globex.organization.id)
        invited = await rpc(
            http, acme, "CreateOrganizationInvite", organizationId=acme.organization.id
        )
        invite = {"inviteId": invited["invite"]["inviteId"]}
        assert "code" not in await rpc(http, globex, "GetOrganizationInviteSummary", **invite)
        await organizations.delete(acme.caller, acme.organization.id)

        authentication = Authentication(database, clock)
        for token in (acme.token, zoe.token):
            with pytest.raises(Unauthenticated):
                await authentication.authenticate(token.reveal(), Origin())
        with pytest.raises(Unauthenticated):
            await authentication.renew(acme.caller)
        assert (await scim("GET", "/Users")).status == 401
        assert (await scim("POST", "/Users", user("eve@acme.example"))).status == 401
        for method in ("GetOrganizationInviteSummary", "JoinOrganization"):
            refused = await rpc(http, globex, method, **invite)
            assert refused["code"] == "not_found", (method, refused)
        with pytest.raises(NotFound):
            await organizations.delete(acme.caller, acme.organization.id)
        with pytest.raises(NotFound):
            await operations.create_token(acme.organization.id, "ada@acme.example")
        vouching = Vouching(database, clock)
        with pytest.raises(NotFound):
            await vouching.vouch(acme.organization.id, "more.example", private=True)
        await vouching.vouch(globex.organization.id, "acme.example", private=True)
        names = [each.organization.name for each in await operations.organizations()]
        assert names == ["Globex"]
        clock.advance(days=80)
        endings = await ExpiryWarnings(database, clock).announce()
        assert {each.organization_id for each in endings} <= {globex.organization.id}

        while await Sweeper(database, clock, SMALL).sweep():
            pass
        assert await counted(database, acme.organization.id) == {}
        after = await counted(database, globex.organization.id)
        assert after == {**before, "domain_verification": before["domain_verification"] + 1}
        assert (await other("GET", "/Users")).status == 200
        trail = await database.read(
            lambda c: audit.following(c, acme.organization.id, 0, 1 << 62, 1000)
        )
        last = trail[-1]
        assert (last.action, last.subject, last.subject_id) == (
            Action.DELETE,
            Subject.ORGANIZATION,
            acme.organization.id,
        )
        assert (last.actor_id, last.changes["name"].before) == (acme.caller.user_id, "Acme")

    async def test_is_one_administrators(
        self,
        database: Database,
        clock: SettableClock,
        acme: Founded,
        globex: Founded,
        organizations: Organizations,
    ) -> None:
        with pytest.raises(NotFound):
            await organizations.delete(acme.caller, globex.organization.id)
        done = await asyncio.gather(
            *(organizations.delete(acme.caller, acme.organization.id) for _ in range(3)),
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in done) == [
            "NoneType",
            "NotFound",
            "NotFound",
        ]

    async def test_leaves_page_tokens_of_no_use(
        self, http: Client, database: Database, clock: SettableClock, acme: Founded, globex: Founded
    ) -> None:
        """Neither to whom they were given nor to anybody else, though the rows are there yet."""
        await add_user(database, acme, clock.now)
        await add_user(database, globex, clock.now)
        id = acme.organization.id
        page = {"pagination": {"pageSize": 1}}
        first = await rpc(http, acme, "ListMembers", organizationId=id, **page)
        page["pagination"]["token"] = first["pagination"]["nextToken"]
        second = await rpc(http, acme, "ListMembers", organizationId=id, **page)
        assert len(second["members"]) == 1
        await rpc(http, acme, "DeleteOrganization", organizationId=id)
        gone = await rpc(http, acme, "ListMembers", organizationId=id, **page)
        assert gone["code"] == "unauthenticated"
        foreign = await rpc(http, globex, "ListMembers", organizationId=id, **page)
        assert foreign["code"] == "not_found"
        own = globex.organization.id
        misused = await rpc(http, globex, "ListMembers", organizationId=own, **page)
        assert misused["code"] == "invalid_argument", misused

    async def test_at_once_with_changes_is_the_last_of_them(
        self, http: Client, database: Database, clock: SettableClock, acme: Founded
    ) -> None:
        """Whatever was let in before and waited for it is refused, and does nothing."""
        this = {"organizationId": acme.organization.id}
        calls = [("UpdateOrganization", {**this, "name": f"Acme {number}"}) for number in range(4)]
        calls += [("CreateOrganizationInvite", this)] * 2
        calls += [
            ("UpdateOrganizationPolicies", {**this, "restrictAccountCreationToScim": each})
            for each in (True, False)
        ]
        deletion = ("DeleteOrganization", this)
        answers = await asyncio.gather(
            *(rpc(http, acme, name, **given) for name, given in (*calls, deletion, *calls))
        )
        assert answers.pop(len(calls)) == {}
        codes = [each.get("code") for each in answers]
        assert set(codes) <= {None, "unauthenticated", "not_found"}
        trail = await database.read(
            lambda c: audit.following(c, acme.organization.id, 0, 1 << 62, 1000)
        )
        assert (trail[-1].action, trail[-1].subject) == (Action.DELETE, Subject.ORGANIZATION)

    async def test_of_the_demo_leaves_room_for_another(
        self, database: Database, clock: SettableClock, acme: Founded, organizations: Organizations
    ) -> None:
        await database.write(lambda unit: mark(unit, acme.organization.id, acme.administrator.id))
        await organizations.delete(acme.caller, acme.organization.id)
        assert await Operations(database, clock).create_demo_token() is None
        again = await Foundation(database, clock).create("Demo", "a@b.example", demo=True)
        while await Sweeper(database, clock, SMALL).sweep():
            pass
        assert [
            each.organization for each in await Operations(database, clock).organizations()
        ] == [again.organization]

    async def test_waits_for_a_configuration_that_is_being_deleted_and_outlives_its_sweeper(
        self,
        http: Client,
        database: Database,
        clock: SettableClock,
        acme: Founded,
        organizations: Organizations,
    ) -> None:
        admin, _, _ = await fill(database, clock, acme, http)
        configuration, _ = await admin.create()
        await crowd(database, configuration, clock, 10)
        await admin.configurations.delete(acme.caller, configuration.id)
        await organizations.delete(acme.caller, acme.organization.id)
        first = asyncio.create_task(Sweeper(database, clock, SMALL).sweep())
        while not first.done():
            waiting = await database.read(lambda c: deletion.waiting(c, clock.now))
            if acme.organization.id not in [each.id for each in waiting]:
                break
        first.cancel()
        await asyncio.wait([first])
        clock.now += HELD
        while await Sweeper(database, clock).sweep():
            pass
        assert await counted(database, acme.organization.id) == {}


async def test_a_mailed_invite_leads_nobody_there_any_more(
    database: Database, clock: SettableClock, acme: Founded, organizations: Organizations
) -> None:
    secret, email = uuid4(), "eve@acme.example"
    invite = EmailInvite(
        id=EmailInviteId(uuid4()),
        organization_id=acme.organization.id,
        email=email,
        address=email,
        digest=digest(secret),
        letter_id=LetterId(uuid4()),
        created_at=clock.now,
        updated_at=clock.now,
        expires_at=clock.now + timedelta(days=1),
    )
    await database.write(lambda unit: unit.write(email_invites.inserting(invite)))

    async def led() -> OrganizationId | None:
        return await database.read(lambda c: email_invite.leads(c, secret, email, clock))

    assert await led() == acme.organization.id
    await organizations.delete(acme.caller, acme.organization.id)
    assert await led() is None
    assert not await database.write(lambda u: email_invite.accept(u, secret, email, clock))


async def test_a_member_deletes_nobody_and_nothing(
    database: Database, clock: SettableClock, acme: Founded, organizations: Organizations
) -> None:
    zoe = await add_user(database, acme, clock.now)
    caller = await Authentication(database, clock).authenticate(zoe.token.reveal(), Origin())
    with pytest.raises(PermissionDenied):
        await organizations.delete(caller, acme.organization.id)
