"""Administrators keep the credentials of SCIM configurations, and see which of them a request bore."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_api.orgplane.v1 import event_pb, scim_provisioning_pb
from orgplane_api.orgplane.v1 import scim_credential_pb as pb
from orgplane_server.usecases.organization import Founded
from protobuf.wkt import Duration
from pyqwest import Client
from rpc_clients import ORIGIN, PROTOCOLS, Clients, reason
from scim_client import Scim

Kind = pb.ScimCredentialKind


@pytest.fixture(params=["connect-json"])
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The rules are the same whatever the protocol."""
    name: str = request.param
    return PROTOCOLS[name]


@pytest.fixture
async def issued(admin: Clients, acme: Founded) -> tuple[str, str]:
    """A SCIM configuration's id, and its token."""
    organization = str(acme.organization.id)
    sso = sso_pb.CreateSSOConfigurationRequest(
        organization_id=organization,
        client_id="c",
        client_secret="s",
        issuer_url="https://idp.example",
    )
    link = (await admin("create_sso_configuration", sso)).sso_configuration.id
    made = await admin(
        "create_scim_configuration",
        scim_pb.CreateSCIMConfigurationRequest(
            organization_id=organization, sso_configuration_id=link
        ),
    )
    return made.scim_configuration.id, made.token


@pytest.fixture
def id(issued: tuple[str, str]) -> str:
    return issued[0]


async def create(admin: Clients, id: str, **fields: Any) -> pb.CreateScimCredentialResponse:
    fields = {"kind": Kind.TOKEN, **fields}
    request = pb.CreateScimCredentialRequest(scim_configuration_id=id, **fields)
    made: pb.CreateScimCredentialResponse = await admin("create_scim_credential", request)
    return made


async def credentials(admin: Clients, id: str) -> list[pb.ScimCredential]:
    request = pb.ListScimCredentialsRequest(scim_configuration_id=id)
    return list((await admin("list_scim_credentials", request)).scim_credentials)


async def end(admin: Clients, id: str, credential: str) -> None:
    request = pb.EndScimCredentialRequest(scim_configuration_id=id, scim_credential_id=credential)
    await admin("end_scim_credential", request)


async def changes(admin: Clients) -> dict[str, Any]:
    response = await admin("list_events", event_pb.ListEventsRequest(newest_first=True))
    return {change.field: change for change in response.events[0].changes}


async def test_each_is_shown_by_its_hint_and_what_changed_is_in_the_audit_trail(
    admin: Clients, issued: tuple[str, str], clock: SettableClock
) -> None:
    id, token = issued
    (first,) = await credentials(admin, id)
    assert first.hint == f"orgplane_scim_...{token[-4:]}"
    assert first.kind is Kind.TOKEN
    clock.advance(days=1)
    made = await create(
        admin, id, overlap=Duration(seconds=3600), expires_in=Duration(seconds=86400)
    )
    assert made.scim_credential is not None
    assert made.scim_credential.hint == f"orgplane_scim_...{made.token[-4:]}"
    assert made.scim_credential.expires_at is not None
    assert made.scim_credential.expires_at.to_datetime() == clock.now + timedelta(days=1)
    old, new = await credentials(admin, id)
    assert (old.id, new.id) == (first.id, made.scim_credential.id)
    assert old.expires_at is not None
    assert old.expires_at.to_datetime() == clock.now + timedelta(hours=1)
    found = await changes(admin)
    assert found["token"].secret
    assert {"token_expires_at", "token_lifetime", "credentials"} < set(found)
    await end(admin, id, new.id)
    assert [each.id for each in await credentials(admin, id)] == [old.id]
    assert "credentials" in await changes(admin)
    with pytest.raises(ConnectError) as caught:
        await end(admin, id, new.id)
    assert (caught.value.code, reason(caught.value)) == (
        Code.NOT_FOUND,
        "SCIM_CREDENTIAL_NOT_FOUND",
    )
    await create(admin, id)
    with pytest.raises(ConnectError) as caught:
        await create(admin, id)
    assert (caught.value.code, reason(caught.value)) == (
        Code.FAILED_PRECONDITION,
        "TOO_MANY_SCIM_CREDENTIALS",
    )


async def test_another_organizations_are_not_found(
    admin: Clients, stranger: Clients, id: str
) -> None:
    (credential,) = await credentials(admin, id)
    for call in (
        credentials(stranger, id),
        create(stranger, id),
        end(stranger, id, credential.id),
    ):
        with pytest.raises(ConnectError) as caught:
            await call
        assert reason(caught.value) == "SCIM_CONFIGURATION_NOT_FOUND"


async def test_the_request_log_tells_which_credential_a_request_bore_also_when_it_has_ended(
    admin: Clients, http: Client, issued: tuple[str, str], clock: SettableClock
) -> None:
    id, token = issued
    secret = await create(admin, id, kind=Kind.CLIENT_SECRET)
    (first, second) = await credentials(admin, id)

    async def grant() -> Any:
        form = {
            "grant_type": "client_credentials",
            "client_id": id,
            "client_secret": secret.token,
        }
        answer = await http.execute(
            "POST",
            f"{ORIGIN}/oauth2/scim/{id}",
            headers={"content-type": "application/x-www-form-urlencoded"},
            content=urlencode(form).encode(),
        )
        return json.loads(answer.text())

    access: str = (await grant())["access_token"]
    for bearer in (token, access):
        assert (await Scim(http, bearer)("GET", "/Users")).status == 200
        clock.advance(seconds=1)
    await end(admin, id, second.id)
    for _ in range(2):  # of each, one a minute
        assert (await Scim(http, access)("GET", "/Users")).status == 401
        clock.advance(seconds=1)
        assert (await grant())["error"] == "invalid_client"
        clock.advance(seconds=1)
    await create(admin, id, overlap=Duration(seconds=60))
    clock.advance(minutes=1)
    assert (await Scim(http, token)("GET", "/Users")).status == 401
    request = scim_provisioning_pb.ListScimRequestsRequest(
        scim_configuration_id=id, oldest_first=True
    )
    found = (await admin("list_scim_requests", request)).scim_requests
    assert [(each.status, each.scim_credential_id, each.credential) for each in found] == [
        (200, first.id, first.hint),
        (200, second.id, second.hint),
        (401, second.id, second.hint),
        (401, second.id, second.hint),
        (401, first.id, first.hint),
    ]
    assert [each.detail.split(" at ")[0] for each in found[2:]] == [
        "the access token was ended",
        "the client secret was ended",
        "the token was replaced",
    ]
    assert found[3].path == f"/oauth2/scim/{id}"
    for shown in (token, access, secret.token):
        assert shown not in str(found)
