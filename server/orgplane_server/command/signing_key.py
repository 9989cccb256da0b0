"""`orgplane-server rotate-signing-key`."""

from __future__ import annotations

from typing import Annotated

import typer

from . import options
from .program import program, run, settings_of


@program.command()
def rotate_signing_key(
    forget: Annotated[
        bool,
        typer.Option(
            "--forget",
            help="Also forget the keys before at once, as somebody may have them: no token of theirs is good any more.",
        ),
    ] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Have ID tokens signed with a new key; the one before is published for a day more."""
    from ..app import commands

    run(commands.rotate_signing_key(settings_of({"database_url": database_url}, config), forget))
