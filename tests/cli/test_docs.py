"""docs/cli.md shows what the command really prints, of every command."""

from __future__ import annotations

import difflib
from pathlib import Path

from command_line import CommandLine, commands
from console import comparable, replay
from orgplane.cli.program import program

DOCUMENT = Path(__file__).parents[2] / "docs/cli.md"


def test_every_command_is_in_it() -> None:
    text = DOCUMENT.read_text()
    for words in commands(program):
        assert " ".join(("orgplane", *words)) in text, words


def test_what_it_shows_is_what_is_printed(shell: CommandLine) -> None:
    text = DOCUMENT.read_text()
    logged_in = shell.having(ORGPLANE_URL="", ORGPLANE_TOKEN="")
    now = replay(text, logged_in.environment, shell.folder)
    difference = difflib.unified_diff(
        comparable(text).splitlines(),
        comparable(now).splitlines(),
        "docs/cli.md",
        "now",
        lineterm="",
    )
    assert not (lines := list(difference)), "\n".join(lines)
