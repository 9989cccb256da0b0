"""`orgplane-server rotate-secret-key`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .program import program, run, settings_of


@program.command()
def rotate_secret_key(
    new_key_file: Annotated[
        Path | None,
        typer.Option(
            "--new-key-file",
            help="Take the key in this file, and leave both files where they are; by default one is made and put in place.",
        ),
    ] = None,
    forget: Annotated[
        bool,
        typer.Option(
            "--forget",
            help="Also forget the keys before at once, as somebody may have one: no page token or cursor of theirs is good any more.",
        ),
    ] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
    secret_key_file: options.SecretKeyFile = None,
) -> None:
    """Seal what is in the database with a new secret key, also beside running servers.

    They take it by themselves within seconds once their --secret-key-file holds it. Run it again if it was interrupted.
    """
    from ..app import commands

    settings = settings_of(
        {"database_url": database_url, "secret_key_file": secret_key_file}, config
    )
    done = run(commands.rotate_secret_key(settings, new_key_file, forget))
    print(f"{done.key}: the secret key; {done.values} values were sealed with it")
    if done.former is not None:
        print(f"{done.former}: the one before, for backups that were made until now")
