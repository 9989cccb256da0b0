"""Applications learn over RPC who has signed in, with their secret alone; the rules are those of `/oauth2/token`."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import timedelta
from typing import Any

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import identity_pb
from orgplane_api.gitpod.v1.member_pb import OrganizationRole
from orgplane_api.orgplane.v1 import sign_in_pb as pb
from orgplane_server.app.build import Server
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.sign_out import SignOutReason
from orgplane_server.domain.sso_configuration import SsoConfigurationState
from orgplane_server.domain.token import Token, TokenKind
from orgplane_server.rpc.sign_in import _REASONS
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry import logs
from orgplane_server.usecases.application import Registered
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from people import Access
from protobuf.wkt import Timestamp
from provisioning import serving
from relying_party import APP, VERIFIER, World, challenge, world
from rpc_clients import Clients, ClientsFor, reason
from scim_client import Scim, group, user

__all__ = ["world"]


@pytest.fixture
def application(world: World, clients_for: ClientsFor) -> Clients:
    """The application that people sign in to, asking another process than they."""
    return clients_for(world.registered.secret.reveal())


async def exchange(application: Clients, code: str, **changes: str) -> pb.SignIn:
    given = {"redirect_uri": APP, "code_verifier": VERIFIER, **changes}
    answer = await application("exchange_code", pb.ExchangeCodeRequest(code=code, **given))
    signed_in: pb.SignIn = answer.sign_in
    return signed_in


async def refused(call: Any) -> tuple[Code, str]:
    with pytest.raises(ConnectError) as error:
        await call
    return error.value.code, reason(error.value)


async def test_an_application_learns_who_signed_in(
    world: World,
    application: Clients,
    acme: Founded,
    acme_member: Access,
    database: Database,
    clock: SettableClock,
) -> None:
    at = clock.now
    found = await exchange(application, await world.code())
    assert found == pb.SignIn(
        id=found.id,
        user_id=str(acme_member.user.id),
        name="Mel",
        email="mel@acme.example",
        email_verified=True,
        organization_id=str(acme.organization.id),
        organization_name="Acme",
        role=OrganizationRole.MEMBER,
        sso_configuration_id=str(world.configuration.id),
        signed_in_at=found.signed_in_at,
        expires_at=found.expires_at,
        idle_expires_at=found.idle_expires_at,
    )
    assert found.signed_in_at is not None
    assert found.expires_at is not None
    assert found.idle_expires_at is not None
    assert found.signed_in_at.to_datetime() == at
    assert found.expires_at.to_datetime() == at + timedelta(hours=24)
    assert found.idle_expires_at.to_datetime() == at + timedelta(hours=8)


ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


async def test_it_learns_what_scim_says_of_them(
    world: World, application: Clients, database: Database, clock: SettableClock
) -> None:
    pages = PageTokens(Sealer(bytes(32)))
    configurations = ScimConfigurations(database, clock, pages)
    organization = world.owner.organization.id
    made = await configurations.create(world.owner.caller, organization, world.configuration.id)
    async with serving(database, clock) as http:
        scim = Scim(http, made.token.reveal())
        told = user(
            "mel@acme.example",
            externalId="00u1",
            title="Engineer",
            **{ENTERPRISE: {"department": "Tools", "employeeNumber": "701984"}},
        )
        mel = await scim("POST", "/Users", told)
        assert mel.status == 201, mel.text
        await scim("POST", "/Groups", group("Guides", mel.json["id"]))
    found = await exchange(application, await world.code())
    assert found.scim_user == pb.SignInScimUser(
        scim_configuration_id=str(made.configuration.id),
        external_id="00u1",
        user_name="mel@acme.example",
        title="Engineer",
        department="Tools",
        employee_number="701984",
    )
    assert [each.display_name for each in found.groups] == ["Guides"]


NOT_VALID = (Code.FAILED_PRECONDITION, "SIGN_IN_CODE_NOT_VALID")


async def test_a_code_is_for_one_application_one_verifier_and_one_use(
    world: World, application: Clients, clients_for: ClientsFor, clock: SettableClock
) -> None:
    other = await world.applications.create("Other", [APP], [])
    code = await world.code()
    stolen = exchange(clients_for(other.secret.reveal()), code)
    assert await refused(stolen) == NOT_VALID
    await exchange(application, code)
    assert await refused(exchange(application, code)) == NOT_VALID
    for wrong in (
        {"code_verifier": "w" * 43},
        {"code_verifier": challenge(VERIFIER)},
        {"redirect_uri": APP + "&"},
    ):
        code = await world.code()
        assert await refused(exchange(application, code, **wrong)) == NOT_VALID
        assert await refused(exchange(application, code)) == NOT_VALID
    code = await world.code()
    clock.advance(seconds=60)
    assert await refused(exchange(application, code)) == NOT_VALID
    assert await refused(exchange(application, "orgplane_code_x")) == NOT_VALID


async def test_a_code_that_one_way_has_taken_is_none_the_other(
    world: World, application: Clients
) -> None:
    code = await world.code()
    told = json.loads((await world.token(code=code)).text())
    assert (await world.userinfo(told["access_token"])).status == 200
    assert await refused(exchange(application, code)) == NOT_VALID
    assert (await world.userinfo(told["access_token"])).status == 401
    code = await world.code()
    await exchange(application, code)
    assert await world.error(code=code) == "invalid_grant"


ENDED = (Code.NOT_FOUND, "SIGN_IN_ENDED")


async def signed_in(application: Clients, id: str) -> pb.SignIn:
    answer = await application("get_sign_in", pb.GetSignInRequest(sign_in_id=id))
    found: pb.SignIn = answer.sign_in
    return found


async def used(application: Clients, id: str, clock: SettableClock) -> None:
    """Asks, and until that is noted as a use."""
    until = clock.now + timedelta(hours=8)
    while True:
        found = (await signed_in(application, id)).idle_expires_at
        assert found is not None
        if found.to_datetime() == until:
            return


async def test_it_asks_whether_they_still_are(
    world: World,
    application: Clients,
    clients_for: ClientsFor,
    acme_member: Access,
    database: Database,
    clock: SettableClock,
) -> None:
    found = await exchange(application, await world.code())
    assert await signed_in(application, found.id) == found
    # Each time counts as use, also of an ID token's sign-in.
    told = json.loads((await world.token(code=await world.code())).text())
    body = told["id_token"].split(".")[1]
    sid = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sid"]
    for _ in range(2):
        clock.advance(hours=7)
        for id in (found.id, sid):
            await used(application, id, clock)
    other = await world.applications.create("Other", [APP], [])
    unknown = str(acme_member.user.id)
    elsewhere = clients_for(other.secret.reveal())
    for asked in (signed_in(elsewhere, found.id), signed_in(application, unknown)):
        assert await refused(asked) == ENDED
    await suspend(world, database, clock, acme_member)
    assert await refused(signed_in(application, found.id)) == ENDED
    with pytest.raises(ConnectError, match="sign_in_id"):
        await signed_in(application, "x")


async def test_it_is_over_once_the_configuration_is_inactive(
    world: World, application: Clients
) -> None:
    found = await exchange(application, await world.code())
    for state in (SsoConfigurationState.INACTIVE, SsoConfigurationState.ACTIVE):
        await world.sso.update(world.owner.caller, world.configuration.id, {"state": state})
        assert await refused(signed_in(application, found.id)) == ENDED


async def test_it_is_told_of_what_has_ended(
    world: World,
    application: Clients,
    acme_member: Access,
    database: Database,
    clock: SettableClock,
) -> None:
    found = await exchange(application, await world.code())
    watch = application.call("watch_sign_outs", pb.WatchSignOutsRequest())
    async with contextlib.aclosing(watch) as stream:
        begun = await anext(stream)
        assert begun.sign_out is None
        await suspend(world, database, clock, acme_member)
        told = await anext(stream)
    assert told.sign_out == pb.SignOut(
        sign_in_id=found.id,
        user_id=found.user_id,
        organization_id=found.organization_id,
        ended_at=Timestamp.from_datetime(clock.now),
        reason=pb.SignOutReason.MEMBER,
    )
    again = pb.WatchSignOutsRequest(cursor=begun.cursor)
    async with contextlib.aclosing(application.call("watch_sign_outs", again)) as stream:
        await anext(stream)
        assert (await anext(stream)).sign_out == told.sign_out


def test_every_reason_has_a_name_on_the_wire() -> None:
    assert {_REASONS[reason] for reason in SignOutReason} == (
        {*pb.SignOutReason} - {pb.SignOutReason.UNSPECIFIED}
    )


async def test_a_sign_in_ends_after_a_day(
    world: World, application: Clients, clock: SettableClock
) -> None:
    found = await exchange(application, await world.code())
    clock.advance(hours=8)
    assert await refused(signed_in(application, found.id)) == ENDED


async def test_who_was_suspended_in_between_is_nobody(
    world: World,
    application: Clients,
    acme_member: Access,
    database: Database,
    clock: SettableClock,
) -> None:
    code = await world.code()
    await suspend(world, database, clock, acme_member)
    assert await refused(exchange(application, code)) == NOT_VALID


async def suspend(world: World, database: Database, clock: SettableClock, whom: Access) -> None:
    members = Members(database, clock, PageTokens(Sealer(bytes(32))))
    await members.set_suspended(world.owner.caller, UserId(whom.user.id), suspended=True)


async def test_a_secret_that_was_removed_is_none(
    world: World, application: Clients, clients_for: ClientsFor
) -> None:
    (before,) = (await world.applications.list())[0].secrets
    second: Registered = await world.applications.add_secret(world.application.id)
    await world.applications.remove_secret(world.application.id, before.id)
    code = await world.code()
    unknown = (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
    assert await refused(exchange(application, code)) == unknown
    again = clients_for(second.secret.reveal())
    await exchange(again, code)
    await world.applications.delete(world.application.id)
    assert await refused(exchange(again, code)) == unknown


async def test_neither_secrets_nor_codes_are_logged(
    world: World, application: Clients, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    code = await world.code()
    await exchange(application, code)
    await refused(exchange(application, code))
    logs.drain()
    told = capfd.readouterr()
    for secret in (code, world.registered.secret.reveal(), VERIFIER):
        assert secret not in told.out + told.err


async def test_it_takes_the_secret_of_an_application_alone(
    admin: Clients, clients_for: ClientsFor
) -> None:
    malformed = (Code.UNAUTHENTICATED, "TOKEN_MALFORMED")
    for clients in (
        admin,
        *(
            clients_for(Token.mint(kind, bytes(32)).reveal())
            for kind in TokenKind
            if kind is not TokenKind.APPLICATION
        ),
    ):
        with pytest.raises(ConnectError) as error:
            await exchange(clients, "orgplane_code_x")
        assert (error.value.code, reason(error.value)) == malformed
        assert "a secret of an application (orgplane_application_...) is needed" in (
            error.value.message
        )
    whoami = identity_pb.GetAuthenticatedIdentityRequest()
    secret = Token.mint(TokenKind.APPLICATION, bytes(32)).reveal()
    with pytest.raises(ConnectError, match=r"this is a secret of an application"):
        await clients_for(secret)("get_authenticated_identity", whoami)
    assert await refused(exchange(clients_for(secret), "orgplane_code_x")) == (
        Code.UNAUTHENTICATED,
        "TOKEN_UNKNOWN",
    )
    assert await refused(exchange(clients_for(""), "orgplane_code_x")) == (
        Code.UNAUTHENTICATED,
        "UNAUTHENTICATED",
    )
