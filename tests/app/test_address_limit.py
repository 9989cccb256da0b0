"""What costs a caller nothing they may do only so often from one address; a good token always gets through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1.identity_pb import GetAuthenticatedIdentityRequest
from orgplane_api.gitpod.v1.identity_service_connect import IdentityServiceClient
from orgplane_api.google.rpc.error_details_pb import RetryInfo
from orgplane_api.orgplane.v1.sign_in_pb import ExchangeCodeRequest, GetSignInRequest
from orgplane_api.orgplane.v1.sign_in_service_connect import SignInServiceClient
from orgplane_server.app.build import Server, build
from orgplane_server.domain.client_address import TrustedProxies
from orgplane_server.domain.errors import ResourceExhausted
from orgplane_server.domain.token import Token, TokenKind
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry import logs
from orgplane_server.usecases import buckets
from orgplane_server.usecases.address_limit import AddressLimit
from orgplane_server.usecases.application import Applications
from orgplane_server.usecases.organization import Founded
from provisioning import administration
from pyqwest import Client
from pyqwest.testing import ASGITransport
from rpc_clients import ORIGIN, PROTOCOLS, reason
from scim_client import Scim

PROXY, CALLER, OTHER = "10.0.0.1", "203.0.113.7", "203.0.113.8"
A_MINUTE = 3
UNKNOWN = Token.mint(TokenKind.PERSONAL_ACCESS, bytes(32)).reveal()
UNKNOWN_SCIM = Token.mint(TokenKind.SCIM, bytes(32)).reveal()

#: A client whose connections come from an address.
From = Callable[[str], Client]


@pytest.fixture
async def server(database: Database, clock: SettableClock) -> AsyncIterator[Server]:
    server = build(
        database,
        bytes(32),
        clock=clock,
        max_request_bytes=1024 * 1024,
        request_timeout=30,
        trusted_proxies=TrustedProxies.parse(f"{PROXY}/32"),
        failed_tokens_per_minute=A_MINUTE,
        tokenless_calls_per_minute=A_MINUTE,
        origins=("https://app.example",),
    )
    yield server
    await server.aclose()


@pytest.fixture
def from_(server: Server) -> From:
    return lambda address: Client(ASGITransport(server.front, client=(address, 4000)))


async def whoami(
    http: Client, token: str, headers: dict[str, str] | None = None, protocol: str = "connect-json"
) -> ConnectError | None:
    client = IdentityServiceClient(ORIGIN, http_client=http, **PROTOCOLS[protocol])
    headers = {"authorization": f"Bearer {token}"} | (headers or {})
    try:
        await client.get_authenticated_identity(GetAuthenticatedIdentityRequest(), headers=headers)
    except ConnectError as error:
        return error
    return None


async def exchanged(client: SignInServiceClient, secret: Token) -> Code:
    """How a code that is none was refused."""
    asked = ExchangeCodeRequest(code="c", redirect_uri="https://s.example/", code_verifier="v")
    with pytest.raises(ConnectError) as error:
        await client.exchange_code(asked, headers=bearer(secret))
    return error.value.code


async def asked_for(client: SignInServiceClient, secret: Token) -> Code:
    """How it was answered who is signed in by a sign-in that is none."""
    asked = GetSignInRequest(sign_in_id="01a20abd-f271-72d4-9a6b-055019bca2f2")
    with pytest.raises(ConnectError) as error:
        await client.get_sign_in(asked, headers=bearer(secret))
    return error.value.code


def bearer(secret: Token) -> dict[str, str]:
    return {"authorization": f"Bearer {secret.reveal()}"}


async def exhaust(http: Client, headers: dict[str, str] | None = None) -> None:
    for _ in range(A_MINUTE):
        error = await whoami(http, UNKNOWN, headers)
        assert error is not None
        assert error.code is Code.UNAUTHENTICATED


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_documentation_names_the_paths_that_take_no_token(server: Server) -> None:
    text = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    for path in server.front._pages:
        assert f"`{path}`" in text, path


class TestFailedTokens:
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    async def test_too_many_are_refused_until_there_may_be_another(
        self, from_: From, acme: Founded, clock: SettableClock, protocol: str
    ) -> None:
        http = from_(CALLER)
        await exhaust(http)
        for token in (UNKNOWN, "nonsense"):
            error = await whoami(http, token, protocol=protocol)
            assert error is not None
            assert (error.code, reason(error)) == (Code.RESOURCE_EXHAUSTED, "RATE_LIMITED")
            (retry,) = [found for d in error.details if (found := d.value(RetryInfo))]
            assert retry.retry_delay is not None
            assert retry.retry_delay.to_timedelta().total_seconds() == 20
        assert await whoami(http, acme.token.reveal(), protocol=protocol) is None
        clock.advance(seconds=20)
        error = await whoami(http, UNKNOWN, protocol=protocol)
        assert error is not None
        assert error.code is Code.UNAUTHENTICATED

    async def test_secrets_of_applications_and_their_codes_count(
        self, from_: From, database: Database, clock: SettableClock
    ) -> None:
        made = await Applications(database, clock).create("Shop", ["https://s.example/"], [])
        unknown = Token.mint(TokenKind.APPLICATION, bytes(32))
        for address, secret, code in (
            (CALLER, unknown, Code.UNAUTHENTICATED),
            (OTHER, made.secret, Code.FAILED_PRECONDITION),
        ):
            client = SignInServiceClient(ORIGIN, http_client=from_(address))
            seen = [await exchanged(client, secret) for _ in range(A_MINUTE + 1)]
            assert seen == [code] * A_MINUTE + [Code.RESOURCE_EXHAUSTED]
            # What works is never refused for what does not.
            told = await asked_for(client, made.secret)
            assert told is Code.NOT_FOUND

    async def test_other_addresses_have_their_own(self, from_: From) -> None:
        await exhaust(from_(CALLER))
        await exhaust(from_(OTHER))
        through_proxy = from_(PROXY)
        error = await whoami(through_proxy, UNKNOWN, {"x-forwarded-for": f"{OTHER}, {CALLER}"})
        assert error is not None
        assert error.code is Code.RESOURCE_EXHAUSTED
        await exhaust(through_proxy, {"x-forwarded-for": f"{CALLER}, 203.0.113.9"})

    @pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
    async def test_a_forged_header_is_no_way_around(self, from_: From, header: str) -> None:
        http = from_(CALLER)
        await exhaust(http)
        error = await whoami(http, UNKNOWN, {header: "198.51.100.9"})
        assert error is not None
        assert error.code is Code.RESOURCE_EXHAUSTED

    async def test_scim_and_rpc_count_together(
        self,
        from_: From,
        database: Database,
        clock: SettableClock,
        acme: Founded,
    ) -> None:
        http = from_(CALLER)
        _, good = await administration(database, clock, acme).create()
        await exhaust(http)
        for token in (UNKNOWN_SCIM, "nonsense", ""):
            for method, path, body in (("GET", "/Users", None), ("POST", "/Users", b"{")):
                answer = await Scim(http, token)(method, path, body)
                assert answer.error == (429, None)
                assert answer.headers["retry-after"] == "20"
        assert (await Scim(http, good)("GET", "/Users")).status == 200
        headers = {"content-type": "application/x-www-form-urlencoded"}
        nobody = "/oauth2/scim/01a20ad7-efd4-73eb-8639-7cb2025bb9b7"
        form = b"grant_type=client_credentials"
        granted = await http.execute("POST", ORIGIN + nobody, headers=headers, content=form)
        assert granted.status == 429
        clock.advance(seconds=60)
        for _ in range(A_MINUTE):  # a request fails but once, whatever else is wrong with it
            assert (await Scim(http, UNKNOWN_SCIM)("POST", "/Users", b"{")).status == 401
        assert (await Scim(http, UNKNOWN_SCIM)("POST", "/Users", b"{")).status == 429


class TestCallsThatNeedNoToken:
    @pytest.mark.parametrize(
        "path",
        [
            "/nothing",
            "/gitpod.v1.OrganizationService/Nothing",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        ],
    )
    async def test_too_many_are_refused(self, from_: From, acme: Founded, path: str) -> None:
        http = from_(CALLER)
        for _ in range(A_MINUTE):
            assert (await http.post(ORIGIN + path)).status not in (200, 429)
        response = await http.post(ORIGIN + path, headers={"content-type": "application/json"})
        assert response.status == 429
        assert response.headers["retry-after"] == "20"
        assert response.json()["code"] == "resource_exhausted"
        assert (await from_(OTHER).post(ORIGIN + path)).status != 429
        assert await whoami(http, acme.token.reveal()) is None

    async def test_so_are_questions_of_browsers(self, from_: From) -> None:
        http = from_(CALLER)
        url = f"{ORIGIN}/gitpod.v1.IdentityService/GetAuthenticatedIdentity"
        headers = {"origin": "https://app.example", "access-control-request-method": "POST"}
        statuses = [
            (await http.execute("OPTIONS", url, headers=headers)).status
            for _ in range(A_MINUTE + 1)
        ]
        assert statuses == [200] * A_MINUTE + [429]

    async def test_who_watches_over_the_server_is_always_answered(self, from_: From) -> None:
        http = from_(CALLER)
        for _ in range(A_MINUTE + 1):
            await http.get(f"{ORIGIN}/nothing")
        for _ in range(2 * A_MINUTE):
            assert (await http.get(f"{ORIGIN}/readyz")).status == 200
            check = f"{ORIGIN}/grpc.health.v1.Health/Check"
            json = {"content-type": "application/json"}
            assert (await http.post(check, headers=json, content=b"{}")).status == 200


async def test_the_callers_address_is_in_log_trail_and_request_log(
    from_: From,
    server: Server,
    database: Database,
    clock: SettableClock,
    acme: Founded,
    capfd: pytest.CaptureFixture[str],
) -> None:
    configuration, token = await administration(database, clock, acme).create()
    http = from_(PROXY)
    headers = {"x-forwarded-for": f"198.51.100.1, {CALLER}"}
    answer = await Scim(http, token)(
        "POST",
        "/Users",
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "grace"},
        headers,
    )
    assert answer.status == 201
    logs.drain()
    assert f"peer={CALLER}" in capfd.readouterr().err
    call: dict[str, Any] = {
        "headers": {
            "content-type": "application/json",
            "authorization": f"Bearer {acme.token.reveal()}",
        }
    }
    events = await http.post(f"{ORIGIN}/orgplane.v1.EventService/ListEvents", content=b"{}", **call)
    assert CALLER in {event.get("peer") for event in events.json()["events"]}
    requests = await http.post(
        f"{ORIGIN}/orgplane.v1.ScimProvisioningService/ListScimRequests",
        content=b'{"scimConfigurationId": "%s"}' % str(configuration.id).encode(),
        **call,
    )
    assert [request["peer"] for request in requests.json()["scimRequests"]] == [CALLER]


@pytest.mark.parametrize("peer", [PROXY, CALLER])
async def test_no_header_of_a_request_says_where_resources_are(
    from_: From, database: Database, clock: SettableClock, acme: Founded, peer: str
) -> None:
    _, token = await administration(database, clock, acme).create()
    answer = await Scim(from_(peer), token)(
        "GET",
        "/ServiceProviderConfig",
        headers={
            "x-forwarded-proto": "https",
            "x-forwarded-host": "evil.example",
            "x-forwarded-port": "444",
            "x-forwarded-prefix": "/evil",
            "forwarded": "for=203.0.113.7;host=evil.example;proto=https",
            "x-original-host": "evil.example",
        },
    )
    assert answer.json["meta"]["location"] == f"{ORIGIN}/scim/v2/ServiceProviderConfig"


class TestOneLimit:
    def limit(self, clock: SettableClock, **options: bool) -> AddressLimit:
        return AddressLimit("jokes", A_MINUTE, clock, **options)

    def refuses(self, limit: AddressLimit, peer: str) -> bool:
        try:
            limit.count(peer)
        except ResourceExhausted:
            return True
        return False

    def test_the_whole_of_a_minute_may_come_at_once_and_no_more_is_saved_up(
        self, clock: SettableClock
    ) -> None:
        limit = self.limit(clock)
        for _ in range(2):
            assert [self.refuses(limit, "8.8.8.8") for _ in range(A_MINUTE + 1)] == [
                *[False] * A_MINUTE,
                True,
            ]
            clock.advance(hours=1)

    def test_a_clock_that_is_set_back_locks_nobody_out(self, clock: SettableClock) -> None:
        limit = self.limit(clock)
        while not self.refuses(limit, "8.8.8.8"):
            pass
        clock.advance(hours=-1)
        assert self.refuses(limit, "8.8.8.8")
        clock.advance(seconds=20)
        assert not self.refuses(limit, "8.8.8.8")

    @pytest.mark.parametrize("peer", ["10.1.2.3:1", "127.0.0.1:1", "[fd00::1]:1"])
    def test_what_may_be_an_unknown_proxy_is_told_of_once_a_minute_and_not_refused(
        self, clock: SettableClock, capfd: pytest.CaptureFixture[str], peer: str
    ) -> None:
        for private, refused in ((False, False), (True, True)):
            limit = self.limit(clock, private=private)
            for _ in range(2):
                outcomes = [self.refuses(limit, peer) for _ in range(A_MINUTE + 2)]
                assert outcomes == [False] * A_MINUTE + [refused] * 2
                (line,) = capfd.readouterr().err.splitlines()
                assert "too many jokes" in line
                assert f"refused={refused}" in line
                clock.advance(seconds=60)

    def test_only_so_many_addresses_are_remembered(
        self, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(buckets, "_MOST", 2)
        limit = self.limit(clock)
        for peer in ("8.8.8.8", "8.8.4.4"):
            while not self.refuses(limit, peer):
                pass
        assert self.refuses(limit, "8.8.8.8")
        limit.count("1.1.1.1")  # 8.8.4.4 has not been heard of for longest
        assert self.refuses(limit, "8.8.8.8")
        assert not self.refuses(limit, "8.8.4.4")

    def test_none_is_no_limit(self, clock: SettableClock) -> None:
        limit = AddressLimit("jokes", 0, clock)
        assert not any(self.refuses(limit, "8.8.8.8") for _ in range(1000))
