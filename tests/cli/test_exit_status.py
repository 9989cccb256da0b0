"""How commands fail: a status for scripts, a line or two for people."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from command_line import COMMAND, CommandLine
from fake_gateway import Gateway
from orgplane import errors
from orgplane.cli import failure
from orgplane.testing import Organization

UNKNOWN = str(uuid.uuid4())


def refused(done: subprocess.CompletedProcess[str], status: int) -> list[str]:
    """The lines of a failure."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert 1 <= len(lines) <= 2, done.stderr
    assert lines[0].startswith("orgplane: ")
    return lines


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("token",), "Did you mean 'tokens'?"),
        (("tokens", "lst"), "Did you mean 'list'?"),
        (("tokens", "list", "--profil", "x"), "'--profile'"),
        (("tokens", "nonsense"), "No such command 'nonsense'"),
        (("tokens", "get"), "Missing argument 'ID'"),
        (("tokens", "get", "x", "y"), "unexpected extra argument"),
        (("tokens", "list", "--nonsense"), "No such option '--nonsense'"),
        (("tokens", "list", "--limit", "0"), "Invalid value for '--limit'"),
        (("tokens", "list", "--output", "xml"), "Invalid value for '--output'"),
        (("tokens", "list", "--output", "token"), "this command issues no token"),
        (("tokens", "create", "--valid-for", "3x"), "expected a duration such as 30d"),
        (("tokens", "create", "--valid-for", "99999999999w"), "longer than any duration"),
        (("tokens", "get", "no-uuid"), "personal_access_token_id: must be a valid UUID"),
        (("tokens", "create", "--valid-for", "91d"), "valid_for: "),
        (("whoami", "--url", "localhost:8080"), "url: expected http://host:port"),
        (("whoami", "--profile", "nobody"), "there is no profile 'nobody'"),
        (("logout",), "there is no profile 'default'"),
        (("profiles", "use", "x"), "there is no profile 'x'"),
    ],
)
def test_usage_is_2(run: CommandLine, arguments: tuple[str, ...], complaint: str) -> None:
    assert complaint in refused(run(*arguments), 2)[0]


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        (("scim-configurations", "get", UNKNOWN), "orgplane scim-configurations list"),
        (("scim-configurations", "delete", UNKNOWN, "--yes"), "orgplane scim-configurations list"),
        (("sso-configurations", "get", UNKNOWN), "orgplane sso-configurations list"),
        (("tokens", "get", UNKNOWN), "orgplane tokens list"),
    ],
)
def test_not_found_is_3_and_says_where_to_look(
    run: CommandLine, command: tuple[str, ...], advice: str
) -> None:
    _, hint = refused(run(*command), 3)
    assert advice in hint
    run.ok(*advice.split()[1:])


def test_no_token_a_wrong_one_and_one_that_may_not_are_4(
    run: CommandLine, organization: Organization
) -> None:
    for token in ("", "nonsense"):
        _, hint = refused(run.having(ORGPLANE_TOKEN=token)("whoami"), 4)
        assert "orgplane login" in hint
    read_only = run.ok("tokens", "create", "--read-only", "--output", "token").strip()
    _, hint = refused(
        run.having(ORGPLANE_TOKEN=read_only)("organization", "update", "--name", "x"), 4
    )
    assert "orgplane tokens create" in hint


def test_a_server_that_is_not_there_is_5(run: CommandLine) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        first, hint = refused(run("whoami", "--url", url), 5)
    assert "the server was not reached" in first
    assert url in hint


@pytest.mark.parametrize(
    ("answer", "status", "complaint", "advice"),
    [
        ((403, b"<p>not from here"), 4, "HTTP 403 Forbidden from a gateway", "administrator"),
        ((302, b"", "", "https://id.example/x"), 1, "to https://id.example/x", "--url"),
        ((200, b"{}", "application/proto"), 1, "cannot be read", ""),
        (
            (200, b"", "application/proto"),
            1,
            "that of GetAuthenticatedIdentity lacks `subject`",
            "",
        ),
    ],
)
def test_what_is_no_server_is_said_to_be_none(
    run: CommandLine, answer: tuple[Any, ...], status: int, complaint: str, advice: str
) -> None:
    code, body, kind, location = (*answer, "", "")[:4]
    with Gateway(code, body, kind, **{"location": location} if location else {}) as gateway:
        lines = refused(run("organization", "get", "--url", gateway.url), status)
    assert complaint in lines[0]
    assert advice in lines[-1]


def test_a_server_that_does_not_answer_is_5(run: CommandLine) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        _, hint = refused(run("whoami", "--url", url, "--timeout", "0.2"), 5)
    assert "--timeout" in hint


def test_an_interrupted_one_ends_at_once_as_interrupted(run: CommandLine) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [COMMAND, "whoami", "--url", url, "--timeout", "600"],
            env=run.environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            accepted, _ = silent.accept()
            with accepted:
                process.send_signal(signal.SIGINT)
                assert process.wait(60) == -signal.SIGINT  # a shell calls it 130
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()


def test_so_does_one_that_has_hardly_begun(lonely: CommandLine) -> None:
    slow = lonely.folder / "click"
    slow.mkdir()
    (slow / "__init__.py").write_text(
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "orgplane", "whoami"],
        env=lonely.having(PYTHONPATH=str(lonely.folder)).environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_without_arguments_the_help_is_shown(lonely: CommandLine) -> None:
    done = lonely()
    assert done.returncode == 2
    assert "Usage: orgplane" in done.stderr


def test_nothing_to_call_says_how_to_begin(lonely: CommandLine) -> None:
    first, hint = refused(lonely("whoami"), 2)
    assert "no server" in first
    assert "orgplane login --url" in hint


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ConfigurationError("x"), 2),
        (errors.InvalidArgumentError("x"), 2),
        (errors.ResourceExhaustedError("x", reason="REQUEST_TOO_LARGE"), 2),
        (errors.NotFoundError("x"), 3),
        (errors.UnauthenticatedError("x"), 4),
        (errors.PermissionDeniedError("x"), 4),
        (errors.UnavailableError("x"), 5),
        (errors.NotReachedError("x"), 5),
        (errors.AnswerLostError("x"), 5),
        (errors.DeadlineExceededError("x"), 5),
        (errors.ResourceExhaustedError("x"), 5),
        (errors.FailedPreconditionError("x"), 6),
        (errors.AlreadyExistsError("x"), 6),
        (errors.AbortedError("x"), 6),
        (errors.InternalError("x", request_id="abc"), 1),
        (errors.UnimplementedError("x"), 1),
        (errors.CanceledError("x"), 1),
        (errors.APIError("x"), 1),
    ],
)
def test_every_error_has_a_status_and_says_something_useful(
    error: errors.OrgplaneError, status: int
) -> None:
    assert failure.status(error) == status
    if isinstance(error, errors.InternalError):
        assert "request id abc" in failure.hint(error)


def test_an_ordinary_refusal_sends_nobody_to_the_log() -> None:
    refused = errors.FailedPreconditionError("x", reason="GROUP_OF_PROVIDER", request_id="abc")
    assert failure.hint(refused) == ""


def test_the_statuses_are_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs/cli.md").read_text()
    for status in failure.Exit:
        assert f"| {status.value} |" in text
