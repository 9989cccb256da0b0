"""The commands about tokens of whoever runs the server."""

from __future__ import annotations

import json
import os
import pwd
import socket
import sys
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .program import program, run, settings_of, show

if TYPE_CHECKING:  # a server's supervising process has no use for a database
    from ..domain.operator import OperatorToken


@program.command()
def create_operator_token(
    name: Annotated[str, typer.Option(help="What it is for, to know it by.")],
    read_only: Annotated[
        bool, typer.Option("--read-only", help="It lists organizations, and changes none.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Make a token to list, create, suspend and delete organizations with over the API; prints it, once."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    minted = run(commands.create_operator_token(settings, name, read_only, _whoever()))
    result = {"operatorTokenId": str(minted.kept.id), "token": minted.token.reveal()}
    show(result, as_json=as_json)


@program.command()
def list_operator_tokens(
    everything: Annotated[
        bool, typer.Option("--all", help="Those that were revoked, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """List the operator tokens that work, oldest first: who made each, and when it was last used."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    found = run(commands.list_operator_tokens(settings, everything))
    if as_json:
        print(json.dumps([_shown(each) for each in found]))
        return
    for each in found:
        may = "read-only" if each.read_only else "changes organizations"
        used = f"{each.last_used_at:%Y-%m-%d %H:%M} UTC" if each.last_used_at else "never"
        history = _act("made", each.created_at, each.created_by)
        if each.revoked_at is not None:
            history += _act("revoked", each.revoked_at, each.revoked_by)
        print(f"{each.id}  {each.name}  {each.hint}  {may}  last used {used}{history}")
    if not found:
        print(f"no operator tokens in {commands.shown(settings)}", file=sys.stderr)


@program.command()
def revoke_operator_token(
    token: Annotated[
        uuid.UUID, typer.Argument(help="The token's id; list-operator-tokens tells it.")
    ],
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Revoke an operator token: it works no more."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    run(commands.revoke_operator_token(settings, token, _whoever()))


def _whoever() -> str:
    """Who is at the machine, as `user@host`; before sudo, if they came by it."""
    name = os.environ.get("SUDO_USER", "")
    if not name:
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:  # as a container may have it
            name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"


def _act(done: str, at: datetime, by: str) -> str:
    return f"  {done} {at:%Y-%m-%d %H:%M} UTC" + (f" by {by}" if by else "")


def _shown(token: OperatorToken) -> dict[str, object]:
    return {
        "operatorTokenId": str(token.id),
        "name": token.name,
        "hint": token.hint,
        "readOnly": token.read_only,
        "createdAt": token.created_at.isoformat(),
        "createdBy": token.created_by,
        "lastUsedAt": token.last_used_at.isoformat() if token.last_used_at else None,
        "revokedAt": token.revoked_at.isoformat() if token.revoked_at else None,
        "revokedBy": token.revoked_by,
    }
