"""The program that the commands belong to, and what each of them does around its work."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from dataclasses import replace
from importlib import metadata
from typing import Annotated, Any, TypeVar

import typer

from .. import listener
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


def settings_of(flags: dict[str, object]) -> Settings:
    """The settings of the environment with the flags that were given; ends the program if one is wrong."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = replace(Settings.from_environment(), **given)  # type: ignore[arg-type]
        logs.configure(settings.log_format)
        return settings
    except SettingError as error:
        print(f"orgplane-server: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


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
