"""A token that was good a moment ago is looked up along with what is asked; never less than that."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from clock import SettableClock
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import identity_pb, member_pb, user_pb
from orgplane_api.gitpod.v1 import organization_pb as pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as token_pb
from orgplane_server.domain.user import Role
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry import logs
from orgplane_server.usecases.organization import Founded
from people import Access, add_user
from rpc_clients import PROTOCOLS, Clients, ClientsFor, reason


@pytest.fixture(params=["connect-json"])
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What is looked up is the same whatever the protocol."""
    name: str = request.param
    return PROTOCOLS[name]


@pytest.fixture
async def zoe(database: Database, acme: Founded, clock: SettableClock) -> Access:
    """Another administrator."""
    return await add_user(
        database, acme, clock.now, name="Zoe", email="zoe@acme.example", role=Role.ADMIN
    )


class Caller:
    """Somebody whose token has just been seen to be good."""

    def __init__(self, clients: Clients, organization: str) -> None:
        self._clients = clients
        self._organization = organization
        self._renamed = 0

    async def get(self) -> str:
        found = await self._clients(
            "get_organization", pb.GetOrganizationRequest(organization_id=self._organization)
        )
        name: str = found.organization.name
        return name

    async def rename(self) -> None:
        self._renamed += 1
        request = pb.UpdateOrganizationRequest(
            organization_id=self._organization, name=f"Acme {self._renamed}"
        )
        await self._clients("update_organization", request)

    async def whoami(self) -> None:
        await self._clients(
            "get_authenticated_identity", identity_pb.GetAuthenticatedIdentityRequest()
        )

    async def misspell(self) -> None:
        await self._clients("get_organization", pb.GetOrganizationRequest(organization_id="x"))

    async def warm(self) -> None:
        for call in (self.get, self.rename, self.get, self.rename, self.whoami):
            await call()


@pytest.fixture
async def caller(clients_for: ClientsFor, acme: Founded, zoe: Access) -> Caller:
    caller = Caller(clients_for(zoe.token.reveal()), str(acme.organization.id))
    await caller.warm()
    return caller


async def refused(caller: Caller) -> set[str]:
    """Why whatever the caller asks is refused, changes first."""
    reasons = set()
    for call in (caller.rename, caller.get, caller.whoami, caller.misspell):
        with pytest.raises(ConnectError) as raised:
            await call()
        reasons.add(reason(raised.value))
    return reasons


async def test_a_token_that_was_revoked_is_good_for_nothing_from_then_on(
    admin: Clients,
    caller: Caller,
    zoe: Access,
    acme: Founded,
    capfd: pytest.CaptureFixture[str],
) -> None:
    listed = await admin(
        "list_personal_access_tokens",
        token_pb.ListPersonalAccessTokensRequest(
            filter=token_pb.ListPersonalAccessTokensRequest.Filter(user_ids=[str(zoe.user.id)])
        ),
    )
    (token,) = listed.personal_access_tokens
    before = await caller.get()
    await admin(
        "delete_personal_access_token",
        token_pb.DeletePersonalAccessTokenRequest(personal_access_token_id=token.id),
    )
    logs.drain()
    capfd.readouterr()
    assert await refused(caller) == {"TOKEN_UNKNOWN"}
    logs.drain()
    assert str(zoe.user.id) not in capfd.readouterr().err, "nobody's calls"
    assert await Caller(admin, str(acme.organization.id)).get() == before


async def test_whoever_is_suspended_may_do_nothing_from_then_on(
    admin: Clients, caller: Caller, zoe: Access
) -> None:
    await admin(
        "set_suspended", user_pb.SetSuspendedRequest(user_id=str(zoe.user.id), suspended=True)
    )
    assert await refused(caller) == {"USER_SUSPENDED"}


async def test_a_token_expires_at_its_time(caller: Caller, clock: SettableClock) -> None:
    clock.advance(days=90)
    assert await refused(caller) == {"TOKEN_EXPIRED"}


async def test_whoever_is_an_administrator_no_more_changes_nothing_from_then_on(
    admin: Clients, caller: Caller, zoe: Access, acme: Founded
) -> None:
    await admin(
        "set_role",
        member_pb.SetRoleRequest(
            organization_id=str(acme.organization.id),
            user_id=str(zoe.user.id),
            role=member_pb.OrganizationRole.MEMBER,
        ),
    )
    before = await caller.get()
    with pytest.raises(ConnectError) as raised:
        await caller.rename()
    assert raised.value.code.value == "permission_denied"
    assert await caller.get() == before


async def test_whoever_has_become_an_administrator_may_change_something(
    admin: Clients, clients_for: ClientsFor, acme: Founded, acme_member: Access
) -> None:
    caller = Caller(clients_for(acme_member.token.reveal()), str(acme.organization.id))
    for _ in range(3):
        await caller.get()
        with pytest.raises(ConnectError):
            await caller.rename()
    await admin(
        "set_role",
        member_pb.SetRoleRequest(
            organization_id=str(acme.organization.id),
            user_id=str(acme_member.user.id),
            role=member_pb.OrganizationRole.ADMIN,
        ),
    )
    await caller.rename()


async def test_a_token_that_was_not_seen_to_be_good_never_reaches_the_writer(
    caller: Caller, clients_for: ClientsFor, database: Database, acme: Founded, zoe: Access
) -> None:
    written: list[str] = []

    def note(_1: object, _2: object, text: str, _3: object, _4: object, _5: object) -> None:
        written.append(text)

    unknown = zoe.token.reveal()[:-1] + ("a" if zoe.token.reveal()[-1] != "a" else "b")
    stranger = Caller(clients_for(unknown), str(acme.organization.id))
    sa.event.listen(database._write_engine, "before_cursor_execute", note)
    try:
        for _ in range(2):
            with pytest.raises(ConnectError):
                await stranger.rename()
        assert written == []
        await caller.rename()
        assert written
    finally:
        sa.event.remove(database._write_engine, "before_cursor_execute", note)
