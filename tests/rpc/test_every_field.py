"""What a request says of a resource is kept, and answered; a field that gets lost is told with where it may be."""

from __future__ import annotations

from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import organization_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as token_pb
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_server.usecases.organization import Founded
from protobuf import ScalarType
from rpc_clients import PROTOCOLS, Clients

#: What is to be given to fields that not any text suits.
SUITABLE: dict[str, list[Any]] = {
    "issuer_url": ["https://one.example", "https://one.example/two"],
    "claims_expression": ["true", "false"],
    "email_domains": [["one.example"], ["two.example", "three.example"]],
    "state": [sso_pb.SSOConfigurationState.ACTIVE, sso_pb.SSOConfigurationState.INACTIVE],
    "additional_scopes": [["one"], sso_pb.AdditionalScopesUpdate(scopes=["two"])],
    "claims": [{}, {"groups": "all"}],
    "invite_domains": [None, organization_pb.InviteDomains(domains=["one.example"])],
}
#: What is not answered by the name that it is asked by: a secret, a part of another field, a length of time.
UNANSWERED = {"client_secret", "email_domain", "token_expires_in", "valid_for"}


@pytest.fixture
def protocol() -> dict[str, Any]:
    """One: that all say the same is in other tests."""
    return PROTOCOLS["connect-json"]


def wanted(message: Any, time: int, **known: Any) -> dict[str, Any]:
    """For each field of a request a value, another one each `time`."""
    values = dict(known)
    for field in message.desc().fields:
        name = field.local_name
        if name in known or name in UNANSWERED:
            continue
        if name in SUITABLE:
            values[name] = SUITABLE[name][time]
        else:
            kind = field.value.scalar
            assert kind in (ScalarType.STRING, ScalarType.BOOL), f"{name}: say what suits it"
            values[name] = time == 0 if kind is ScalarType.BOOL else f"{name} {time}"
    return values


def assert_answered(answer: Any, values: dict[str, Any], feature: str, by: str) -> None:
    """`by` is what in the door, or in the use case, has the field to pass on."""
    shown = {field.local_name for field in answer.desc().fields}
    for name, value in values.items():
        if name in shown:
            value = getattr(value, "scopes", value)
            assert getattr(answer, name) == value, (
                f"`{name}` gets lost in server/orgplane_server: rpc/{feature}.py ({by}, `_to_wire`),"
                f" usecases/{feature}.py"
            )


async def test_of_a_scim_configuration(admin: Clients, acme: Founded) -> None:
    links = [await an_sso_configuration(admin, acme) for _ in range(2)]
    organization = str(acme.organization.id)
    values = wanted(
        scim_pb.CreateSCIMConfigurationRequest,
        0,
        organization_id=organization,
        sso_configuration_id=links[0],
    )
    made = await admin(
        "create_scim_configuration", scim_pb.CreateSCIMConfigurationRequest(**values)
    )
    id = made.scim_configuration.id
    assert_answered(made.scim_configuration, values, "scim_configuration", "create")
    values = wanted(
        scim_pb.UpdateSCIMConfigurationRequest,
        1,
        scim_configuration_id=id,
        sso_configuration_id=links[1],
    )
    await admin("update_scim_configuration", scim_pb.UpdateSCIMConfigurationRequest(**values))
    found = await admin(
        "get_scim_configuration", scim_pb.GetSCIMConfigurationRequest(scim_configuration_id=id)
    )
    assert_answered(found.scim_configuration, values, "scim_configuration", "`_changes`")


async def test_of_an_sso_configuration(admin: Clients, acme: Founded) -> None:
    values = wanted(
        sso_pb.CreateSSOConfigurationRequest, 0, organization_id=str(acme.organization.id)
    )
    made = await admin(
        "create_sso_configuration",
        sso_pb.CreateSSOConfigurationRequest(**values, client_secret="secret"),
    )
    id = made.sso_configuration.id
    assert_answered(made.sso_configuration, values, "sso_configuration", "create")
    values = wanted(sso_pb.UpdateSSOConfigurationRequest, 1, sso_configuration_id=id)
    await admin("update_sso_configuration", sso_pb.UpdateSSOConfigurationRequest(**values))
    found = await admin(
        "get_sso_configuration", sso_pb.GetSSOConfigurationRequest(sso_configuration_id=id)
    )
    assert_answered(found.sso_configuration, values, "sso_configuration", "`_changes`")


async def test_of_an_organization(admin: Clients, acme: Founded) -> None:
    id = str(acme.organization.id)
    values = wanted(organization_pb.UpdateOrganizationRequest, 1, organization_id=id)
    await admin("update_organization", organization_pb.UpdateOrganizationRequest(**values))
    found = await admin(
        "get_organization", organization_pb.GetOrganizationRequest(organization_id=id)
    )
    assert_answered(found.organization, values, "organization", "update")


async def test_of_a_personal_access_token(admin: Clients, acme: Founded) -> None:
    values = wanted(token_pb.CreatePersonalAccessTokenRequest, 0, user_id=str(acme.caller.user_id))
    await admin("create_personal_access_token", token_pb.CreatePersonalAccessTokenRequest(**values))
    found = await admin("list_personal_access_tokens", token_pb.ListPersonalAccessTokensRequest())
    newest = found.personal_access_tokens[-1]
    assert_answered(newest, values, "personal_access_token", "create")


async def test_text_that_no_database_keeps_is_refused_by_its_field(
    admin: Clients, acme: Founded
) -> None:
    organization = str(acme.organization.id)
    link = await an_sso_configuration(admin, acme)
    known = {"organization_id": organization, "sso_configuration_id": link}
    made = await admin("create_scim_configuration", scim_pb.CreateSCIMConfigurationRequest(**known))
    this = {"scim_configuration_id": made.scim_configuration.id, "sso_configuration_id": link}
    for rpc, message, ids in (
        ("create_scim_configuration", scim_pb.CreateSCIMConfigurationRequest, known),
        ("update_scim_configuration", scim_pb.UpdateSCIMConfigurationRequest, this),
        (
            "create_personal_access_token",
            token_pb.CreatePersonalAccessTokenRequest,
            {"user_id": str(acme.caller.user_id)},
        ),
    ):
        texts = [name for name, value in wanted(message, 0, **ids).items() if type(value) is str]
        for name in set(texts) - ids.keys():
            with pytest.raises(ConnectError, match=rf"^{name}: must not contain NUL") as caught:
                await admin(rpc, message(**{**ids, name: "a\0b"}))
            assert caught.value.code is Code.INVALID_ARGUMENT


async def an_sso_configuration(admin: Clients, owner: Founded) -> str:
    made = await admin(
        "create_sso_configuration",
        sso_pb.CreateSSOConfigurationRequest(
            organization_id=str(owner.organization.id),
            client_id="client",
            client_secret="secret",
            issuer_url="https://idp.example",
        ),
    )
    return str(made.sso_configuration.id)
