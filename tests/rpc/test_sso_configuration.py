"""SSO configurations as API clients see them: the same over every protocol."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIDProvider
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as pb
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.gitpod.v1.personal_access_token_pb import CreatePersonalAccessTokenRequest
from orgplane_api.orgplane.v1 import sso_configuration_pb as own_sso_pb
from orgplane_api.orgplane.v1.sso_configuration_pb import GetSsoConfigurationStatusRequest
from orgplane_server.store.engine.database import Database
from orgplane_server.store.sso_configuration import table
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.organization import Founded
from protobuf.wkt import Duration
from rpc_clients import Clients, ClientsFor, reason

SECRET = "a-very-secret-client-secret"


async def make(clients: Clients, owner: Founded, **fields: Any) -> pb.SSOConfiguration:
    values = {
        "organization_id": str(owner.organization.id),
        "client_id": "client",
        "client_secret": SECRET,
        "issuer_url": "https://idp.example",
        **fields,
    }
    response = await clients("create_sso_configuration", pb.CreateSSOConfigurationRequest(**values))
    made: pb.SSOConfiguration = response.sso_configuration
    return made


async def get(clients: Clients, id: str) -> pb.SSOConfiguration:
    response = await clients(
        "get_sso_configuration", pb.GetSSOConfigurationRequest(sso_configuration_id=id)
    )
    found: pb.SSOConfiguration = response.sso_configuration
    return found


async def update(clients: Clients, id: str, **fields: Any) -> pb.SSOConfiguration:
    await clients(
        "update_sso_configuration",
        pb.UpdateSSOConfigurationRequest(sso_configuration_id=id, **fields),
    )
    return await get(clients, id)


async def delete(clients: Clients, id: str) -> None:
    await clients(
        "delete_sso_configuration", pb.DeleteSSOConfigurationRequest(sso_configuration_id=id)
    )


@pytest.fixture
async def configuration(admin: Clients, acme: Founded) -> pb.SSOConfiguration:
    return await make(
        admin,
        acme,
        display_name="Okta",
        email_domains=["acme.example", "acme.test"],
        additional_scopes=["groups"],
        claims_expression="claims.email_verified",
    )


async def refused(call: Any) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value


async def test_create_answers_with_what_was_given_but_the_secret(
    admin: Clients, acme: Founded, configuration: pb.SSOConfiguration
) -> None:
    assert configuration.organization_id == str(acme.organization.id)
    assert configuration.client_id == "client"
    assert configuration.issuer_url == "https://idp.example"
    assert configuration.display_name == "Okta"
    assert configuration.email_domain == "acme.example"
    assert list(configuration.email_domains) == ["acme.example", "acme.test"]
    assert list(configuration.additional_scopes) == ["groups"]
    assert configuration.claims_expression == "claims.email_verified"
    assert configuration.state == pb.SSOConfigurationState.INACTIVE
    assert configuration.provider_type == pb.SSOConfiguration.ProviderType.CUSTOM
    assert SECRET not in repr(configuration)
    assert await get(admin, configuration.id) == configuration


async def test_the_client_secret_is_not_in_the_database(
    database: Database, configuration: pb.SSOConfiguration
) -> None:
    rows = await database.read(
        lambda c: c.execute(sa.text("select * from sso_configuration")).all()
    )
    assert len(rows) == 1
    assert SECRET not in str(rows)
    assert not any(isinstance(v, bytes) and SECRET.encode() in v for v in rows[0])


async def test_email_domains_are_lower_case_each_once_the_older_field_first(
    admin: Clients, acme: Founded
) -> None:
    made = await make(
        admin, acme, email_domain="ACME.example", email_domains=["b.example", "acme.EXAMPLE"]
    )
    assert list(made.email_domains) == ["acme.example", "b.example"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"client_id": "other"}, {"client_id": "other"}),
        ({"issuer_url": "https://idp.example/b"}, {"issuer_url": "https://idp.example/b"}),
        ({"display_name": ""}, {"display_name": ""}),
        ({"claims_expression": ""}, {"claims_expression": ""}),
        ({"claims": {"a": "b"}}, {"claims": {"a": "b"}}),
        (
            {"email_domain": "c.example"},
            {"email_domain": "c.example", "email_domains": ["c.example"]},
        ),
        ({"email_domains": ["acme.example"]}, {"email_domains": ["acme.example"]}),
        (
            {"state": pb.SSOConfigurationState.ACTIVE},
            {"state": pb.SSOConfigurationState.ACTIVE},
        ),
        (
            {"additional_scopes": pb.AdditionalScopesUpdate(scopes=["x", "y"])},
            {"additional_scopes": ["x", "y"]},
        ),
        ({"additional_scopes": pb.AdditionalScopesUpdate()}, {"additional_scopes": []}),
        ({"client_secret": "new"}, {}),
        ({}, {}),
    ],
)
async def test_update_changes_what_is_given_and_nothing_else(
    admin: Clients,
    configuration: pb.SSOConfiguration,
    fields: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    updated = await update(admin, configuration.id, **fields)
    for name in (
        "client_id",
        "issuer_url",
        "state",
        "claims",
        "email_domain",
        "email_domains",
        "display_name",
        "additional_scopes",
        "claims_expression",
        "provider_type",
    ):
        assert getattr(updated, name) == expected.get(name, getattr(configuration, name)), name


async def test_the_unspecified_state_is_invalid(
    admin: Clients, configuration: pb.SSOConfiguration
) -> None:
    error = await refused(
        update(admin, configuration.id, state=pb.SSOConfigurationState.UNSPECIFIED)
    )
    assert error.code is Code.INVALID_ARGUMENT
    assert error.message.startswith("state: ")


async def test_a_linked_configuration_is_not_deleted_and_says_what_links_to_it(
    admin: Clients, acme: Founded, configuration: pb.SSOConfiguration
) -> None:
    linked = await admin(
        "create_scim_configuration",
        scim_pb.CreateSCIMConfigurationRequest(
            organization_id=str(acme.organization.id), sso_configuration_id=configuration.id
        ),
    )
    error = await refused(delete(admin, configuration.id))
    assert (error.code, reason(error)) == (Code.FAILED_PRECONDITION, "SSO_CONFIGURATION_IN_USE")
    assert linked.scim_configuration.id in error.message
    await admin(
        "update_scim_configuration",
        scim_pb.UpdateSCIMConfigurationRequest(
            scim_configuration_id=linked.scim_configuration.id, sso_configuration_id=""
        ),
    )
    await delete(admin, configuration.id)
    assert (await refused(get(admin, configuration.id))).code is Code.NOT_FOUND


async def test_unknown_and_foreign_ids_read_the_same(
    stranger: Clients, configuration: pb.SSOConfiguration
) -> None:
    answers = set()
    for id in (configuration.id, str(uuid4())):
        for call in (
            get(stranger, id),
            update(stranger, id, display_name="x"),
            delete(stranger, id),
            faults(stranger, id),
        ):
            error = await refused(call)
            answers.add((error.code, error.message, reason(error)))
    assert answers == {
        (Code.NOT_FOUND, "SSO configuration not found", "SSO_CONFIGURATION_NOT_FOUND")
    }


async def test_list_pages_through_the_organizations_own(
    admin: Clients, stranger: Clients, acme: Founded, globex: Founded
) -> None:
    made = [await make(admin, acme) for _ in range(3)]
    await make(stranger, globex)
    seen: list[pb.SSOConfiguration] = []
    token = ""
    while True:
        page = await admin(
            "list_sso_configurations",
            pb.ListSSOConfigurationsRequest(
                organization_id=str(acme.organization.id),
                pagination=PaginationRequest(page_size=2, token=token),
            ),
        )
        seen += page.sso_configurations
        if not (token := page.pagination.next_token):
            break
    assert seen == made


async def test_another_organization_is_not_found(admin: Clients, globex: Founded) -> None:
    listing = pb.ListSSOConfigurationsRequest(organization_id=str(globex.organization.id))
    for call in (make(admin, globex), admin("list_sso_configurations", listing)):
        error = await refused(call)
        assert (error.code, reason(error)) == (Code.NOT_FOUND, "ORGANIZATION_NOT_FOUND")


async def test_a_member_is_denied(
    member: Clients, acme: Founded, configuration: pb.SSOConfiguration
) -> None:
    for call in (
        make(member, acme),
        get(member, configuration.id),
        update(member, configuration.id, display_name="x"),
        delete(member, configuration.id),
        faults(member, configuration.id),
    ):
        assert (await refused(call)).code is Code.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"claims_expression": "claims.a &&\n  clams.b"},
            "claims_expression: line 2, column 8: undeclared reference to 'clams.b'",
        ),
        ({"claims_expression": "'true'"}, "claims_expression: gives string, not bool"),
        (
            {"issuer_url": "http://idp.example:8081"},
            "issuer_url: must begin with https://; whoever runs the server can allow http for this host: "
            "--sso-allowed-hosts idp.example:8081",
        ),
        ({"claims": {"": "a"}}, "claims: must have a name for each"),
        (
            {"additional_scopes": pb.AdditionalScopesUpdate(scopes=["a b"])},
            "additional_scopes: 'a b' is no scope",
        ),
        (
            {"issuer_url": "https://idp.example:0", "claims_expression": "x", "client_id": " "},
            "issuer_url: must have a port from 1 to 65535, or none and no colon; "
            "claims_expression: line 1, column 1: undeclared reference to 'x'; client_id: must have no",
        ),
    ],
)
async def test_an_update_that_can_never_work_is_refused_and_changes_nothing(
    admin: Clients, configuration: pb.SSOConfiguration, fields: dict[str, Any], message: str
) -> None:
    error = await refused(update(admin, configuration.id, display_name="New", **fields))
    assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert error.message.startswith(message)
    assert await get(admin, configuration.id) == configuration


@pytest.mark.parametrize(
    "issuer_url",
    ["https://idp.example.evil.example", "https://idp.example:8443", "https://other.example/"],
)
async def test_a_secret_does_not_go_to_a_server_that_it_was_not_given_for(
    admin: Clients, configuration: pb.SSOConfiguration, issuer_url: str
) -> None:
    error = await refused(update(admin, configuration.id, issuer_url=issuer_url, display_name="B"))
    assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert error.message.startswith("client_secret: must be given with an issuer_url on another")
    assert await get(admin, configuration.id) == configuration
    updated = await update(admin, configuration.id, issuer_url=issuer_url, client_secret="sesame")
    assert updated.issuer_url == issuer_url


async def test_what_is_stored_already_stays_and_stops_no_other_change(
    database: Database, admin: Clients, configuration: pb.SSOConfiguration
) -> None:
    bad = {
        "issuer_url": "http://idp.example?x",
        "claims_expression": "claims.a ==",
        "client_id": " c",
    }
    await store(database, bad)
    changed = await update(
        admin, configuration.id, display_name="New", state=pb.SSOConfigurationState.ACTIVE
    )
    assert changed.display_name == "New"
    same = await update(admin, configuration.id, **bad)
    assert same == changed
    assert {name: getattr(same, name) for name in bad} == bad
    for name, value in {"issuer_url": "http://b.example", "claims_expression": "1 +"}.items():
        error = await refused(update(admin, configuration.id, **{**bad, name: value}))
        assert error.message.startswith(f"{name}: ")
    assert await get(admin, configuration.id) == changed
    assert await faults(admin, configuration.id) == ["issuer_url", "claims_expression", "client_id"]
    put_right = {"issuer_url": "https://idp.example", "claims_expression": "true"}
    updated = await update(admin, configuration.id, **put_right, client_secret="new")
    assert updated.claims_expression == "true"
    assert await faults(admin, configuration.id) == ["client_id"]


async def test_a_configuration_of_today_has_no_faults(
    admin: Clients, configuration: pb.SSOConfiguration
) -> None:
    assert await faults(admin, configuration.id) == []


async def test_email_domains_license_nothing_until_they_are_proven_and_that_is_told(
    admin: Clients,
    configuration: pb.SSOConfiguration,
    database: Database,
    clock: SettableClock,
    acme: Founded,
    globex: Founded,
) -> None:
    vouching = Vouching(database, clock)
    await vouching.vouch(globex.organization.id, "acme.example", private=True)
    request = GetSsoConfigurationStatusRequest(sso_configuration_id=configuration.id)
    status = (await admin("get_sso_configuration_status", request)).status
    assert list(status.unproven_email_domains) == ["acme.example", "acme.test"]
    await vouching.vouch(acme.organization.id, "acme.test", private=True)
    status = (await admin("get_sso_configuration_status", request)).status
    assert list(status.unproven_email_domains) == ["acme.example"]
    assert (await get(admin, configuration.id)) == configuration


async def test_the_provider_says_whether_members_could_sign_in(
    admin: Clients,
    acme: Founded,
    openid_provider: OpenIDProvider,
    database: Database,
) -> None:
    made = await make(
        admin,
        acme,
        issuer_url=openid_provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    request = own_sso_pb.TestSsoConfigurationRequest(sso_configuration_id=made.id)
    checks = (await admin("test_sso_configuration", request)).checks
    outcomes = {each.check: each.outcome.name for each in checks}
    # The server does not know where it is reached, and its clock is the test's.
    assert outcomes.pop("redirect_uri") == "UNKNOWN"
    assert outcomes.pop("clock") == "WRONG"
    assert set(outcomes.values()) == {"OK"}
    assert "client_secret" in outcomes
    await store(database, {"claims_expression": "1 +", "client_id": "nobody"})
    checks = (await admin("test_sso_configuration", request)).checks
    wrong = [each for each in checks if each.outcome.name == "WRONG"]
    assert [each.check for each in wrong] == ["configuration", "clock", "client_secret"]
    assert wrong[0].description.startswith("claims_expression: line 1")
    assert CLIENT_SECRET not in str(checks)


async def test_who_may_only_read_has_no_secret_sent(
    clients_for: ClientsFor,
    admin: Clients,
    acme: Founded,
    stranger: Clients,
    configuration: pb.SSOConfiguration,
) -> None:
    request = own_sso_pb.TestSsoConfigurationRequest(sso_configuration_id=configuration.id)
    assert (await refused(stranger("test_sso_configuration", request))).code is Code.NOT_FOUND
    token = await admin(
        "create_personal_access_token",
        CreatePersonalAccessTokenRequest(
            user_id=str(acme.administrator.id),
            description="reads",
            read_only=True,
            valid_for=Duration(seconds=86400),
        ),
    )
    error = await refused(clients_for(token.token)("test_sso_configuration", request))
    assert error.code is Code.PERMISSION_DENIED


async def faults(clients: Clients, id: str) -> list[str]:
    """The fields of a configuration that can never work."""
    request = GetSsoConfigurationStatusRequest(sso_configuration_id=id)
    status = (await clients("get_sso_configuration_status", request)).status
    assert status.sso_configuration_id == id
    assert all(fault.description for fault in status.faults)
    return [fault.field for fault in status.faults]


async def store(database: Database, values: dict[str, Any]) -> None:
    """What an older version of the server has let in."""
    await database.write(lambda unit: unit.connection.execute(sa.update(table).values(**values)))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"client_id": ""}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"issuer_url": "not a url"}, "issuer_url"),
        ({"email_domain": "x"}, "email_domain"),
        ({"email_domains": ["ok.example", "-bad"]}, "email_domains[1]"),
        ({"email_domains": ["a.example", "a.example"]}, "email_domains"),
        ({"display_name": "x" * 129}, "display_name"),
        ({"additional_scopes": ["x"] * 101}, "additional_scopes"),
        ({"additional_scopes": [""]}, "additional_scopes[0]"),
        ({"claims_expression": "x" * 4097}, "claims_expression"),
        ({"client_id": "a\0b"}, "client_id"),
        ({"additional_scopes": ["a\0b"]}, "additional_scopes"),
        ({"organization_id": "x"}, "organization_id"),
        ({"issuer_url": "http://idp.example"}, "issuer_url"),
        ({"issuer_url": "https://idp.example?x=1"}, "issuer_url"),
        ({"issuer_url": "https://idp.example:70000"}, "issuer_url"),
        ({"claims_expression": "claims.a =="}, "claims_expression"),
        ({"claims_expression": "size(claims)"}, "claims_expression"),
        ({"client_id": "client "}, "client_id"),
        ({"client_id": "cli\nent"}, "client_id"),
        ({"client_secret": f"{SECRET}\n"}, "client_secret"),
        ({"display_name": "Ok\tta"}, "display_name"),
        ({"email_domain": "not a domain"}, "email_domain"),
        ({"additional_scopes": ["groups", "a b"]}, "additional_scopes"),
    ],
)
async def test_what_breaks_a_rule_is_named(
    admin: Clients, acme: Founded, fields: dict[str, Any], field: str
) -> None:
    error = await refused(make(admin, acme, **fields))
    assert error.code is Code.INVALID_ARGUMENT
    assert error.message.startswith(f"{field}: ")
    assert SECRET not in error.message
