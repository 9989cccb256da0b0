"""At a terminal: questions before something is destroyed, secrets without an echo."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orgplane
import pytest
from command_line import COMMAND, CommandLine
from orgplane.testing import Organization
from processes import PATIENCE

#: Makes its terminal the controlling one, whose Ctrl-C ends it, as a shell's child has it, and becomes the command.
_IN_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a script's background job has it ignored
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """The command with a terminal for stdin and stderr; what it prints on stdout is apart."""

    def __init__(self, run: CommandLine, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _IN_TERMINAL, COMMAND, *arguments],
            env=run.environment,
            cwd=run.folder,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
            text=True,
        )
        os.close(theirs)
        self.screen = ""

    def expect(self, text: str) -> None:
        while text not in self.screen:
            piece = os.read(self._ours, 1024)
            assert piece, self.screen
            self.screen += piece.decode()

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def interrupt(self) -> None:
        """Ctrl-C, until it ends: one in the moment before Python waits for a key is noticed with the next."""
        while self.process.poll() is None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                self.type("\x03")
                self.process.wait(0.5)

    def finish(self) -> tuple[int, str]:
        """The exit status, as a shell has it, and all of stdout."""
        with contextlib.suppress(OSError):  # the end of a terminal is an error on Linux
            while piece := os.read(self._ours, 1024):
                self.screen += piece.decode()
        stdout, _ = self.process.communicate(timeout=PATIENCE)
        status = self.process.returncode
        return (status if status >= 0 else 128 - status), stdout

    def close(self) -> None:
        os.close(self._ours)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def terminal(run: CommandLine, *arguments: str) -> Iterator[Terminal]:
    terminal = Terminal(run, *arguments)
    try:
        yield terminal
    finally:
        terminal.close()


@pytest.fixture
def exists(organization: Organization, scim: orgplane.types.SCIMConfiguration) -> Iterator[None]:
    """The configuration is still there when the test is over."""
    yield
    organization.client.organizations.scim_configurations.retrieve(scim_configuration_id=scim.id)


def test_deleting_asks_first_and_says_what(
    run: CommandLine, scim: orgplane.types.SCIMConfiguration
) -> None:
    with terminal(run, "scim-configurations", "delete", scim.id) as at:
        at.expect(f"Delete SCIM configuration {scim.id} (Okta)? [y/N]")
        at.type("y\n")
        assert at.finish() == (0, f"SCIM configuration {scim.id}: deleted\n")


@pytest.mark.usefixtures("exists")
@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_no_is_the_default_answer(
    run: CommandLine, scim: orgplane.types.SCIMConfiguration, answer: str
) -> None:
    with terminal(run, "scim-configurations", "delete", scim.id) as at:
        at.expect("[y/N]")
        at.type(answer)
        assert at.finish() == (1, "")
        assert "nothing was done" in at.screen


@pytest.mark.usefixtures("exists")
def test_ctrl_c_at_a_question_is_130(
    run: CommandLine, scim: orgplane.types.SCIMConfiguration
) -> None:
    with terminal(run, "scim-configurations", "delete", scim.id) as at:
        at.expect("[y/N]")
        at.interrupt()
        assert at.finish() == (130, "")
        assert "Traceback" not in at.screen


def test_what_does_not_exist_is_not_asked_about(run: CommandLine) -> None:
    with terminal(
        run, "scim-configurations", "delete", "01a2100b-669a-73af-8a3d-b9cff4261d82"
    ) as at:
        assert at.finish() == (3, "")
        assert "[y/N]" not in at.screen


@pytest.mark.parametrize(
    ("command", "question"),
    [
        (("scim-configurations", "regenerate-token"), "The old one dies at once"),
        (("sso-configurations", "delete"), "Delete SSO configuration"),
        (("tokens", "delete"), "Revoke token"),
    ],
)
def test_every_destructive_command_asks(
    run: CommandLine,
    scim: orgplane.types.SCIMConfiguration,
    command: tuple[str, str],
    question: str,
) -> None:
    id = {
        "scim-configurations": scim.id,
        "sso-configurations": scim.sso_configuration_id,
        "tokens": run.json("tokens", "list")[0]["id"],
    }[command[0]]
    with terminal(run, *command, id) as at:
        at.expect(question)
        at.type("n\n")
        assert at.finish() == (1, "")


def test_login_asks_for_the_token_without_an_echo(
    lonely: CommandLine, organization: Organization
) -> None:
    with terminal(lonely, "login", "--url", organization.url) as at:
        at.expect("token: ")
        at.type(f"{organization.token}\n")
        status, stdout = at.finish()
        assert status == 0
        assert "logged in" in stdout
        assert organization.token not in at.screen
    lonely.ok("whoami")


def test_a_client_secret_is_asked_for_without_an_echo(run: CommandLine, tmp_path: Path) -> None:
    with terminal(
        run,
        *("sso-configurations", "create", "--issuer-url", "https://idp.example"),
        *("--client-id", "orgplane"),
    ) as at:
        at.expect("client secret: ")
        at.type("hunter2\n")
        status, stdout = at.finish()
        assert status == 0
        assert "hunter2" not in at.screen + stdout
