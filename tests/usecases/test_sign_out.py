"""An application is told of each sign-in to it that something has ended, once, of no other, and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.application import ApplicationCaller
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.errors import InvalidArgument, ResourceExhausted, Unauthenticated
from orgplane_server.domain.identifier import SessionId, UserId
from orgplane_server.domain.session import LIFETIME, Session
from orgplane_server.domain.sign_out import KEPT, SignOutReason
from orgplane_server.domain.sso_configuration import SsoConfiguration, SsoConfigurationState
from orgplane_server.store import session, sign_out, sso_configuration
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.usecases.application import Applications, Registered
from orgplane_server.usecases.application_authentication import ApplicationAuthentication
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.cursors import Cursors
from orgplane_server.usecases.deletion import HELD, Pace, Sweeper
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded, Organizations
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sign_out import SignOuts, Told
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from orgplane_server.usecases.watch import Watches
from people import Access, add_user
from provisioning import serving
from scim_client import Scim, patch, user

APP = "https://app.example/callback"
#: What one transaction takes away here.
SMALL = Pace(seconds=0, denials=1, rows=2)


@dataclass
class Shop:
    """An application that members of Acme sign in to, told by one process and asked of others."""

    database: Database
    clock: SettableClock
    owner: Founded
    registered: Registered
    applications: Applications
    sso: SsoConfigurations
    configuration: SsoConfiguration
    mel: Access

    async def signed_in(
        self, by: UserId | None = None, to: Registered | None = None, times: int = 1
    ) -> list[SessionId]:
        """Somebody's sign-ins, of Mel's to this application unless told otherwise."""
        now, series = self.clock.now, await self.series()
        opened = [
            Session(
                id=(id := SessionId(new_id())),
                organization_id=self.owner.organization.id,
                user_id=by or self.mel.user.id,
                configuration_id=self.configuration.id,
                digest=id.bytes * 2,
                created_at=now,
                expires_at=now + LIFETIME,
                application_id=(to or self.registered).application.id,
                series=series,
            )
            for _ in range(times)
        ]
        inserting = [session.sessions.inserting(each) for each in opened]
        await self.database.write(lambda unit: unit.run(*inserting))
        return [each.id for each in opened]

    async def series(self) -> int:
        id = self.configuration.id
        return await self.database.read(lambda connection: sso_configuration.series(connection, id))

    async def caller(self, registered: Registered | None = None) -> ApplicationCaller:
        secret = (registered or self.registered).secret.reveal()
        return await ApplicationAuthentication(self.database).authenticate(secret, Origin())

    async def change(self, state: SsoConfigurationState) -> None:
        await self.sso.update(self.owner.caller, self.configuration.id, {"state": state})

    async def suspend(self, whom: Access) -> None:
        await self.members.set_suspended(self.owner.caller, whom.user.id, suspended=True)

    @property
    def members(self) -> Members:
        return Members(self.database, self.clock, PageTokens(Sealer(bytes(32))))

    async def sweep(self) -> None:
        while await Sweeper(self.database, self.clock, SMALL).sweep():
            pass


@pytest.fixture
async def shop(
    database: Database, clock: SettableClock, acme: Founded, acme_member: Access
) -> Shop:
    sealer = Sealer(bytes(32))
    sso = SsoConfigurations(database, clock, PageTokens(sealer), sealer)
    configuration = await sso.create(
        acme.caller,
        acme.organization.id,
        client_id="client",
        client_secret="secret",
        issuer_url="https://idp.example",
    )
    applications = Applications(database, clock)
    registered = await applications.create("Shop", [APP], [])
    shop = Shop(*(database, clock, acme, registered, applications, sso, configuration, acme_member))
    await shop.change(SsoConfigurationState.ACTIVE)
    await shop.sweep()
    return shop


@pytest.fixture
async def another(database_url: str, database: Database) -> AsyncIterator[Database]:
    """The same database, opened as another process would; in memory there is no other."""
    if database_url == "sqlite://":
        yield database
        return
    other = Database.open(database_url, connections=2)
    yield other
    await other.aclose()


def sign_outs(database: Database, clock: SettableClock, heartbeat: float = 30.0) -> SignOuts:
    watches = Watches(
        database, Authentication(database, clock), heartbeat=heartbeat, max_watchers_of_one=1
    )
    authentication = ApplicationAuthentication(database)
    return SignOuts(database, Cursors(Sealer(bytes(32))), watches, authentication)


@contextlib.asynccontextmanager
async def watching(
    outs: SignOuts, caller: ApplicationCaller, cursor: str = ""
) -> AsyncIterator[AsyncGenerator[Told]]:
    """A watch that has said that it lives."""
    async with contextlib.aclosing(outs.watch(caller, cursor)) as watch:  # type: ignore[type-var]
        assert (await anext(watch)).sign_out is None
        yield watch  # type: ignore[misc]


async def told(watch: AsyncGenerator[Told], count: int = 1) -> dict[SessionId, SignOutReason]:
    found = [(await anext(watch)).sign_out for _ in range(count)]
    return {each.sign_in_id: each.reason for each in found if each is not None}


async def rows(database: Database, table: sa.Table) -> int:
    count = sa.select(sa.func.count()).select_from(table)
    found: int = await database.read(lambda connection: connection.execute(count).scalar_one())
    return found


async def test_whatever_ends_a_sign_in_is_told_with_its_reason(
    shop: Shop, another: Database, clock: SettableClock, database: Database
) -> None:
    async with watching(sign_outs(another, clock), await shop.caller()) as watch:
        first, second = await shop.signed_in(times=2)
        await shop.suspend(shop.mel)
        seen = [await anext(watch) for _ in range(2)]
        assert {each.sign_out.sign_in_id for each in seen if each.sign_out} == {first, second}
        found = seen[0].sign_out
        assert found is not None
        assert (found.organization_id, found.user_id, found.ended_at, found.reason) == (
            *(shop.owner.organization.id, shop.mel.user.id, clock.now, SignOutReason.MEMBER),
        )
        kim = await add_user(database, shop.owner, clock.now, name="Kim", email="kim@acme.example")
        (id,) = await shop.signed_in(kim.user.id)
        await shop.members.delete(shop.owner.caller, kim.user.id)
        assert await told(watch) == {id: SignOutReason.MEMBER}
        lea = await add_user(database, shop.owner, clock.now, name="Lea", email="lea@acme.example")
        (id,) = await shop.signed_in(lea.user.id)
        await shop.change(SsoConfigurationState.INACTIVE)
        await shop.sweep()
        assert await told(watch) == {id: SignOutReason.SSO_CONFIGURATION}
        await shop.change(SsoConfigurationState.ACTIVE)
        (id,) = await shop.signed_in(lea.user.id)
        await shop.sso.delete(shop.owner.caller, shop.configuration.id)
        await shop.sweep()
        assert await told(watch) == {id: SignOutReason.SSO_CONFIGURATION}


async def test_who_scim_deactivates_is_told_and_whom_an_unlinked_configuration_provisions(
    shop: Shop, database: Database, clock: SettableClock
) -> None:
    configurations = ScimConfigurations(database, clock, PageTokens(Sealer(bytes(32))))
    owner = shop.owner
    made = await configurations.create(owner.caller, owner.organization.id, shop.configuration.id)
    async with (
        serving(database, clock) as http,
        watching(sign_outs(database, clock), await shop.caller()) as watch,
    ):
        scim = Scim(http, made.token.reveal())
        kim, lea = [
            (await scim("POST", "/Users", user(f"{name}@acme.example"))).json["id"]
            for name in ("kim", "lea")
        ]
        (kims,) = await shop.signed_in(UserId(UUID(kim)))
        (leas,) = await shop.signed_in(UserId(UUID(lea)))
        await shop.signed_in()
        inactive = patch({"op": "replace", "path": "active", "value": False})
        assert (await scim("PATCH", f"/Users/{kim}", inactive)).status == 200
        assert await told(watch) == {kims: SignOutReason.MEMBER}
        await configurations.delete(owner.caller, made.configuration.id)
        assert await told(watch) == {leas: SignOutReason.SCIM_CONFIGURATION}


async def test_all_of_a_deleted_organization_are_told(
    shop: Shop, database: Database, clock: SettableClock
) -> None:
    ids = await shop.signed_in(times=5)
    async with watching(sign_outs(database, clock), await shop.caller()) as watch:
        await Organizations(database, clock).delete(shop.owner.caller, shop.owner.organization.id)
        await shop.sweep()
        assert await told(watch, 5) == dict.fromkeys(ids, SignOutReason.ORGANIZATION)


async def test_no_other_application_is_told_nor_of_sessions_that_are_nobodys(
    shop: Shop, database: Database, clock: SettableClock
) -> None:
    other = await shop.applications.create("Other", [APP], [])
    outs = sign_outs(database, clock)
    async with (
        watching(outs, await shop.caller()) as ours,
        watching(outs, await shop.caller(other)) as theirs,
    ):
        (here,), (there,) = await shop.signed_in(), await shop.signed_in(to=other)
        await shop.suspend(shop.mel)
        assert await told(ours) == {here: SignOutReason.MEMBER}
        cursor = await anext(theirs)
        assert cursor.sign_out is not None
        assert cursor.sign_out.sign_in_id == there
    with pytest.raises(InvalidArgument, match="cursor"):
        async with watching(outs, await shop.caller(), cursor.cursor):
            pass


async def test_what_came_meanwhile_is_told_behind_the_cursor_for_a_week(
    shop: Shop, database: Database, clock: SettableClock
) -> None:
    outs = sign_outs(database, clock)
    async with contextlib.aclosing(outs.watch(await shop.caller(), "")) as watch:  # type: ignore[type-var]
        cursor = (await anext(watch)).cursor
    ids = await shop.signed_in(times=3)
    await shop.suspend(shop.mel)
    retention = Retention(database, clock, sign_outs=KEPT)
    clock.advance(days=6)
    assert await retention.purge() == {"sign_outs": 0}
    async with watching(outs, await shop.caller(), cursor) as watch:
        first = await anext(watch)
        assert first.sign_out is not None
    async with watching(outs, await shop.caller(), first.cursor) as watch:
        rest = await told(watch, 2)
    assert {first.sign_out.sign_in_id, *rest} == {*ids}
    clock.advance(days=1, seconds=1)
    assert await retention.purge() == {"sign_outs": 3}


async def test_who_is_killed_while_telling_of_many_leaves_out_none(
    shop: Shop, database: Database, clock: SettableClock
) -> None:
    ids = await shop.signed_in(times=9)
    outs = sign_outs(database, clock)
    async with watching(outs, await shop.caller()) as watch:
        await shop.change(SsoConfigurationState.INACTIVE)
        killed = asyncio.create_task(Sweeper(database, clock, SMALL).sweep())
        seen = await told(watch)
        killed.cancel()
        await asyncio.wait([killed])
        # Meanwhile it closes again, and whoever goes on takes it all.
        await shop.change(SsoConfigurationState.ACTIVE)
        ids += await shop.signed_in(times=2)
        await shop.change(SsoConfigurationState.INACTIVE)
        clock.advance(seconds=HELD.total_seconds())
        await shop.sweep()
        seen |= await told(watch, 10)
        assert seen == dict.fromkeys(ids, SignOutReason.SSO_CONFIGURATION)
    assert await rows(database, session.table) == 0


async def test_a_sign_in_that_ends_by_time_is_not_told(
    shop: Shop, database: Database, clock: SettableClock
) -> None:
    await shop.signed_in()
    clock.advance(days=3)
    await Retention(database, clock, sessions=timedelta(days=1)).purge()
    assert await rows(database, session.table) == await rows(database, sign_out.table) == 0


async def test_a_watch_ends_with_its_secret_and_with_its_application(
    shop: Shop, database: Database, clock: SettableClock
) -> None:
    outs = sign_outs(database, clock, heartbeat=0.01)
    before = (await shop.applications.list())[0].secrets[0]
    second = await shop.applications.add_secret(shop.registered.application.id)
    for registered, end in (
        (
            shop.registered,
            shop.applications.remove_secret(shop.registered.application.id, before.id),
        ),
        (second, shop.applications.delete(shop.registered.application.id)),
    ):
        async with watching(outs, await shop.caller(registered)) as watch:
            await end
            await shop.signed_in()
            await shop.suspend(shop.mel)
            with pytest.raises(Unauthenticated):
                await told(watch, 1000)  # heartbeats
        await shop.members.set_suspended(shop.owner.caller, shop.mel.user.id, suspended=False)


async def test_watches_of_an_application_are_counted(
    shop: Shop, database: Database, clock: SettableClock
) -> None:
    outs = sign_outs(database, clock)
    other = await shop.applications.create("Other", [APP], [])
    async with watching(outs, await shop.caller()), watching(outs, await shop.caller(other)):
        with pytest.raises(ResourceExhausted, match="the application has too many watches"):
            async with watching(outs, await shop.caller()):
                pass
    async with watching(outs, await shop.caller()):
        pass


async def test_one_noted_before_another_and_committed_after_it_is_waited_for(
    shop: Shop, another: Database, database: Database, database_url: str, clock: SettableClock
) -> None:
    if is_sqlite(database_url):
        pytest.skip("SQLite has one writer")
    (first,) = await shop.signed_in()
    kim = await add_user(database, shop.owner, clock.now, name="Kim", email="kim@acme.example")
    (second,) = await shop.signed_in(kim.user.id)
    noted, go_on = threading.Event(), threading.Event()

    def late(unit: UnitOfWork) -> None:
        session.end(unit, first, clock.now, SignOutReason.APPLICATION)
        unit.run()
        noted.set()
        assert go_on.wait(60)

    async with watching(sign_outs(another, clock, heartbeat=0.01), await shop.caller()) as watch:
        slow = asyncio.ensure_future(database.write(late))
        await asyncio.to_thread(noted.wait, 60)
        await shop.suspend(kim)
        seen = [(await anext(watch)).sign_out for _ in range(3)]
        assert seen == [None] * 3, "heartbeats"
        go_on.set()
        await slow
        seen = []
        while len(seen) < 2:
            told = (await anext(watch)).sign_out
            seen += [] if told is None else [told.sign_in_id]
        assert seen == [first, second]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_somebody_with_very_many_sign_ins_is_suspended_like_anybody(
    shop: Shop, database: Database
) -> None:
    """They are more than the server has locks for."""
    many = 20_000
    for _ in range(many // 1000):
        await shop.signed_in(times=1000)
    await shop.suspend(shop.mel)
    assert await rows(database, sign_out.table) == many
    assert await rows(database, session.table) == 0
