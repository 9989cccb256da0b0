"""The program that the commands belong to, and what each of them does around its work."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine, Mapping
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from .. import listener, setting_sources
from ..settings import SettingError, Settings
from ..telemetry import logs

T = TypeVar("T")

program = typer.Typer(
    help="Orgplane, a self-hosted organization-identity server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"orgplane-server {metadata.version('orgplane-server')}")
        raise typer.Exit


@program.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version.")
    ] = False,
) -> None:
    pass


def settings_of(flags: Mapping[str, object], config: Path | None = None) -> Settings:
    """The settings in force, by the flags that were given, the environment and the file; ends the program if one is wrong."""
    return gathered(flags, config).settings


def gathered(flags: Mapping[str, object], config: Path | None = None) -> setting_sources.Gathered:
    """The same, with where they are from."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        found = setting_sources.gather(given, config)
    except SettingError as error:
        print(f"orgplane-server: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    for doubt in found.doubts:
        print(f"orgplane-server: {doubt}", file=sys.stderr)
    logs.configure(found.settings.log_format, found.settings.log_level)
    return found


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the work returns; ends the program, with a line that says why, where an operator can put it right."""
    try:
        return asyncio.run(work)
    except Exception as error:
        if not isinstance(error, _trouble()):
            raise
        print(f"orgplane-server: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def _trouble() -> tuple[type[Exception], ...]:
    """What an operator can put right: told in a line, without a traceback."""
    from ..app import commands  # looked for when there is some

    return (*commands.TROUBLE, listener.ListenerError)


def show(result: dict[str, str], *, as_json: bool) -> None:
    """Prints what a command has made: one JSON object, or a line for each."""
    if as_json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key}: {value}")
