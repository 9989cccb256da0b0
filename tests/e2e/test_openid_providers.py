"""What real OpenID providers say when an administrator asks whether members could sign in, and members who do, as docs/sso.md has it."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import orgplane
import pytest
from command_line import CommandLine
from identity_provider import scim
from installation import free_port, link
from keycloak import Browser, Realm, keycloak
from login_command import Waiting
from openid_provider import (
    CALLBACK,
    CLIENT_ID,
    CLIENT_SECRET,
    ELSEWHERE,
    JWKS,
    SIGNING,
    OpenIDProvider,
    openid_provider,
)
from processes import Organization, Server, create_organization, environment, sqlite_url

__all__ = ["keycloak", "openid_provider"]

PROVIDERS = ["openid_provider", pytest.param("keycloak", marks=pytest.mark.long)]


@pytest.fixture(scope="module", params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> OpenIDProvider:
    found: OpenIDProvider = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return sqlite_url(tmp_path_factory.mktemp("providers"))


@pytest.fixture(scope="module")
def server(provider: OpenIDProvider, database_url: str) -> Iterator[Server]:
    """Its operator lets it ask this provider."""
    allowed = ("--sso-allowed-hosts", urlsplit(provider.issuer).netloc)
    public = ("--public-url", CALLBACK.removesuffix("/sso/callback/"))
    with Server("--database-url", database_url, *allowed, *public) as server:
        yield server


@pytest.fixture(scope="module")
def administrator(server: Server, database_url: str) -> Organization:
    return create_organization(database_url)


@pytest.fixture
def command(server: Server, administrator: Organization, tmp_path: Path) -> CommandLine:
    variables = environment(ORGPLANE_URL=server.url, ORGPLANE_TOKEN=administrator.token)
    return CommandLine(variables, tmp_path)


def created(
    command: CommandLine, issuer: str, client_id: str = CLIENT_ID, secret: str = CLIENT_SECRET
) -> str:
    """The id of a configuration."""
    made = command.json(
        *("sso-configurations", "create", "--issuer-url", issuer, "--client-id", client_id),
        *("--client-secret-file", "-"),
        stdin=secret,
    )
    return str(made["id"])


def test_all_is_well_for_the_command_line_and_for_clients(
    command: CommandLine, server: Server, administrator: Organization, provider: OpenIDProvider
) -> None:
    id = created(command, provider.issuer)
    told = [line.split()[:2] for line in command.ok("sso-configurations", "test", id).splitlines()]
    assert len(told) == 1 + 10
    unsure = [check for outcome, check in told[1:] if outcome != "ok"]
    assert unsure == ([] if provider.tells_time else ["clock"])
    with orgplane.Client(url=server.url, token=administrator.token) as client:
        checks = client.organizations.sso_configurations.test(sso_configuration_id=id)
    assert told[1:] == [[each.outcome.name.lower(), each.check] for each in checks]
    (redirect,) = [each for each in checks if each.check == "redirect_uri"]
    assert f"{CALLBACK}{id}" in redirect.description


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"secret": "another"}, {"client_secret": "refuses client_id or client secret"}),
        ({"client_id": "nobody"}, {"client_secret": "refuses", "redirect_uri": "status 400"}),
        ({"client_id": ELSEWHERE[0]}, {"redirect_uri": "does not know the redirect URI"}),
    ],
    ids=["secret", "client", "redirect URI"],
)
def test_what_is_wrong_at_the_client_is_told_as_that(
    command: CommandLine, provider: OpenIDProvider, fields: dict[str, Any], wrong: dict[str, str]
) -> None:
    check(command, created(command, provider.issuer, **fields), wrong)


@pytest.mark.parametrize(
    ("added", "told"),
    [("/", "calls its issuer"), ("/nothing", "answers with status 404")],
    ids=["a slash", "a path"],
)
def test_another_spelling_of_the_issuer_is_told_as_that(
    command: CommandLine, provider: OpenIDProvider, added: str, told: str
) -> None:
    check(command, created(command, provider.issuer + added), {"discovery": told})


def test_a_client_without_a_secret_is_known_by_what_the_server_signs(
    command: CommandLine, server: Server, provider: OpenIDProvider
) -> None:
    if not provider.tells_time:
        pytest.skip("the realm has no such client")
    id = created(command, provider.issuer, SIGNING, "none")
    check(command, id, {"client_secret": "refuses client_id or client secret"})
    done = command(
        *("sso-configurations", "update", id, "--client-authentication", "private_key_jwt")
    )
    assert f"register this JWKS URL with the provider: {JWKS}" in done.stderr
    with urllib.request.urlopen(f"{provider.issuer}/jwks?{quote(f'{server.url}/oauth2/jwks')}"):
        pass
    told = command.ok("sso-configurations", "test", id)
    assert "the provider does not refuse what this server signs (private_key_jwt)" in told
    made = command.json(
        *("sso-configurations", "create", "--issuer-url", provider.issuer),
        *("--client-id", "nobody", "--client-secret-file", "-"),
        *("--client-authentication", "private_key_jwt"),
        stdin="none",
    )
    check(
        command,
        made["id"],
        {"client_authentication": "refuses what this server signs", "redirect_uri": "status 400"},
    )


def check(command: CommandLine, id: str, wrong: dict[str, str]) -> None:
    """That these checks and no others are wrong, and say so, and what to do."""
    done = command("sso-configurations", "test", id)
    assert done.returncode == 1, done
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()[1:]]
    found = {check: text for outcome, check, text in lines if outcome == "wrong"}
    assert found.keys() == wrong.keys(), done.stdout
    for name, text in wrong.items():
        assert text in found[name]
        assert f"orgplane: {name}: " in done.stderr


@pytest.mark.long
def test_whom_scim_provisioned_signs_in_and_is_out_when_scim_suspends_them(
    keycloak: OpenIDProvider, tmp_path: Path
) -> None:
    database_url = sqlite_url(tmp_path)
    organization = create_organization(database_url)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Server(
        *("--database-url", database_url, "--listen", f"127.0.0.1:{port}", "--public-url", url),
        *("--sso-allowed-hosts", urlsplit(keycloak.issuer).netloc),
    ):
        admin = CommandLine(
            environment(ORGPLANE_URL=url, ORGPLANE_TOKEN=organization.token), tmp_path
        )
        realm = Realm(keycloak.issuer)
        client, secret = realm.create_client("members", f"{url}/sso/callback/")
        (tmp_path / "client-secret").write_text(secret)
        done = admin(
            *("sso-configurations", "create", "--issuer-url", keycloak.issuer),
            *("--client-id", "members", "--client-secret-file", "client-secret"),
        )
        assert done.returncode == 0, done.stderr
        redirect_uri, sso = next(
            (line.split()[-1], line.rpartition("/")[2])
            for line in done.stderr.splitlines()
            if "register this redirect URI" in line
        )
        realm.register(client, redirect_uri)
        assert "wrong" not in admin.ok("sso-configurations", "test", sso)
        admin.ok("sso-configurations", "update", sso, "--activate")
        token = admin.ok(
            *("scim-configurations", "create", "--sso-configuration-id", sso),
            *("--name", "Keycloak", "--output", "token"),
        ).strip()
        (of_scim,) = admin.json("scim-configurations", "list")
        members = {name: provisioned(url, token, realm, name) for name in ("bea", "cem")}
        admin.ok("members", "set-role", members["bea"], "admin")

        rename = ("scim-configurations", "update", of_scim["id"], "--name")
        people = {name: at_a_desk(tmp_path / name, url) for name in members}
        for name, person in people.items():
            page = Browser(keycloak.issuer, name).open(f"{url}/login/sso/{sso}")
            assert page.status == 200, page.text
            shown = page.text.partition("<code>")[2].partition("</code>")[0]
            by_browser = person.having(ORGPLANE_TOKEN=shown)
            waiting = Waiting(person, "--sso", "--organization", organization.organization_id)
            browser = Browser(keycloak.issuer, name)
            assert browser.open(link(browser.open(waiting.url))).status == 200
            status, _, told = waiting.end()
            assert status == 0, told
            for signed_in in (by_browser, person):
                assert signed_in.json("whoami")["user"]["id"] == members[name]
                renamed = signed_in(*rename, name)
                assert renamed.returncode == (0 if name == "bea" else 4), renamed

            suspended = {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "active", "value": False}],
            }
            status, answer = scim(url, token, "PATCH", f"/Users/{members[name]}", suspended)
            assert status == 200, answer
            for signed_in in (by_browser, person):
                refused = signed_in("whoami")
                assert refused.returncode == 4, refused
            assert Browser(keycloak.issuer, name).open(f"{url}/login/sso/{sso}").status == 403


def provisioned(url: str, token: str, realm: Realm, name: str) -> str:
    """The id of the member who is the realm's new user of this name."""
    user = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": f"{name}@acme.example",
        "displayName": name.title(),
        "emails": [{"value": f"{name}@acme.example"}],
        "externalId": realm.create_user(name),
    }
    status, made = scim(url, token, "POST", "/Users", user)
    assert status == 201, made
    return str(made["id"])


def at_a_desk(home: Path, url: str) -> CommandLine:
    """Where a browser can be opened."""
    home.mkdir()
    browser = home / "browser"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    variables = environment(
        HOME=str(home), XDG_CONFIG_HOME=str(home / "config"), BROWSER=str(browser)
    )
    return CommandLine({**variables, "ORGPLANE_URL": url}, home)
