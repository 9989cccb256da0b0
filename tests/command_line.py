"""The command `orgplane`, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import processes
from preloaded import Preloaded

#: As it is installed: the script beside this Python.
COMMAND = str(Path(sys.executable).with_name("orgplane"))
#: The same after its imports.
PRELOADED = Preloaded(
    *("orgplane", "orgplane.__main__", "orgplane.cli.api", "orgplane.cli.data"),
    environment=processes.environment(PYTHONWARNINGS="error"),
)


@dataclass(frozen=True)
class CommandLine:
    """Runs `orgplane` in an environment of its own, warnings being errors."""

    environment: dict[str, str]
    folder: Path

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        if PRELOADED.fits(self.environment):
            return PRELOADED.run(
                *arguments,
                environment=self.environment,
                folder=self.folder,
                stdin=stdin,
                patience=processes.PATIENCE,
            )
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment,
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=processes.PATIENCE,
        )

    def ok(self, *arguments: str, stdin: str = "") -> str:
        """What a command that succeeds prints."""
        done = self(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str, stdin: str = "") -> Any:
        return json.loads(self.ok(*arguments, "--output", "json", stdin=stdin))

    def having(self, **variables: str) -> CommandLine:
        """The same with other variables; an empty one is as good as none."""
        return replace(self, environment={**self.environment, **variables})


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> dict[tuple[str, ...], click.Command]:
    """Every command below a group, by its words."""
    context = click.Context(group)
    found: dict[tuple[str, ...], click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= commands(command, (*path, name))
        else:
            found[*path, name] = command
    return found
