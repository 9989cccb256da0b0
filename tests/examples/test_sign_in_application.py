"""The example applications, run as their README says: one integration, two customers with two providers."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orgplane
import pytest
import toolchains
from identity_provider import scim
from installation import Browser, customer, free_port, link, provider
from processes import (
    PATIENCE,
    Lines,
    Organization,
    Server,
    create_organization,
    eventually,
    run,
    sqlite_url,
)
from simple_provider import SimpleProvider

Command = list[str | Path]


def python(example: Path) -> Callable[[int], Command]:
    venv = example / "venv/bin/python"
    toolchains.run(sys.executable, "-m", "venv", "venv", cwd=example)
    toolchains.fetch(
        venv, "-m", "pip", "install", "-q", "-r", example / "requirements.txt", cwd=example
    )
    return lambda port: [venv, "-m", "uvicorn", "app:app", "--port", str(port)]


def typescript(example: Path) -> Callable[[int], Command]:
    toolchains.need("node", "npm")
    toolchains.fetch("npm", "ci", cwd=example)
    toolchains.run("npm", "run", "build", cwd=example)
    return lambda port: ["node", example / "dist/app.js"]


@dataclass(frozen=True)
class Customer:
    """An organization with a provider of its own, whose `bea-1` is its member Bea."""

    organization: Organization
    name: str
    provider: SimpleProvider
    bea: str

    def browser(self, sub: str = "bea-1") -> Browser:
        return Browser(self.provider, sub)


@dataclass(frozen=True)
class World:
    database_url: str
    server: Server
    acme: Customer
    globex: Customer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Acme has proven acme.example, and Bea is in its group Engineers."""
    database = sqlite_url(tmp_path_factory.mktemp("sign-in"))
    public = f"http://127.0.0.1:{free_port()}"
    organizations = {name: create_organization(database, name) for name in ("Acme", "Globex")}
    vouched = run(
        *("verify-domain", "--private", "--domain", "acme.example", "--database-url", database),
        *("--organization", organizations["Acme"].organization_id),
    )
    assert vouched.returncode == 0, vouched.stderr
    with provider() as acmes, provider() as globexs:
        hosts = ",".join(each.issuer.removeprefix("http://") for each in (acmes, globexs))
        with Server(
            *("--database-url", database, "--listen", public.removeprefix("http://")),
            *("--public-url", public, "--sso-allowed-hosts", hosts),
        ) as server:
            acme, globex = (
                Customer(organization, name, its, customer(server, organization, its)[1])
                for (name, organization), its in zip(
                    organizations.items(), (acmes, globexs), strict=True
                )
            )
            engineers(server, acme)
            yield World(database, server, acme, globex)


def engineers(server: Server, of: Customer) -> None:
    with orgplane.Client(url=server.url, token=of.organization.token) as client:
        scims = client.organizations.scim_configurations
        (configuration,) = scims.list()
        token = scims.regenerate_token(scim_configuration_id=configuration.id).token
    group = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Engineers",
        "members": [{"value": of.bea}],
    }
    status, made = scim(server.url, token, "POST", "/Groups", group)
    assert status == 201, made


@pytest.fixture(
    scope="module", params=[python, typescript], ids=lambda application: application.__name__
)
def app(request: pytest.FixtureRequest, world: World, clone: Path) -> Iterator[str]:
    """Where the application runs."""
    example = clone / "examples/sign-in" / request.param.__name__
    command = request.param(example)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    made = run(
        *("create-application", "--name", "Shop", "--return-to", f"{url}/callback"),
        *("--database-url", world.database_url),
    ).stdout
    registered = dict(line.split(": ") for line in made.splitlines())
    settings = {
        "ORGPLANE_URL": world.server.url,
        "ORGPLANE_APPLICATION_ID": registered["applicationId"],
        "ORGPLANE_APPLICATION_SECRET": registered["secret"],
        "APP_URL": url,
        "PORT": str(port),
    }
    with (
        subprocess.Popen(
            command(port),
            cwd=example,
            env=toolchains.ENVIRONMENT | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
        contextlib.ExitStack() as stack,
    ):
        assert process.stdout is not None
        said = Lines(process.stdout)
        stack.callback(process.wait, PATIENCE)
        stack.callback(said.rest)
        stack.callback(process.terminate)
        while "running on" not in (line := said.next() or "the end"):
            assert line != "the end", said.seen
        yield url


def test_people_of_two_customers_sign_in_by_one_integration(world: World, app: str) -> None:
    acme, globex = world.acme, world.globex
    for its, groups in ((acme, "Engineers"), (globex, "no group")):
        browser = its.browser()
        login = f"{app}/login?organization={its.organization.organization_id}"
        page = browser.open(login)
        assert (page.status, page.text.partition("</p>")[0]) == (
            200,
            f"<p>Bea of {its.name}, member, {groups}",
        )
        assert browser.open(app).text == page.text
        stranger = its.browser("nobody").open(login)
        assert (stranger.status, "You are not signed in: " in stranger.text) == (403, True)
        assert browser.ask(f"{app}/logout", {}).status == 303
        assert 'href="/login"' in browser.open(app).text


def test_an_address_leads_to_its_provider(world: World, app: str) -> None:
    browser = world.acme.browser()
    asked = browser.open(f"{app}/login?login_hint=bea@acme.example")
    assert 'value="bea@acme.example"' in asked.text
    begun = dict(parse_qsl(urlsplit(asked.url).query))["continue"]
    form = {"email": "bea@acme.example", "continue": begun}
    page = browser.open(link(browser.ask(f"{world.server.url}/login", form)))
    assert "Bea of Acme" in page.text


def test_who_is_suspended_is_out_without_being_asked_for(world: World, app: str) -> None:
    browser = world.globex.browser()
    login = f"{app}/login?organization={world.globex.organization.organization_id}"
    assert browser.open(login).status == 200
    asked = questions(world.server)  # but for the sign-in's own, if its log line is still to come
    for _ in range(3):
        assert browser.open(app).status == 200
    with orgplane.Client(url=world.server.url, token=world.globex.organization.token) as client:
        client.users.set_suspended(user_id=world.globex.bea, suspended=True)
        eventually(lambda: browser.open(app).status == 401)
        assert questions(world.server) <= asked + 1
        assert 'href="/login"' in browser.open(app).text
        assert browser.open(login).status == 403
        client.users.set_suspended(user_id=world.globex.bea, suspended=False)
    assert browser.open(login).status == 200


def questions(server: Server) -> int:
    """How often an application has asked who somebody is."""
    return sum("/oauth2/userinfo" in line for line in server.stderr.so_far())
