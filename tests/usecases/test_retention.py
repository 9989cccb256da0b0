"""What is old is forgotten, all else kept, and whoever comes back too late for events is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from clock import SettableClock
from orgplane_server.domain.audit import Action, Subject, record
from orgplane_server.domain.errors import OutOfRange, Reason
from orgplane_server.domain.identifier import AuditEventId, ScimRequestId
from orgplane_server.domain.scim_request import ScimRequest
from orgplane_server.domain.scim_token import KEPT
from orgplane_server.store import audit, scim_request
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.cursors import Cursors
from orgplane_server.usecases.event import Events
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.watch import Watches
from provisioning import administration
from scim_requests import a_request

DAY = timedelta(days=1)


@pytest.fixture
def events(database: Database, clock: SettableClock) -> Events:
    watches = Watches(database, Authentication(database, clock))
    return Events(database, Cursors(Sealer(bytes(32))), watches)


async def add(database: Database, owner: Founded, clock: SettableClock, count: int) -> None:
    def change(unit: UnitOfWork) -> None:
        for _ in range(count):
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


async def test_forgets_what_is_older_and_nothing_else(
    database: Database, events: Events, acme: Founded, clock: SettableClock
) -> None:
    await add(database, acme, clock, 1100)  # more than one transaction deletes
    clock.advance(days=5)
    await add(database, acme, clock, 3)
    retention = Retention(database, clock, audit_events=7 * DAY)
    assert await retention.purge() == {"audit_events": 0}
    clock.advance(days=2, seconds=1)
    assert await retention.purge() == {
        "audit_events": 1103
    }  # and three of the organization's beginning
    assert len((await events.list(acme.caller, "", 100)).events) == 3
    assert await retention.purge() == {"audit_events": 0}


async def test_a_cursor_before_what_was_purged_is_too_old_and_one_behind_it_is_not(
    database: Database, events: Events, acme: Founded, clock: SettableClock
) -> None:
    old = (await events.list(acme.caller, "", 1)).cursor
    clock.advance(days=1)
    edge = (await events.list(acme.caller, "", 100)).cursor
    await add(database, acme, clock, 1)
    await Retention(database, clock, audit_events=timedelta(hours=1)).purge()
    with pytest.raises(OutOfRange) as caught:
        await events.list(acme.caller, old, 100)
    assert caught.value.reason is Reason.EVENTS_PURGED
    with pytest.raises(OutOfRange):
        await anext(events.watch(acme.caller, old))
    assert len((await events.list(acme.caller, edge, 100)).events) == 1
    assert len((await events.list(acme.caller, "", 100)).events) == 1
    # Back in time, the end is simply nearer.
    back = await events.list(acme.caller, "", 100, newest_first=True)
    assert (len(back.events), back.more) == (1, False)


async def test_what_was_purged_stays_known_when_nothing_is_left(
    database: Database, events: Events, acme: Founded, clock: SettableClock
) -> None:
    old = (await events.list(acme.caller, "", 1)).cursor
    clock.advance(days=1)
    await Retention(database, clock, audit_events=timedelta(hours=1)).purge()
    now = await events.list(acme.caller, "", 100)
    assert (now.events, now.more) == ([], False)
    with pytest.raises(OutOfRange):
        await events.list(acme.caller, old, 100)
    await add(database, acme, clock, 1)
    assert len((await events.list(acme.caller, now.cursor, 100)).events) == 1


async def keep(database: Database, request: ScimRequest, count: int) -> None:
    requests = [replace(request, id=ScimRequestId(new_id())) for _ in range(count)]
    await database.write(lambda unit: scim_request.insert(unit, requests))


async def test_old_requests_of_identity_providers_go_though_none_come_any_more(
    database: Database, acme: Founded, clock: SettableClock
) -> None:
    first = a_request(acme.organization.id, clock.now)
    await keep(database, first, 1100)  # more than one transaction deletes
    clock.advance(days=5)
    await keep(database, replace(first, received_at=clock.now), 2)
    retention = Retention(database, clock, audit_events=90 * DAY, scim_requests=7 * DAY)
    assert await retention.purge() == {"audit_events": 0, "scim_requests": 0}
    clock.advance(days=2, seconds=1)
    assert await retention.purge() == {"audit_events": 0, "scim_requests": 1100}
    left = await database.read(
        lambda c: scim_request.following(c, first.scim_configuration_id, 0, 1 << 62, 9)
    )
    assert [each.received_at for each in left] == [first.received_at + 5 * DAY] * 2


async def test_ended_scim_tokens_go_when_they_are_not_known_any_more(
    database: Database, acme: Founded, clock: SettableClock
) -> None:
    admin = administration(database, clock, acme)
    configuration, _ = await admin.create()
    await admin.configurations.regenerate_token(acme.caller, configuration.id)
    clock.advance(days=30)
    await admin.configurations.regenerate_token(acme.caller, configuration.id)
    retention = Retention(database, clock, ended_scim_tokens=KEPT)
    assert await retention.purge() == {"ended_scim_tokens": 0}
    clock.advance(days=60, seconds=1)
    assert await retention.purge() == {"ended_scim_tokens": 1}
    assert await retention.purge() == {"ended_scim_tokens": 0}


async def test_processes_that_purge_at_once_get_on(
    database: Database, acme: Founded, clock: SettableClock
) -> None:
    await add(database, acme, clock, 1200)
    request = a_request(acme.organization.id, clock.now)
    await keep(database, request, 1200)
    clock.advance(days=1)
    hour = timedelta(hours=1)
    retention = Retention(database, clock, audit_events=hour, scim_requests=hour)
    await asyncio.gather(*(retention.purge() for _ in range(3)))
    await retention.purge()
    everything = (0, 1 << 62, 1)
    assert (
        await database.read(lambda c: audit.following(c, acme.organization.id, *everything)) == []
    )
    assert (
        await database.read(
            lambda c: scim_request.following(c, request.scim_configuration_id, *everything)
        )
        == []
    )
