"""The commands about the database: its schema, its state, its copies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import options
from .program import program, run, settings_of


@program.command()
def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; status 1 if something is to be done.")
    ] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Bring the database's schema up to date; `serve` does so by itself."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    if check:
        if (pending := run(commands.pending(settings))) is not None:
            print(f"orgplane-server: {pending}", file=sys.stderr)
            raise typer.Exit(1)
        print("the schema is up to date")
        return
    print(f"the schema is at revision {run(commands.migrate(settings))}")


@program.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; must not exist.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Copy the secret key too, to FILE.key.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
    secret_key_file: options.SecretKeyFile = None,
) -> None:
    """Copy an SQLite database to FILE, as of one moment, also beside a running server.

    FILE appears when all of it was read back and found sound. PostgreSQL has pg_dump.
    """
    from ..app import commands

    settings = settings_of(
        {"database_url": database_url, "secret_key_file": secret_key_file}, config
    )
    done = run(commands.back_up(settings, file, with_key, force))
    print(f"{done.file}: the database, sound, schema revision {done.revision}")
    if done.key_file is not None:
        print(f"{done.key_file}: the secret key")
    else:
        print(
            f"orgplane-server: the secret key is not in it; keep a copy of {done.key} elsewhere",
            file=sys.stderr,
        )


@program.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` has made.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Restore the secret key too, from FILE.key.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Where there is a database, or another key, set it aside."),
    ] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
    secret_key_file: options.SecretKeyFile = None,
) -> None:
    """Put a backup in the place of an SQLite database that no server has open; keeps what was there.

    PostgreSQL has pg_restore.
    """
    from ..app import commands

    settings = settings_of(
        {"database_url": database_url, "secret_key_file": secret_key_file}, config
    )
    done = run(commands.restore(settings, file, with_key, force))
    print(f"{done.database}: restored, schema revision {done.revision}")
    for kept in done.kept:
        print(f"{kept}: what was there")
    if not done.has_key:
        beside = Path(f"{file}.key")
        way = f" (by restore --force --with-key, if it is {beside})" if beside.exists() else ""
        if done.former_key is not None:
            way = f": it is {done.former_key}"
        print(
            f"orgplane-server: {done.key} is not there, or not this database's key: what was sealed with that, "
            f"client secrets for one, cannot be opened, and the server does not start, before it is put there{way}",
            file=sys.stderr,
        )
