"""Watching and listing events: in order, without a gap, for as long as one may, and bounded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import cast

import psycopg
import pytest
from clock import SettableClock
from orgplane_server.domain import audit
from orgplane_server.domain.audit import Action, AuditEvent, AuditFilter, Subject
from orgplane_server.domain.caller import Caller
from orgplane_server.domain.errors import (
    OutOfRange,
    PermissionDenied,
    Reason,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
)
from orgplane_server.domain.identifier import AuditEventId
from orgplane_server.domain.user import Role, UserStatus
from orgplane_server.store import audit as store
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.engine.statement import together
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.user import users
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.cursors import Cursors
from orgplane_server.usecases.event import Events, Heartbeat
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded, Organizations
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.watch import Watches

CURSORS = Cursors(Sealer(bytes(32)))
Watch = AsyncGenerator[AuditEvent | Heartbeat]


def impatient(database: Database, clock: SettableClock) -> Events:
    """Whose heartbeats come one after the other."""
    watches = Watches(database, Authentication(database, clock), heartbeat=0.01)
    return Events(database, CURSORS, watches)


@pytest.fixture
def watches(database: Database, clock: SettableClock) -> Watches:
    return Watches(database, Authentication(database, clock), max_watchers=3, max_watchers_of_one=2)


@pytest.fixture
def events(database: Database, watches: Watches) -> Events:
    return Events(database, CURSORS, watches)


@pytest.fixture
async def another(database_url: str) -> AsyncIterator[Database]:
    """The same database, opened as another process would."""
    database = Database.open(database_url, connections=2)
    yield database
    await database.aclose()


def an_event(owner: Founded, clock: SettableClock) -> AuditEvent:
    return audit.record(
        AuditEventId(new_id()),
        owner.caller,
        Action.UPDATE,
        Subject.ORGANIZATION,
        owner.organization.id,
        clock.now,
    )


async def record(database: Database, owner: Founded, clock: SettableClock, count: int = 1) -> None:
    def change(unit: UnitOfWork) -> None:
        for _ in range(count):
            store.append(unit, an_event(owner, clock))

    await database.write(change)


def watch(events: Events, caller: Caller, cursor: str = "", *any_of: AuditFilter) -> Watch:
    return cast("Watch", events.watch(caller, cursor, any_of))


async def told(stream: Watch, count: int) -> list[AuditEvent]:
    """The next events, past heartbeats."""
    found: list[AuditEvent] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            item = await anext(stream)
            if isinstance(item, AuditEvent):
                found.append(item)
    return found


async def everything(events: Events, owner: Founded) -> list[AuditEvent]:
    found: list[AuditEvent] = []
    cursor, more = "", True
    while more:
        stretch = await events.list(owner.caller, cursor, 100)
        found += stretch.events
        cursor, more = stretch.cursor, stretch.more
    return found


class TestGaps:
    async def test_many_writers_at_once_leave_none(
        self,
        database: Database,
        another: Database,
        events: Events,
        acme: Founded,
        clock: SettableClock,
    ) -> None:
        """Readers that begin in the midst of it, and one that goes away and comes back."""
        wanted = 160
        begin = (await events.list(acme.caller, "", 100)).cursor

        async def write(where: Database) -> None:
            for _ in range(wanted // 8):
                await record(where, acme, clock)

        async def read_all() -> list[AuditEvent]:
            async with aclosing(watch(events, acme.caller, begin)) as stream:
                return await told(stream, wanted)

        async def read_with_breaks() -> list[AuditEvent]:
            seen: list[AuditEvent] = []
            cursor = begin
            while len(seen) < wanted:
                async with aclosing(watch(events, acme.caller, cursor)) as stream:
                    seen += await told(stream, min(7, wanted - len(seen)))
                    cursor = events.cursor(seen[-1])
            return seen

        writers = [write(database) for _ in range(4)] + [write(another) for _ in range(4)]
        first, second, *_ = await asyncio.gather(read_all(), read_with_breaks(), *writers)
        truth = [event.id for event in await everything(events, acme)][-wanted:]
        assert [event.id for event in first] == truth
        assert [event.id for event in second] == truth

    async def test_an_event_committed_late_is_waited_for(
        self,
        database: Database,
        database_url: str,
        events: Events,
        acme: Founded,
        clock: SettableClock,
    ) -> None:
        begin = (await events.list(acme.caller, "", 100)).cursor
        drawn, go_on = threading.Event(), threading.Event()
        early, follow_up, later = (an_event(acme, clock) for _ in range(3))

        def late(unit: UnitOfWork) -> None:
            together(unit.connection, store.inserting(early))
            drawn.set()
            go_on.wait(60)
            store.append(unit, follow_up)

        slow = asyncio.ensure_future(database.write(late))
        assert await asyncio.to_thread(drawn.wait, 60)
        quick = asyncio.ensure_future(database.write(lambda unit: store.append(unit, later)))
        if not is_sqlite(database_url):  # which has one writer
            await quick
        assert (await events.list(acme.caller, begin, 100)).events == []
        go_on.set()
        await asyncio.gather(slow, quick)
        async with aclosing(watch(events, acme.caller, begin)) as stream:
            seen = [event.id for event in await told(stream, 3)]
        assert seen[0] == early.id
        assert set(seen) == {early.id, follow_up.id, later.id}

    async def test_a_change_by_another_process_is_told(
        self, another: Database, events: Events, acme: Founded, clock: SettableClock
    ) -> None:
        async with aclosing(watch(events, acme.caller)) as stream:
            await anext(stream)
            for _ in range(3):
                await record(another, acme, clock)
                await told(stream, 1)

    async def test_a_lost_listening_connection_loses_nothing(
        self,
        database_url: str,
        another: Database,
        events: Events,
        acme: Founded,
        clock: SettableClock,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        if is_sqlite(database_url):
            pytest.skip("SQLite has no connections to lose")
        async with aclosing(watch(events, acme.caller)) as stream:
            await anext(stream)
            await record(another, acme, clock)
            await told(stream, 1)
            with psycopg.connect(database_url, autocommit=True) as connection:
                cut = connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                ).fetchall()
            assert cut == [(True,)]
            for _ in range(3):
                await record(another, acme, clock)
                await told(stream, 1)
        assert "cannot hear" in capfd.readouterr().err


class TestWatch:
    async def test_begins_with_now_and_a_heartbeat_that_says_where_that_is(
        self, database: Database, events: Events, acme: Founded, clock: SettableClock
    ) -> None:
        async with aclosing(watch(events, acme.caller)) as stream:
            first = await anext(stream)
            assert isinstance(first, Heartbeat)
            await record(database, acme, clock)
            (event,) = await told(stream, 1)
        async with aclosing(watch(events, acme.caller, first.cursor)) as again:
            assert await told(again, 1) == [event]

    async def test_heartbeats_go_on_while_a_filter_lets_nothing_pass(
        self, database: Database, acme: Founded, clock: SettableClock
    ) -> None:
        events = impatient(database, clock)
        nothing = AuditFilter(subjects=frozenset())
        before = len(await everything(events, acme))
        async with aclosing(watch(events, acme.caller, "", nothing)) as stream:
            await anext(stream)
            await record(database, acme, clock, 3)
            while True:
                beat = await anext(stream)
                assert isinstance(beat, Heartbeat)
                if not (await events.list(acme.caller, beat.cursor, 100)).events:
                    break
        assert len(await everything(events, acme)) == before + 3

    async def test_tells_what_passes_one_filter(
        self, database: Database, events: Events, acme: Founded, clock: SettableClock
    ) -> None:
        begin = (await events.list(acme.caller, "", 1)).cursor
        await record(database, acme, clock)
        only_users = AuditFilter(subjects=frozenset({Subject.USER}))
        only_tokens = AuditFilter(subjects=frozenset({Subject.PERSONAL_ACCESS_TOKEN}))
        async with aclosing(watch(events, acme.caller, begin, only_users, only_tokens)) as stream:
            seen = await told(stream, 2)
        assert [event.subject for event in seen] == [Subject.USER, Subject.PERSONAL_ACCESS_TOKEN]

    async def test_reads_on_only_as_fast_as_its_reader(
        self,
        database: Database,
        events: Events,
        watches: Watches,
        acme: Founded,
        clock: SettableClock,
    ) -> None:
        """Whoever does not read holds one page, and is told when what comes next was purged meanwhile."""
        begin = (await events.list(acme.caller, "", 100)).cursor
        await record(database, acme, clock, 250)
        async with aclosing(watch(events, acme.caller, begin)) as stream:
            await told(stream, 1)
            clock.advance(hours=1)
            await Retention(database, clock, audit_events=timedelta()).purge()
            with pytest.raises(OutOfRange) as caught:
                await told(stream, 249)
            assert caught.value.reason is Reason.EVENTS_PURGED
        assert watches.watchers == 0

    @pytest.mark.parametrize("what", ["role", "status", "token"])
    async def test_ends_as_soon_as_the_caller_may_no_longer(
        self,
        database: Database,
        events: Events,
        acme: Founded,
        clock: SettableClock,
        what: str,
    ) -> None:
        async with aclosing(watch(events, acme.caller)) as stream:
            await anext(stream)
            admin = acme.administrator
            match what:
                case "role":
                    changed = replace(admin, role=Role.MEMBER)
                    expected: type[Exception] = PermissionDenied
                case "status":
                    changed = replace(admin, status=UserStatus.SUSPENDED)
                    expected = Unauthenticated
                case _:
                    changed = admin
                    clock.advance(days=90)
                    expected = Unauthenticated

            def change(unit: UnitOfWork) -> None:
                users.update(unit.connection, acme.organization.id, admin, changed)
                store.append(unit, an_event(acme, clock))

            await database.write(change)
            with pytest.raises(expected):
                await told(stream, 1)

    async def test_a_heartbeat_too_notices_that_the_caller_may_no_longer(
        self, database: Database, acme: Founded, clock: SettableClock
    ) -> None:
        events = impatient(database, clock)
        async with aclosing(watch(events, acme.caller)) as stream:
            await anext(stream)
            clock.advance(days=90)
            with pytest.raises(Unauthenticated):
                await told(stream, 1)

    async def test_there_are_only_so_many(
        self, events: Events, watches: Watches, acme: Founded, globex: Founded
    ) -> None:
        streams = [watch(events, acme.caller) for _ in range(2)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(ResourceExhausted, match="user") as caught:
            await anext(watch(events, acme.caller))
        assert caught.value.reason is Reason.TOO_MANY_WATCHERS
        streams.append(watch(events, globex.caller))
        await anext(streams[-1])
        with pytest.raises(ResourceExhausted, match="server"):
            await anext(watch(events, globex.caller))
        assert watches.watchers == 3
        for stream in streams:
            await stream.aclose()
        assert watches.watchers == 0
        async with aclosing(watch(events, acme.caller)) as stream:
            await anext(stream)

    async def test_ends_when_the_server_stops_and_does_not_begin_again(
        self, events: Events, watches: Watches, acme: Founded
    ) -> None:
        async with aclosing(watch(events, acme.caller)) as stream:
            await anext(stream)
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            watches.drain()
            with pytest.raises(Unavailable) as caught:
                await waiting
        assert caught.value.reason is Reason.SERVER_STOPPING
        with pytest.raises(Unavailable):
            await anext(watch(events, acme.caller))

    async def test_a_watcher_that_is_cancelled_is_gone(
        self, events: Events, watches: Watches, acme: Founded
    ) -> None:
        async def follow() -> None:
            async with aclosing(watch(events, acme.caller)) as stream:
                begun.set()
                async for _ in stream:
                    pass

        begun = asyncio.Event()
        task = asyncio.create_task(follow())
        await begun.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert watches.watchers == 0


class TestPermission:
    async def test_reading_takes_an_administrator(self, events: Events, acme: Founded) -> None:
        member = replace(acme.caller, roles=frozenset({Role.MEMBER}))
        with pytest.raises(PermissionDenied):
            await events.list(member, "", 1)
        with pytest.raises(PermissionDenied):
            await anext(watch(events, member))
        assert (await events.list(replace(acme.caller, read_only=True), "", 1)).events


class TestList:
    async def test_a_narrow_list_is_bounded_and_says_that_there_is_more(
        self, database: Database, events: Events, acme: Founded, clock: SettableClock
    ) -> None:
        await record(database, acme, clock, 1200)
        rare = AuditFilter(subjects=frozenset({Subject.USER}))
        first = await events.list(acme.caller, "", 10, rare, newest_first=True)
        assert (first.events, first.more) == ([], True)
        second = await events.list(acme.caller, first.cursor, 10, rare, newest_first=True)
        assert [event.subject for event in second.events] == [Subject.USER]
        assert not second.more

    async def test_what_is_recorded_meanwhile_is_on_the_next_page(
        self, database: Database, events: Events, acme: Founded, clock: SettableClock
    ) -> None:
        first = await events.list(acme.caller, "", 2)
        organizations = Organizations(database, clock)
        await organizations.update(acme.caller, acme.organization.id, {"name": "New"})
        second = await events.list(acme.caller, first.cursor, 100)
        assert [e.subject for e in (*first.events, *second.events)] == [
            Subject.ORGANIZATION,
            Subject.USER,
            Subject.PERSONAL_ACCESS_TOKEN,
            Subject.ORGANIZATION,
        ]
