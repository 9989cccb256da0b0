"""Followers of a trail are woken by commits of any process, and by nothing else's rows."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.audit import Action, Subject, record
from orgplane_server.domain.identifier import AuditEventId, ScimRequestId
from orgplane_server.store import audit, scim_request
from orgplane_server.store.engine import sqlite
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded
from scim_requests import a_request

PATIENCE = 60.0


@pytest.fixture
async def another(database: Database, database_url: str) -> AsyncIterator[Database]:
    """The same database as another process has it; in memory there is no other."""
    if database_url == "sqlite://":
        yield database
        return
    opened = Database.open(database_url, connections=2)
    yield opened
    await opened.aclose()


async def change(database: Database, owner: Founded, clock: SettableClock) -> None:
    def change(unit: UnitOfWork) -> None:
        audit.append(
            unit,
            record(
                AuditEventId(new_id()),
                owner.caller,
                Action.UPDATE,
                Subject.ORGANIZATION,
                owner.organization.id,
                clock.now,
            ),
        )

    await database.write(change)


async def test_a_commit_here_or_elsewhere_wakes(
    database: Database, another: Database, acme: Founded, clock: SettableClock
) -> None:
    async with database.following(audit.TRAIL, acme.organization.id) as follower:
        place = follower.settled
        for where in (database, another, another, database):
            await change(where, acme, clock)
            while follower.grown <= place:
                assert await follower.wait(PATIENCE)
            found = await database.read(
                lambda c, after=place: audit.following(
                    c, acme.organization.id, after, follower.settled, 9
                )
            )
            assert len(found) == 1
            place = follower.settled
            assert place >= found[0].sequence


async def test_a_request_kept_here_or_elsewhere_wakes_who_follows_its_configuration(
    database: Database, another: Database, acme: Founded, clock: SettableClock
) -> None:
    first, second = (a_request(acme.organization.id, clock.now) for _ in range(2))
    configuration = first.scim_configuration_id
    async with database.following(scim_request.TRAIL, configuration) as follower:
        place = follower.settled
        for where in (another, database, another, database):
            kept = replace(first, id=ScimRequestId(new_id()))
            await where.write(lambda unit, kept=kept: scim_request.insert(unit, [second, kept]))
            while follower.grown <= place:
                assert await follower.wait(PATIENCE)
            (found,) = await database.read(
                lambda c, after=place: scim_request.following(
                    c, configuration, after, follower.settled, 9
                )
            )
            assert found.id == kept.id
            place = follower.settled


async def test_another_trail_wakes_too_without_the_followed_one_growing(
    database: Database, another: Database, acme: Founded, clock: SettableClock
) -> None:
    configuration = a_request(acme.organization.id, clock.now).scim_configuration_id
    events = (audit.TRAIL, acme.organization.id)
    async with database.following(scim_request.TRAIL, configuration, events) as follower:
        for where in (database, another):
            await change(where, acme, clock)
            assert await follower.wait(PATIENCE)
        assert follower.grown == 0


async def test_only_events_of_the_followed_organization_wake(
    database: Database, another: Database, acme: Founded, globex: Founded, clock: SettableClock
) -> None:
    async with (
        database.following(audit.TRAIL, acme.organization.id) as ours,
        database.following(audit.TRAIL, globex.organization.id) as theirs,
    ):
        begin = ours.settled
        await change(another, globex, clock)
        assert await theirs.wait(PATIENCE)
        assert theirs.grown > begin
        assert ours.grown == 0
        assert ours.settled >= theirs.grown  # it needs not look to know that it missed nothing


async def test_a_follower_that_left_is_forgotten_and_the_next_starts_at_the_end(
    database: Database, acme: Founded, clock: SettableClock
) -> None:
    async with database.following(audit.TRAIL, acme.organization.id) as first:
        begin = first.settled
    for _ in range(3):
        await change(database, acme, clock)
    async with database.following(audit.TRAIL, acme.organization.id) as second:
        assert second.settled >= begin + 3
        assert second.grown <= second.settled


async def test_all_can_be_woken_for_another_reason(database: Database, acme: Founded) -> None:
    async with database.following(audit.TRAIL, acme.organization.id) as follower:
        waiting = asyncio.ensure_future(follower.wait(PATIENCE))
        await asyncio.sleep(0)
        database.wake_followers()
        assert await waiting


async def keep(database: Database, owner: Founded, clock: SettableClock) -> None:
    request = a_request(owner.organization.id, clock.now)
    await database.write(lambda unit: scim_request.insert(unit, [request]))


@pytest.mark.parametrize("grow", [change, keep])
async def test_many_commits_are_announced_together_and_the_last_not_forgotten(
    another: Database,
    database_url: str,
    acme: Founded,
    clock: SettableClock,
    grow: Callable[[Database, Founded, SettableClock], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if database_url == "sqlite://":
        pytest.skip("in memory there is nobody to be told")
    announced = 0

    def count(_1: object, _2: object, text: str, *_: object) -> None:
        nonlocal announced
        announced += text.startswith("NOTIFY")

    def touch(_: object) -> None:
        nonlocal announced
        announced += 1

    monkeypatch.setattr("os.utime", touch)
    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        await asyncio.gather(*(grow(another, acme, clock) for _ in range(100)))
        await another.aclose()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
    assert 1 <= announced < 50


async def test_a_commit_to_a_file_is_heard_without_asking(
    database: Database,
    another: Database,
    database_url: str,
    acme: Founded,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_sqlite(database_url) or database_url == "sqlite://" or sys.platform != "linux":
        pytest.skip("for files, where the system tells of touches")
    monkeypatch.setattr(sqlite._DataVersion, "interval", 2 * PATIENCE)
    async with database.following(audit.TRAIL, acme.organization.id) as follower:
        for _ in range(3):
            place = follower.grown
            await change(another, acme, clock)
            while follower.grown <= place:
                assert await follower.wait(PATIENCE)
