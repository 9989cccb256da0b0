"""`orgplane login`, `whoami` and `logout` of somebody who signs in through their organization's provider."""

from __future__ import annotations

import re
import urllib.error
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orgplane
import orgplane.testing
import pytest
from command_line import CommandLine
from installation import Browser, Installation, Page, Plain, installation, link
from login_command import Waiting


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("sign-in")) as here:
        yield here


@pytest.fixture
def desk(lonely: CommandLine, here: Installation) -> CommandLine:
    """Where a browser can be opened, which keeps the address that it is to open."""
    browser = lonely.folder / "browser"
    browser.write_text('#!/bin/sh\necho "$1" >> "$HOME/opened"\n')
    browser.chmod(0o755)
    return lonely.having(BROWSER=str(browser), ORGPLANE_URL=here.url)


def logged_in(run: CommandLine, here: Installation) -> str:
    """The token of a session that a profile has."""
    token = here.session_token()
    run.ok("login", "--url", here.url, stdin=token)
    return token


def test_a_session_says_until_when_it_lasts_and_logout_ends_it(
    lonely: CommandLine, here: Installation
) -> None:
    token = logged_in(lonely, here)
    whoami = lonely.json("whoami")
    assert whoami["user"]["id"] == here.bea
    ends = datetime.fromisoformat(whoami["session"]["expiresAt"])
    assert timedelta(hours=23) < ends - datetime.now(UTC) <= timedelta(hours=24)
    assert "session expires" in lonely.ok("whoami")
    (profile,) = lonely.json("profiles", "list")
    assert datetime.fromisoformat(profile["sessionExpiresAt"]) == ends.replace(microsecond=0)
    assert "Its session has ended" in lonely.ok("logout")
    assert lonely.json("profiles", "list") == []
    ended = lonely.having(ORGPLANE_URL=here.url, ORGPLANE_TOKEN=token)("whoami")
    assert ended.returncode == 4
    assert "The session has ended. Sign in again: orgplane login --sso\n" in ended.stderr


def test_a_session_that_ended_elsewhere_is_forgotten(
    lonely: CommandLine, here: Installation
) -> None:
    with orgplane.Client(url=here.url, token=logged_in(lonely, here)) as client:
        client.sessions.end()
    assert "Its session had ended before" in lonely.ok("logout")
    assert lonely.json("profiles", "list") == []


def test_a_session_that_cannot_be_ended_is_kept_unless_it_is_told_otherwise(
    lonely: CommandLine, here: Installation
) -> None:
    logged_in(lonely, here)
    file = Path(lonely.environment["XDG_CONFIG_HOME"]) / "orgplane/profiles.ini"
    file.write_text(file.read_text().replace(here.url, "http://127.0.0.1:9"))
    refused = lonely("logout")
    assert refused.returncode == 5
    assert "orgplane logout --local" in refused.stderr
    assert lonely.json("profiles", "list") != []
    assert "Its session goes on" in lonely.ok("logout", "--local")
    assert lonely.json("profiles", "list") == []


def test_somebody_signs_in_by_a_browser_on_this_machine(
    desk: CommandLine, here: Installation
) -> None:
    waiting = Waiting(desk, "--sso", "--organization", here.organization.organization_id)
    issuer, asked = here.url, waiting.asked
    assert waiting.url.startswith(f"{issuer}/oauth2/authorize?")
    assert asked["code_challenge_method"] == "S256"
    port = asked["redirect_uri"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", port)
    # Others know the port, and not the state.
    assert waiting.back(code="evil", state="x", iss=issuer).status == 400
    assert waiting.back(code="evil", iss=issuer).status == 400
    assert Plain().ask(f"{port}favicon.ico").status == 404
    by_name = port.replace("127.0.0.1", "localhost")
    assert Plain().ask(f"{by_name}?state={asked['state']}").status == 404
    assert Plain().ask(port, {"state": asked["state"]}).status == 501
    browser = here.browser()
    question = browser.open(waiting.url)
    assert "about to act as you, Bea" in question.text
    page = browser.open(link(question))
    assert (page.status, "You can close this page" in page.text) == (200, True)
    assert page.headers["cache-control"] == "no-store"
    status, said, told = waiting.end()
    assert (status, told.count("ignored, still waiting")) == (0, 1), told
    assert "as Bea <bea@acme.example>" in said
    assert (desk.folder / "opened").read_text().split() == [waiting.url]
    with pytest.raises(urllib.error.URLError):
        Plain().ask(port)
    whoami = desk.json("whoami")
    assert whoami["user"]["id"] == here.bea
    assert whoami["session"]["ssoConfigurationId"] == here.sso_configuration_id
    assert "orgplane_session_" not in said + told
    assert "Its session has ended" in desk.ok("logout")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"error": "access_denied", "error_description": "Not you."}, "nobody signed in: Not you."),
        ({"code": "x", "iss": "https://evil.example"}, "another server answered"),
        ({"code": "orgplane_code_x"}, "the server does not take the sign-in: invalid_grant"),
    ],
)
def test_what_comes_back_and_is_no_sign_in_stores_nothing(
    desk: CommandLine, here: Installation, answer: dict[str, str], complaint: str
) -> None:
    waiting = Waiting(desk, "--sso")
    assert (
        waiting.back(**{"iss": here.url, "state": waiting.asked["state"], **answer}).status == 200
    )
    status, _, told = waiting.end()
    assert (status, complaint in told) == (4, True), told
    assert desk.json("profiles", "list") == []


def test_a_server_that_calls_itself_otherwise_or_lets_nobody_sign_in_is_told_of(
    desk: CommandLine, here: Installation, server: orgplane.testing.Server
) -> None:
    other = here.url.replace("127.0.0.1", "localhost")
    refused = desk("login", "--sso", "--url", other)
    assert refused.returncode == 2
    assert f"calls itself {here.url}" in refused.stderr
    refused = desk("login", "--sso", "--url", server.url)
    assert refused.returncode == 6
    assert "--public-url" in refused.stderr


def sign_in_at_login(here: Installation, browser: Browser, url: str) -> Page:
    """Where somebody ends who is sent to the page that asks for an e-mail address."""
    asked = dict(parse_qsl(urlsplit(browser.open(url).url).query))
    chosen = browser.ask(f"{here.url}/login", {**asked, "email": "bea@acme.example"})
    return browser.open(link(chosen))


def test_who_says_no_organization_says_their_address_on_the_page(
    desk: CommandLine, here: Installation
) -> None:
    waiting = Waiting(desk, "--sso")
    browser = here.browser()
    question = sign_in_at_login(here, browser, waiting.url)
    assert browser.open(link(question)).status == 200
    assert waiting.end()[0] == 0
    assert desk.json("whoami")["user"]["id"] == here.bea


def decide(here: Installation, waiting: Waiting, answer: str) -> None:
    """Types the code that a machine without a browser shows, signs in, and answers the question."""
    assert waiting.url == f"{here.url}/device"
    (code,) = re.findall(r"the code (\S{9}) there", waiting.first)
    browser = here.browser()
    typed = browser.ask(waiting.url, {"user_code": code.lower()})
    question = sign_in_at_login(here, browser, link(typed))
    assert "Let this program in?" in question.text
    (hidden,) = re.findall(r'name="code" value="([^"]+)"', question.text)
    decided = browser.ask(question.url.partition("?")[0], {"code": hidden, "answer": answer})
    assert decided.status == 200, decided.text


def test_without_a_browser_somebody_types_a_code_on_another_machine(
    lonely: CommandLine, here: Installation
) -> None:
    server = lonely.having(ORGPLANE_URL=here.url, DISPLAY="", WAYLAND_DISPLAY="", BROWSER="")
    let_in, refused = Waiting(server, "--sso"), Waiting(server, "--device", "--profile", "no")
    decide(here, let_in, "allow")
    decide(here, refused, "refuse")
    status, said, _ = let_in.end()
    assert (status, "as Bea <bea@acme.example>" in said) == (0, True)
    status, _, told = refused.end()
    assert (status, "the sign-in was refused" in told) == (4, True), told
    (profile,) = server.json("profiles", "list")
    assert (profile["name"], profile["sessionExpiresAt"] > "2") == ("default", True)
    assert server.json("whoami")["user"]["id"] == here.bea
