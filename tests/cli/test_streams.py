"""Standard streams that are closed, full, or know few characters."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
import yaml
from command_line import COMMAND, CommandLine
from orgplane.types import SCIMConfiguration


def redirected(run: CommandLine, line: str) -> subprocess.CompletedProcess[str]:
    """A line of the shell's, in which `orgplane` is the command."""
    return subprocess.run(
        ["sh", "-c", f'orgplane() {{ exec "{COMMAND}" "$@"; }}; {line}'],
        env=run.environment,
        cwd=run.folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_without_a_place_for_the_output_nothing_is_begun(run: CommandLine) -> None:
    before = run.json("tokens", "list")
    done = redirected(run, "orgplane tokens create --description x -o token >&-")
    assert done.returncode == 2
    assert done.stderr.startswith("orgplane: standard output is closed\n")
    assert len(run.json("tokens", "list")) == len(before)


@pytest.mark.parametrize("command", ["whoami", "members list -o json", "--help", "--version"])
def test_output_that_cannot_be_written_is_no_success(run: CommandLine, command: str) -> None:
    done = redirected(run, f"orgplane {command} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "orgplane: cannot write the output: No space left on device",
        "  What the command changes is changed all the same.",
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("orgplane login <&-", "orgplane: the token is empty"),
        ("orgplane logout --profile no 2>&-", ""),
        ("orgplane logout --profile no <&- >&- 2>&-", ""),
    ],
)
def test_closed_streams_are_empty_ones(run: CommandLine, line: str, complaint: str) -> None:
    done = redirected(run, line)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.partition("\n")[0] == complaint


def test_characters_that_have_no_place_are_escaped(
    run: CommandLine, scim: SCIMConfiguration
) -> None:
    name = "Zürich ✓"
    run.ok("scim-configurations", "update", scim.id, "--name", name)
    narrow = run.having(PYTHONIOENCODING="ascii")
    assert "Z\\xfcrich \\u2713" in narrow.ok("scim-configurations", "get", scim.id)
    loads: dict[str, Any] = {"json": json.loads, "yaml": yaml.safe_load}
    for output, load in loads.items():
        text = narrow.ok("scim-configurations", "get", scim.id, "--output", output)
        assert load(text)["name"] == name


def test_what_is_no_text_is_refused_by_name(run: CommandLine, scim: SCIMConfiguration) -> None:
    done = run("scim-configurations", "update", scim.id, "--name", "\udcff")
    assert (done.returncode, done.stderr) == (2, "orgplane: name: is not text in UTF-8\n")
    done = redirected(run, "printf '\\377' | PYTHONIOENCODING=utf-8:strict orgplane login")
    assert done.returncode == 2
    assert "cannot read the token from standard input: not a text in UTF-8" in done.stderr
