"""Administrators see who signed in and who was refused, and why; strangers can fill neither log nor audit trail."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest
from clock import SettableClock
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1.event_pb import ResourceType
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.gitpod.v1.user_pb import SetSuspendedRequest
from orgplane_api.orgplane.v1 import event_pb
from orgplane_api.orgplane.v1 import sign_in_attempt_pb as pb
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.identifier import SsoConfigurationId
from orgplane_server.domain.sign_in import Refusal
from orgplane_server.domain.sso_configuration import SsoConfigurationState
from orgplane_server.rpc.sign_in_attempt import _REFUSALS
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from people import Access
from protobuf.wkt import Timestamp
from provisioning import serving
from pyqwest import Client
from rpc_clients import Clients, reason
from simple_provider import CLIENT_ID, CLIENT_SECRET, SimpleProvider, simple_provider

PUBLIC = "http://127.0.0.1:1"
HERE = AllowedHosts(loopback=True)
SECRET_CLAIM = "salary-of-mel"


@dataclass
class Door:
    """Acme's sign-in page, and its provider."""

    http: Client
    provider: SimpleProvider
    sso: SsoConfigurations
    owner: Founded
    configuration: SsoConfigurationId

    @property
    def id(self) -> str:
        return str(self.configuration)

    async def begin(self) -> Any:
        return await self.http.execute("GET", f"{PUBLIC}/login/sso/{self.id}")

    async def enter(self, sub: str, broken: bool = False, **claims: Any) -> Any:
        """The page that somebody sees in the end; with a `broken` answer the provider does not know its code."""
        begun = await self.begin()
        if begun.status != 303:
            return begun
        answer = self.provider.sign_in(
            begun.headers["location"], sub, salary=SECRET_CLAIM, **claims
        )
        if broken:
            answer["code"] = "stolen"
        cookies = SimpleCookie(begun.headers["set-cookie"])
        kept = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
        return await self.http.execute(
            "GET", f"{PUBLIC}/sso/callback/{self.id}?{urlencode(answer)}", headers={"cookie": kept}
        )


@pytest.fixture
async def door(database: Database, clock: SettableClock, acme: Founded) -> AsyncIterator[Door]:
    sealer = Sealer(bytes(32))
    sso = SsoConfigurations(database, clock, PageTokens(sealer), sealer, HERE)
    await Vouching(database, clock).vouch(acme.organization.id, "acme.example", private=True)
    async with (
        simple_provider(lambda: clock.now.timestamp()) as provider,
        serving(database, clock, public_url=PUBLIC, sso_allowed_hosts=HERE) as http,
    ):
        made = await sso.create(
            acme.caller,
            acme.organization.id,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            issuer_url=provider.issuer,
            email_domains=("acme.example",),
        )
        await sso.update(acme.caller, made.id, {"state": SsoConfigurationState.ACTIVE})
        yield Door(http, provider, sso, acme, made.id)


async def listed(clients: Clients, id: str, **fields: Any) -> list[pb.SignInAttempt]:
    request = pb.ListSignInAttemptsRequest(sso_configuration_id=id, **fields)
    response: pb.ListSignInAttemptsResponse = await clients("list_sign_in_attempts", request)
    return list(response.sign_in_attempts)


async def refusals(clients: Clients) -> list[dict[str, Any]]:
    """What the audit trail tells of refusals, the oldest first."""
    found = await clients("list_events", event_pb.ListEventsRequest(page_size=100))
    told = [
        (event, {each.field: each.after.to_python() for each in event.changes if each.after})
        for event in found.events
    ]
    return [{"event": event, **after} for event, after in told if "sign_in_refused" in after]


VERIFIED: dict[str, Any] = {"email": "mel@acme.example", "email_verified": True}


async def test_every_attempt_is_seen_with_what_an_administrator_can_do_about_it(
    admin: Clients, door: Door, acme_member: Access, clock: SettableClock
) -> None:
    assert (await door.enter("mel-1", **VERIFIED)).status == 200
    clock.advance(minutes=1)
    assert (await door.enter("eve-1", email="mel@acme.example")).status == 403
    await admin(
        "set_suspended", SetSuspendedRequest(user_id=str(acme_member.user.id), suspended=True)
    )
    clock.advance(minutes=1)
    page = await door.enter("mel-1", **VERIFIED)
    assert "suspended" in page.text()
    clock.advance(minutes=1)
    await door.enter("mel-1", broken=True)
    failed, suspended, unverified, done = await listed(admin, door.id)
    assert (done.refusal, done.detail) == (pb.SignInRefusal.UNSPECIFIED, "")
    assert (done.subject, done.email) == ("mel-1", "mel@acme.example")
    assert done.user_id == suspended.user_id == str(acme_member.user.id)
    assert done.sso_configuration_id == door.id
    assert done.request_id
    assert done.peer
    assert done.attempted_at is not None
    assert (unverified.refusal, unverified.subject) == (
        pb.SignInRefusal.EMAIL_NOT_VERIFIED,
        "eve-1",
    )
    assert (unverified.email, unverified.user_id) == ("", "")  # it may be anybody's
    assert "email_verified" in unverified.detail
    assert suspended.refusal is pb.SignInRefusal.NOT_ACTIVE
    assert suspended.detail == "The member's status is suspended."
    assert (failed.refusal, failed.subject) == (pb.SignInRefusal.PROVIDER, "")
    assert "'invalid_grant'" in failed.detail
    told = await refusals(admin)
    # Who is nobody to the provider is in the log alone.
    assert [each["sign_in_refused"] for each in told] == ["email_not_verified", "not_active"]
    assert [each["sub"] for each in told] == ["eve-1", "mel-1"]
    first, second = (each["event"] for each in told)
    assert (
        first.actor
        == second.actor
        == event_pb.Actor(kind=event_pb.ActorKind.SSO_CONFIGURATION, id=door.id)
    )
    assert (first.resource_type, first.resource_id) == (ResourceType.SSO_CONFIG, door.id)
    assert (second.resource_type, second.resource_id) == (ResourceType.USER, done.user_id)
    seen = f"{failed}{suspended}{unverified}{done}{told}"
    assert SECRET_CLAIM not in seen
    assert "stolen" not in seen


async def test_the_list_is_narrowed_and_paged(
    admin: Clients, door: Door, acme_member: Access, clock: SettableClock
) -> None:
    times = []
    for sub in ("mel-1", "eve", "mel-1", "kim", "lea"):
        times.append(Timestamp.from_datetime(clock.now))
        await door.enter(sub, **(VERIFIED if sub == "mel-1" else {}))
        clock.advance(minutes=1)
    failed = await listed(admin, door.id, filter=pb.SignInAttemptFilter(failed=True))
    assert [each.subject for each in failed] == ["lea", "kim", "eve"]
    middle = pb.SignInAttemptFilter(since=times[1], until=times[3])
    found = await listed(admin, door.id, filter=middle, oldest_first=True)
    assert [each.subject for each in found] == ["eve", "mel-1"]
    seen: list[str] = []
    token = ""
    while not seen or token:
        response = await admin(
            "list_sign_in_attempts",
            pb.ListSignInAttemptsRequest(
                sso_configuration_id=door.id,
                pagination=PaginationRequest(page_size=2, token=token),
            ),
        )
        seen += [each.subject for each in response.sign_in_attempts]
        token = response.pagination.next_token
    assert seen == ["lea", "kim", "mel-1", "eve", "mel-1"]
    clock.advance(days=30)
    await door.enter("eve")
    assert len(await listed(admin, door.id)) == 1


async def test_a_watch_tells_of_each_as_it_is_made(
    admin: Clients, door: Door, acme_member: Access
) -> None:
    await door.enter("mel-1", **VERIFIED)
    await door.enter("eve")
    request = pb.WatchSignInAttemptsRequest(sso_configuration_id=door.id, failed=True, recent=9)
    async with contextlib.aclosing(admin.call("watch_sign_in_attempts", request)) as stream:
        assert (await anext(stream)).sign_in_attempt is None
        assert (await anext(stream)).sign_in_attempt.subject == "eve"
        await door.enter("mel-1", **VERIFIED)
        await door.enter("kim")
        told = await anext(stream)
        assert told.sign_in_attempt.subject == "kim"
    await door.enter("lea")
    behind = pb.WatchSignInAttemptsRequest(sso_configuration_id=door.id, cursor=told.cursor)
    async with contextlib.aclosing(admin.call("watch_sign_in_attempts", behind)) as stream:
        await anext(stream)
        assert (await anext(stream)).sign_in_attempt.subject == "lea"
        await door.sso.delete(door.owner.caller, door.configuration)
        with pytest.raises(ConnectError) as caught:
            await anext(stream)
    assert reason(caught.value) == "SSO_CONFIGURATION_NOT_FOUND"


async def test_nobody_else_sees_them(stranger: Clients, member: Clients, door: Door) -> None:
    for clients, why in ((stranger, "SSO_CONFIGURATION_NOT_FOUND"), (member, "PERMISSION_DENIED")):
        with pytest.raises(ConnectError) as caught:
            await listed(clients, door.id)
        assert reason(caught.value) == why


@pytest.mark.parametrize("protocol", ["grpc"], indirect=True)
async def test_a_stranger_fills_neither_the_log_nor_the_audit_trail(
    admin: Clients, door: Door, clock: SettableClock
) -> None:
    for _ in range(20):
        await door.enter("nobody", broken=True)
    found = await listed(admin, door.id)
    assert (len(found), sum(each.omitted for each in found)) == (5, 0)
    clock.advance(minutes=1)
    await door.enter("nobody", broken=True)
    assert [each.omitted for each in await listed(admin, door.id)][:2] == [15, 0]
    assert await refusals(admin) == []
    # Nor does the provider's own crowd.
    clock.advance(minutes=1)
    for number in range(70):
        await door.enter(f"sub-{number}")
    assert len(await listed(admin, door.id, pagination=PaginationRequest(page_size=100))) == 66
    assert len(await refusals(admin)) == 60


async def test_attempts_at_an_inactive_configuration_are_seen(admin: Clients, door: Door) -> None:
    inactive = {"state": SsoConfigurationState.INACTIVE}
    await door.sso.update(door.owner.caller, door.configuration, inactive)
    assert (await door.begin()).status == 403
    (found,) = await listed(admin, door.id)
    assert found.refusal is pb.SignInRefusal.INACTIVE
    assert await refusals(admin) == []


def test_every_refusal_has_a_name_on_the_wire() -> None:
    assert set(_REFUSALS) == {None, *Refusal}
    assert set(_REFUSALS.values()) == set(pb.SignInRefusal)
