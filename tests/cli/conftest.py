"""The command `orgplane` as a process, against one real server for the whole session."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orgplane
import orgplane.testing
import processes
import pytest
from command_line import PRELOADED, CommandLine
from identity_provider import provision, push_group
from orgplane.cli.profiles import Profile, ProfileFile
from orgplane_server.domain.token import Token, TokenKind


class _Server(orgplane.testing.Server):
    """Has its operator's commands run without the second that their imports take."""

    def _run(self, *arguments: str) -> str:
        done = processes.run(*arguments, "--database-url", self._database)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def server() -> Iterator[orgplane.testing.Server]:
    with _Server() as server:
        yield server


@pytest.fixture(scope="session")
def organization(server: orgplane.testing.Server) -> orgplane.testing.Organization:
    """Shared by tests that look at nothing but what they made themselves."""
    return server.create_organization()


@pytest.fixture
def lonely(tmp_path: Path) -> CommandLine:
    """Nobody has logged in, nothing is set."""
    return CommandLine(
        processes.environment(
            HOME=str(tmp_path),
            XDG_CONFIG_HOME=str(tmp_path / "config"),
            PYTHONWARNINGS="error",
            COLUMNS="100",
        ),
        tmp_path,
    )


@pytest.fixture
def run(lonely: CommandLine, organization: orgplane.testing.Organization) -> CommandLine:
    """As the administrator of the shared organization."""
    return lonely.having(ORGPLANE_URL=organization.url, ORGPLANE_TOKEN=organization.token)


@pytest.fixture
def run_afresh(lonely: CommandLine, server: orgplane.testing.Server) -> CommandLine:
    """As the administrator of an organization that nobody else uses."""
    organization = processes.create_organization(server._database)
    return lonely.having(ORGPLANE_URL=server.url, ORGPLANE_TOKEN=organization.token)


@pytest.fixture
def sso(organization: orgplane.testing.Organization) -> orgplane.types.SSOConfiguration:
    return organization.client.organizations.sso_configurations.create(
        organization_id=organization.organization_id,
        client_id="client",
        client_secret="secret",
        issuer_url="https://idp.example",
        display_name="Okta",
    ).sso_configuration


@pytest.fixture
def scim(
    organization: orgplane.testing.Organization, sso: orgplane.types.SSOConfiguration
) -> orgplane.types.SCIMConfiguration:
    return organization.client.organizations.scim_configurations.create(
        organization_id=organization.organization_id, sso_configuration_id=sso.id, name="Okta"
    ).scim_configuration


@pytest.fixture(scope="module")
def owner(server: orgplane.testing.Server) -> orgplane.testing.Organization:
    """The examples change what they like in it."""
    organization = server.create_organization()
    server.verify_domain("example.com", organization.organization_id)
    return organization


@pytest.fixture(scope="module")
def leavers(
    server: orgplane.testing.Server, owner: orgplane.testing.Organization
) -> dict[str, str]:
    """Tokens of Bob, an administrator who leaves, of an organization that is deleted, of one that the operator suspends, and of the server's operator; a place in all events."""
    let_in = ("--organization", owner.organization_id, "--email", "bob@globex.example")
    bob = server._run("create-token", "--make-administrator", "--json", *let_in)
    former, suspended = (server.create_organization("Former") for _ in range(2))
    operator = server._run("create-operator-token", "--name", "console", "--json")
    operator_token = json.loads(operator)["token"]
    with orgplane.Client(url=server.url, token=operator_token) as everywhere:
        cursor = next(iter(everywhere.operator.events.list())).cursor
    return {
        "BOB_TOKEN": json.loads(bob)["token"],
        "FORMER_TOKEN": former.token,
        "FORMER_ORGANIZATION_ID": suspended.organization_id,
        "ITS_TOKEN": suspended.token,
        "OPERATOR_TOKEN": operator_token,
        "OPERATOR_CURSOR": cursor,
    }


@pytest.fixture
def shell(
    lonely: CommandLine,
    owner: orgplane.testing.Organization,
    leavers: dict[str, str],
    tmp_path: Path,
) -> Iterator[CommandLine]:
    """A shell as the examples take it for granted: ids in variables, a few files, two profiles."""
    organization, client = owner, owner.client
    sso, unlinked = (
        client.organizations.sso_configurations.create(
            organization_id=organization.organization_id,
            client_id="orgplane",
            client_secret="secret",
            issuer_url=f"https://{name}.example.com",
            display_name=name.capitalize(),
        ).sso_configuration.id
        for name in ("okta", "former")
    )
    created = client.organizations.scim_configurations.create(
        organization_id=organization.organization_id, sso_configuration_id=sso, name="Okta"
    )
    scim = created.scim_configuration.id
    secret = client.organizations.scim_configurations.credentials.create(
        scim_configuration_id=scim, kind=orgplane.types.SCIMCredentialKind.CLIENT_SECRET
    )
    member = provision(organization.url, created.token, f"{sso[-12:]}@acme.example")
    group = push_group(organization.url, created.token, "Administrators")
    assigned = client.organizations.roles.assign(
        principal=orgplane.types.RolePrincipal.USER,
        principal_id=member,
        role=orgplane.types.Role.MEMBER,
    ).assigned_role.id
    client.users.pats.create(user_id=organization.user_id, description="spare")
    *_, token_id = (pat.id for pat in client.users.pats.list())
    event = next(iter(client.events.list()))
    with contextlib.suppress(orgplane.AlreadyExistsError):
        client.organizations.domain_verifications.create(
            organization_id=organization.organization_id, domain="former.com"
        )
    until = datetime.now(UTC) + timedelta(days=365)
    machine, former = (
        client.service_accounts.create(name=name, valid_until=until).service_account.id
        for name in ("deploy", "former")
    )
    brief = client.service_accounts.create_access_token(service_account_id=machine).token
    with orgplane.Client(url=organization.url, token=brief) as program:
        of_machine = program.service_accounts.tokens.create()
    invite = client.organizations.invites.create(organization_id=organization.organization_id)
    for name, members in (("Platform", [member]), ("Former", [])):
        with contextlib.suppress(orgplane.AlreadyExistsError):
            client.groups.create(organization_id=organization.organization_id, name=name)
        local = client.groups.retrieve(name=name).group.id
        for each in members:
            client.groups.memberships.create(group_id=local, subject=each)
    hooks = {each.description: each.id for each in client.webhook_endpoints.list()}
    for called in ({"Former", "People"}) - hooks.keys():
        made = client.webhook_endpoints.create(
            url="https://hooks.acme.example/", description=called, event_types=["organization"]
        )
        hooks[called] = made.webhook_endpoint.id
        client.webhook_endpoints.update(webhook_endpoint_id=hooks[called], enabled=False)
        client.webhook_endpoints.test(webhook_endpoint_id=hooks[called])
    delivery = next(
        iter(client.webhook_endpoints.list_deliveries(webhook_endpoint_id=hooks["People"]))
    )
    (tmp_path / "client-secret").write_text("secret")
    (tmp_path / "token").write_text(organization.token)
    (tmp_path / "bin").mkdir()
    PRELOADED.install(tmp_path / "bin/orgplane")
    password_store = tmp_path / "bin/pass"
    password_store.write_text("#!/bin/sh\necho secret\n")
    password_store.chmod(0o755)
    profiles = ProfileFile(Path(lonely.environment["XDG_CONFIG_HOME"]) / "orgplane/profiles.ini")
    for name in ("default", "staging"):
        profiles.save(Profile(name, organization.url, organization.token))
    yield lonely.having(
        PATH=f"{tmp_path}/bin:{lonely.environment['PATH']}",
        ORGPLANE_URL=organization.url,
        ORGPLANE_TOKEN=organization.token,
        USER_ID=organization.user_id,
        EXCHANGE_TOKEN=Token.mint(TokenKind.EXCHANGE, bytes(32)).reveal(),
        ORGANIZATION_ID=organization.organization_id,
        INVITE_ID=invite.invite.invite_id,
        MEMBER_ID=member,
        GROUP_ID=group,
        ASSIGNED_ROLE_ID=assigned,
        TOKEN_ID=token_id,
        SERVICE_ACCOUNT_ID=machine,
        FORMER_SERVICE_ACCOUNT_ID=former,
        SERVICE_ACCOUNT_TOKEN=of_machine.token,
        SERVICE_ACCOUNT_TOKEN_ID=of_machine.service_account_token.id,
        SCIM_CONFIGURATION_ID=scim,
        WEBHOOK_ENDPOINT_ID=hooks["People"],
        FORMER_WEBHOOK_ENDPOINT_ID=hooks["Former"],
        WEBHOOK_DELIVERY_ID=delivery.id,
        SCIM_CREDENTIAL_ID=secret.scim_credential.id,
        SSO_CONFIGURATION_ID=sso,
        EVENT_ID=event.id,
        CURSOR=event.cursor,
        UNLINKED_SSO_CONFIGURATION_ID=unlinked,
        **leavers,
    )
    with contextlib.suppress(orgplane.NotFoundError):  # it was revoked, or whose it was is gone
        client.organizations.roles.revoke(assigned_role_id=assigned)
