"""A server for somebody's tests: `orgplane-server serve --ephemeral`."""

from __future__ import annotations

import contextlib
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import orgplane
import pytest
from processes import PATIENCE, command, environment, run, sqlite_url


@contextlib.contextmanager
def ephemeral(
    folder: Path, stdin: int | IO[str], **variables: str
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command("serve", "--ephemeral"),
        cwd=folder,
        env=environment(**variables),
        stdin=stdin,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def status(url: str, token: str = "") -> int:
    """That a GET answers, with the token if there is one."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(
        urllib.request.Request(url, headers=headers), timeout=PATIENCE
    ) as answer:
        found: int = answer.status
        return found


def test_it_tells_in_one_line_how_to_reach_it_and_ends_with_its_stdin(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    elsewhere = {
        "ORGPLANE_DATABASE_URL": url,
        "ORGPLANE_SECRET_KEY_FILE": str(tmp_path / "secret.key"),
    }
    with ephemeral(tmp_path, subprocess.PIPE, **elsewhere) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        told = json.loads(process.stdout.readline())
        with orgplane.Client(url=told["address"], token=told["token"]) as client:
            assert client.users.get_authenticated_user().user.id == told["user_id"]
        assert status(f"{told['scim_base_url']}/Users", told["scim_token"]) == 200
        process.stdin.write("nobody reads this\n")
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == ""
    assert list(tmp_path.iterdir()) == []


def test_without_a_pipe_it_ends_with_sigterm(tmp_path: Path) -> None:
    with ephemeral(tmp_path, subprocess.DEVNULL) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert status(f"{told['address']}/readyz") == 200
        process.terminate()
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("flag", ["--database-url", "--secret-key-file"])
def test_it_keeps_nothing_whatever_is_asked_for(flag: str) -> None:
    done = run("serve", "--ephemeral", flag, "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"orgplane-server: --ephemeral keeps nothing; leave {flag} out\n"
