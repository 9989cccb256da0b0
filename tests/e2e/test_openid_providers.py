"""What real OpenID providers say when an administrator asks whether members could sign in, as docs/sso.md has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orgplane
import pytest
from command_line import CommandLine
from keycloak import keycloak
from openid_provider import (
    CALLBACK,
    CLIENT_ID,
    CLIENT_SECRET,
    ELSEWHERE,
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
