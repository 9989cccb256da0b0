"""Requests of identity providers are kept, all of them, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from clock import SettableClock
from orgplane_server.domain.errors import Unavailable
from orgplane_server.domain.identifier import ScimConfigurationId, ScimRequestId
from orgplane_server.domain.log_filter import LogFilter
from orgplane_server.domain.scim_request import ScimRequest
from orgplane_server.domain.scim_token import expired
from orgplane_server.store import scim_credential
from orgplane_server.store import scim_request as store
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases import scim_request_log
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.scim_request_log import ScimRequestLog
from provisioning import administration
from scim_requests import a_request


@pytest.fixture
async def log(database: Database, clock: SettableClock) -> AsyncIterator[ScimRequestLog]:
    log = ScimRequestLog(database, clock, retention=timedelta(days=1), maximum=5)
    yield log
    await log.aclose()


@pytest.fixture
def request_(acme: Founded, clock: SettableClock) -> ScimRequest:
    return a_request(acme.organization.id, clock.now)


def another(request: ScimRequest, clock: SettableClock, **changes: Any) -> ScimRequest:
    return replace(request, id=ScimRequestId(new_id()), received_at=clock.now, **changes)


async def kept(database: Database, request: ScimRequest) -> list[ScimRequest]:
    configuration, everything = request.scim_configuration_id, LogFilter()
    return await database.read(
        lambda c: store.page(c, configuration, everything, None, 1000, oldest_first=True)
    )


async def test_what_was_noted_is_kept_as_it_was_and_in_order(
    database: Database, log: ScimRequestLog, request_: ScimRequest, clock: SettableClock
) -> None:
    log.note(request_)
    await log.settle()
    second, third = (another(request_, clock, status=status) for status in (404, 500))
    log.note(second)
    log.note(third)
    await log.settle()
    found = await kept(database, request_)
    assert [replace(each, sequence=0) for each in found] == [request_, second, third]


async def test_closing_writes_what_waits(
    database: Database, request_: ScimRequest, clock: SettableClock
) -> None:
    log = ScimRequestLog(database, clock)
    requests = [another(request_, clock) for _ in range(1200)]
    for request in requests:
        log.note(request)
    await log.aclose()
    found = await database.read(
        lambda c: store.following(c, request_.scim_configuration_id, 0, 1 << 62, 5000)
    )
    assert [each.id for each in found] == [each.id for each in requests]


async def test_an_unavailable_database_loses_none(
    database: Database,
    log: ScimRequestLog,
    request_: ScimRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original, tried = database.write, asyncio.Event()

    async def unavailable(change: Any) -> Any:
        tried.set()
        raise Unavailable("down")

    monkeypatch.setattr(scim_request_log, "_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(database, "write", unavailable)
    log.note(request_)
    await tried.wait()
    monkeypatch.setattr(database, "write", original)
    await log.settle()
    assert len(await kept(database, request_)) == 1


async def test_only_the_latest_of_a_configuration_are_kept(
    database: Database, log: ScimRequestLog, request_: ScimRequest, clock: SettableClock
) -> None:
    other = replace(request_, scim_configuration_id=ScimConfigurationId(new_id()))
    log.note(other)
    requests = [another(request_, clock) for _ in range(12)]
    for request in requests:
        log.note(request)
    await log.settle()
    assert [each.id for each in await kept(database, request_)] == [r.id for r in requests[-5:]]
    assert len(await kept(database, other)) == 1


async def test_the_last_failure_stays_however_many_succeed_after_it(
    database: Database, log: ScimRequestLog, request_: ScimRequest, clock: SettableClock
) -> None:
    failure = another(request_, clock, status=409)
    log.note(another(request_, clock, status=400))
    log.note(failure)
    requests = []
    for _ in range(12):
        clock.advance(seconds=1)
        requests.append(another(request_, clock))
        log.note(requests[-1])
    await log.settle()
    found = [each.id for each in await kept(database, request_)]
    assert found == [failure.id, *(r.id for r in requests[-5:])]


async def test_of_an_ended_tokens_requests_one_a_minute_is_kept_whatever_process_it_came_to(
    database: Database,
    database_url: str,
    acme: Founded,
    clock: SettableClock,
) -> None:
    configuration, _ = await administration(database, clock, acme).create()
    request = replace(
        a_request(acme.organization.id, clock.now), scim_configuration_id=configuration.id
    )
    (credential,) = await database.read(lambda c: scim_credential.shown(c, configuration.id))
    tokens = [expired(replace(credential, digest=bytes([n] * 32))) for n in range(3)]
    elsewhere = Database.open(database_url, connections=3)
    logs = [ScimRequestLog(each, clock) for each in (database, elsewhere)]
    for _ in range(5):
        for log in logs:
            for token in (*tokens, *reversed(tokens)):
                log.note(another(request, clock), token)
        clock.advance(seconds=5)
    for log in logs:
        log.note(another(request, clock))
    await asyncio.gather(*(log.aclose() for log in logs))
    await elsewhere.aclose()
    assert len(await kept(database, request)) == len(tokens) + len(logs)
