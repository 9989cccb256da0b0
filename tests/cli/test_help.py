"""`--help`: examples that run, commands for all that the API has; quick, and completed by shells."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import orgplane
import orgplane_api
import pytest
from command_line import COMMAND, CommandLine, commands
from orgplane.cli.api import SERVICES
from orgplane.cli.program import _COMMANDS, program

ALL = commands(program)


#: What this server does not do, as it mails nothing, its operator allows little and no provider removes many: what it says then is an answer too.
NO_MAIL = (6, "--smtp-url")
NOTHING_PAUSED = (6, "has paused nothing")
REFUSED = {
    ("invites", "redeem"): NO_MAIL,
    ("invites", "send"): NO_MAIL,
    ("invites", "revoke"): (3, "no invite was mailed"),
    ("account", "prove"): NO_MAIL,
    ("account", "first-token"): (6, "was given already"),
    ("account", "login-url"): (6, "--public-url"),
    ("account", "logins"): (6, "--public-url"),
    ("account", "login-providers"): (6, "--public-url"),
    ("account", "exchange-token"): (4, "sign in anew"),
    ("scim-configurations", "resume"): NOTHING_PAUSED,
    ("scim-configurations", "discard"): NOTHING_PAUSED,
}


def examples(words: tuple[str, ...]) -> list[str]:
    """The examples in a command's help, as one would paste them into a shell."""
    _, _, text = (ALL[words].help or "").partition("Examples:\n")
    lines = text.replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_explains_itself_with_examples_that_run(
    shell: CommandLine, words: tuple[str, ...]
) -> None:
    assert examples(words)
    for example in examples(words):
        assert " ".join(("orgplane", *words)) in example
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", example],
            env=shell.environment,
            cwd=shell.folder,
            capture_output=True,
            text=True,
        )
        if words in REFUSED:
            status, said = REFUSED[words]
            assert (done.returncode, said in done.stderr) == (status, True), done.stderr
        else:
            assert done.returncode == 0, (example, done.stdout, done.stderr)


def test_the_help_of_every_command_says_what_its_options_are_for(lonely: CommandLine) -> None:
    for words, command in ALL.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (words, parameter.name)
    for words in ((), ("tokens",), ("tokens", "create")):
        text = lonely.ok(*words, "--help")
        assert text.startswith(f"Usage: {' '.join(('orgplane', *words))} ")
    assert "ORGPLANE_URL" in text
    assert "Options of every command" in text


def test_the_root_lists_every_command_as_its_module_names_it(lonely: CommandLine) -> None:
    text = lonely.ok("--help")
    for name, (_, about) in _COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(about)}$", text, re.MULTILINE)


#: What `orgplane roles` does by an RPC of our own, for members as well as for groups.
BY_ANOTHER_RPC = {"CreateRoleAssignment", "ListRoleAssignments", "DeleteRoleAssignment"}


def test_there_is_a_command_for_every_rpc() -> None:
    folder = Path(orgplane.__file__).parent / "cli"
    source = "".join(file.read_text() for file in folder.glob("*.py"))
    for service, _ in SERVICES:
        if service.__name__ == "SignInService":  # it is for applications
            continue
        for method in service.desc().methods:
            assert (method.name in source) is (method.name not in BY_ANOTHER_RPC), method.name


def test_every_service_is_known() -> None:
    package = Path(orgplane_api.__file__).parent
    files = {*package.glob("gitpod/v1/*_connect.py"), *package.glob("orgplane/v1/*_connect.py")}
    assert sorted(service.__module__.removeprefix("orgplane_api.") for service, _ in SERVICES) == (
        sorted(".".join(file.relative_to(package).with_suffix("").parts) for file in files)
    )


def test_help_and_completion_load_no_rpc_runtime(lonely: CommandLine) -> None:
    script = (
        "import sys, contextlib\n"
        "from orgplane.cli.program import program\n"
        "for words in {words!r}:\n"
        "    with contextlib.suppress(SystemExit):\n"
        "        program.main(words, standalone_mode=True)\n"
        "print(sorted({{name.partition('.')[0] for name in sys.modules}}), file=sys.stderr)\n"
    ).format(words=[["--help"], *([*words, "--help"] for words in ALL)])
    done = subprocess.run(
        [sys.executable, "-c", script], env=lonely.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    loaded = done.stderr.splitlines()[-1]
    for name in ("connectrpc", "orgplane_api", "protobuf", "pyqwest", "yaml", "platformdirs"):
        assert f"'{name}'" not in loaded


class TestCompletion:
    def complete(self, run: CommandLine, *words: str) -> list[str]:
        """What bash is told to offer for the last word."""
        done = subprocess.run(
            [COMMAND],
            env={
                **run.environment,
                "_ORGPLANE_COMPLETE": "bash_complete",
                "COMP_WORDS": " ".join(("orgplane", *words)),
                "COMP_CWORD": str(len(words)),
            },
            capture_output=True,
            text=True,
        )
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    def test_commands_and_options_are_completed(self, lonely: CommandLine) -> None:
        services = ["scim-configurations", "sso-configurations", "service-accounts"]
        assert self.complete(lonely, "s") == services
        assert self.complete(lonely, "tokens", "c") == ["create"]
        assert "--sso-configuration-id" in self.complete(
            lonely, "scim-configurations", "create", "--s"
        )
        assert self.complete(lonely, "whoami", "--protocol", "grpc") == ["grpc", "grpc-web"]
        assert "--version" in self.complete(lonely, "--v")

    def test_rpcs_are_completed_by_their_service_or_in_full(self, lonely: CommandLine) -> None:
        assert self.complete(lonely, "api", "UserService/Set") == ["UserService/SetSuspended"]
        assert self.complete(lonely, "api", "gitpod.v1.EventService/W") == [
            "gitpod.v1.EventService/WatchEvents"
        ]

    def test_bash_takes_the_script(self, lonely: CommandLine) -> None:
        script = (
            f'PATH={Path(COMMAND).parent}:$PATH; eval "$(orgplane completion bash)"\n'
            "COMP_WORDS=(orgplane tok); COMP_CWORD=1\n"
            "_orgplane_completion orgplane; echo ${COMPREPLY[0]}\n"
        )
        done = subprocess.run(
            ["bash", "-c", script], env=lonely.environment, capture_output=True, text=True
        )
        assert done.stdout == "tokens\n", done.stderr

    @pytest.mark.parametrize("shell", ["zsh", "fish"])
    def test_so_do_others_where_they_are_installed(
        self, lonely: CommandLine, shell: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "script"
        file.write_text(lonely.ok("completion", shell))
        assert "_ORGPLANE_COMPLETE" in file.read_text()
        if program_ := shutil.which(shell):
            subprocess.run([program_, "-n", file], check=True)
