"""`orgplane login`, `whoami` and `logout` of somebody who signs in through their organization's provider."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orgplane
import pytest
from command_line import CommandLine
from installation import Installation, installation


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("sign-in")) as here:
        yield here


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
