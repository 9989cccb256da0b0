"""A credential that asks for much is told to wait, while others wait and not otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1.identity_pb import GetAuthenticatedIdentityRequest
from orgplane_api.gitpod.v1.identity_service_connect import IdentityServiceClient
from orgplane_api.gitpod.v1.personal_access_token_pb import (
    DeletePersonalAccessTokenRequest,
    ListPersonalAccessTokensRequest,
)
from orgplane_api.gitpod.v1.user_service_connect import UserServiceClient
from orgplane_api.google.rpc.error_details_pb import RetryInfo
from orgplane_server.app.build import Server, build
from orgplane_server.fairness import Party, whose
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from people import Access
from provisioning import MAX_REQUEST_BYTES, Administration, administration
from pyqwest import Client
from pyqwest.testing import ASGITransport
from rpc_clients import ORIGIN, PROTOCOLS, reason
from scim_client import Scim

A_SECOND = 1
#: What there may be at once: those of a minute.
MOST = 60
POLICY = f'"credential";q={MOST};w=60'
PATIENCE = 60
WHO_AM_I = f"{ORIGIN}/gitpod.v1.IdentityService/GetAuthenticatedIdentity"
AS_JSON = {"content-type": "application/json"}


def bearing(who: Founded | Access) -> dict[str, str]:
    return {"authorization": f"Bearer {who.token.reveal()}"}


@pytest.fixture
async def server(database: Database, clock: SettableClock) -> AsyncIterator[Server]:
    server = build(
        database,
        bytes(32),
        clock=clock,
        max_request_bytes=MAX_REQUEST_BYTES,
        request_timeout=30,
        requests_per_second=A_SECOND,
    )
    yield server
    await server.aclose()


@pytest.fixture
def acmes(database: Database, clock: SettableClock, acme: Founded) -> Administration:
    return administration(database, clock, acme)


@pytest.fixture
async def scim(server: Server, acmes: Administration) -> Scim:
    """A provider of Acme's."""
    _, token = await acmes.create()
    return Scim(Client(ASGITransport(server.front)), token)


@contextlib.asynccontextmanager
async def waiting(database: Database, party: Party) -> AsyncIterator[None]:
    """All threads that write are busy meanwhile, and a change waits."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        begun.release()
        assert go_on.wait(PATIENCE)

    changes = [asyncio.create_task(database.write(lambda _: hold())) for _ in range(10)]
    assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE)
    before = whose.set(party)
    changes.append(asyncio.create_task(database.write(lambda _: None)))
    whose.reset(before)
    for _ in range(3):  # until it has been handed over
        await asyncio.sleep(0)
    try:
        yield
    finally:
        go_on.set()
        await asyncio.gather(*changes)


class TestScim:
    async def test_answers_tell_what_is_left(self, scim: Scim, clock: SettableClock) -> None:
        for left in (59, 58):
            answer = await scim("GET", "/Users")
            assert answer.headers["ratelimit-policy"] == POLICY
            assert answer.headers["ratelimit"] == f'"credential";r={left};t={MOST - left}'
        clock.advance(seconds=1)
        answer = await scim("GET", "/Nowhere")
        assert answer.headers["ratelimit"] == '"credential";r=58;t=2'
        unknown = await replace(scim, token="nonsense")("GET", "/Users")
        assert unknown.status == 401
        assert "ratelimit" not in unknown.headers

    async def test_one_too_many_is_refused_while_others_wait_and_only_then(
        self,
        server: Server,
        scim: Scim,
        database: Database,
        acme: Founded,
        globex: Founded,
        clock: SettableClock,
    ) -> None:
        for _ in range(MOST + 1):  # the last of them is one too many
            assert (await scim("GET", "/ServiceProviderConfig")).status == 200
        async with waiting(database, Party(acme.organization.id, "a colleague")):
            assert (await scim("GET", "/ServiceProviderConfig")).status == 200
        async with waiting(database, Party(globex.organization.id, "somebody")):
            answer = await scim("GET", "/ServiceProviderConfig")
            assert answer.error == (429, None)
            assert answer.headers["retry-after"] == "1"
            assert answer.headers["ratelimit-policy"] == POLICY
            assert answer.headers["ratelimit"] == '"credential";r=0;t=1'
            clock.advance(seconds=1)
            assert (await scim("GET", "/ServiceProviderConfig")).status == 200
            assert (await scim("GET", "/ServiceProviderConfig")).status == 429
        counted = {limit.what: limit.refused for limit in server.limits}
        assert counted["requests with a credential"] == 2

    async def test_a_token_that_has_ended_is_told_so_and_not_to_wait(
        self,
        server: Server,
        database: Database,
        acmes: Administration,
        globex: Founded,
    ) -> None:
        configuration, token = await acmes.create()
        scim = Scim(Client(ASGITransport(server.front)), token)
        for _ in range(MOST):
            assert (await scim("GET", "/ServiceProviderConfig")).status == 200
        await acmes.regenerate(configuration, timedelta(days=1))
        async with waiting(database, Party(globex.organization.id, "somebody")):
            answer = await scim("GET", "/ServiceProviderConfig")
        assert answer.status == 401
        assert "ratelimit" not in answer.headers


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_call_too_many_is_refused_while_others_wait(
    server: Server, database: Database, acme: Founded, globex: Founded, protocol: str
) -> None:
    http = Client(ASGITransport(server.front))
    client = IdentityServiceClient(ORIGIN, http_client=http, **PROTOCOLS[protocol])
    asked = GetAuthenticatedIdentityRequest()

    async def call(who: Founded) -> None:
        headers = bearing(who)
        await client.get_authenticated_identity(asked, headers=headers)

    for _ in range(MOST + 1):
        await call(acme)
    async with waiting(database, Party(globex.organization.id, "somebody")):
        with pytest.raises(ConnectError) as refused:
            await call(acme)
        await call(globex)  # who has their own
    assert (refused.value.code, reason(refused.value)) == (Code.RESOURCE_EXHAUSTED, "RATE_LIMITED")
    (retry,) = [found for d in refused.value.details if (found := d.value(RetryInfo))]
    assert retry.retry_delay is not None
    assert retry.retry_delay.to_timedelta().total_seconds() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_call_that_is_refused_is_told_what_is_left(
    server: Server, database: Database, acme: Founded, globex: Founded
) -> None:
    http = Client(ASGITransport(server.front))
    headers = bearing(acme) | AS_JSON
    for _ in range(MOST):
        assert (await http.post(WHO_AM_I, headers, b"{}")).status == 200
    async with waiting(database, Party(globex.organization.id, "somebody")):
        answer = await http.post(WHO_AM_I, headers, b"{}")
    assert answer.status == 429
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["ratelimit-policy"] == POLICY
    assert answer.headers["ratelimit"] == '"credential";r=0;t=1'


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_call_whose_token_has_ended_is_told_so_and_not_to_wait(
    server: Server, database: Database, acme_member: Access, globex: Founded
) -> None:
    http = Client(ASGITransport(server.front))
    headers = bearing(acme_member)
    asked = headers | AS_JSON
    tokens = UserServiceClient(ORIGIN, http_client=http)
    listed = await tokens.list_personal_access_tokens(
        ListPersonalAccessTokensRequest(), headers=headers
    )
    (mine,) = listed.personal_access_tokens
    for _ in range(MOST - 2):
        assert (await http.post(WHO_AM_I, asked, b"{}")).status == 200
    ending = DeletePersonalAccessTokenRequest(personal_access_token_id=mine.id)
    await tokens.delete_personal_access_token(ending, headers=headers)
    async with waiting(database, Party(globex.organization.id, "somebody")):
        assert (await http.post(WHO_AM_I, asked, b"{}")).status == 401


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_call_counts_once_whichever_way_it_takes(
    server: Server, database: Database, acme: Founded, globex: Founded
) -> None:
    http = Client(ASGITransport(server.front))
    headers = bearing(acme) | AS_JSON
    for _ in range(MOST - 1):  # what is wrong with a message is the runtime's to say
        assert (await http.post(WHO_AM_I, headers, b'{"unknown": 1}')).status == 400
    async with waiting(database, Party(globex.organization.id, "somebody")):
        assert (await http.post(WHO_AM_I, headers, b"{}")).status == 200
        assert (await http.post(WHO_AM_I, headers, b"{}")).status == 429
