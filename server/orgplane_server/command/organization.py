"""The commands that found an organization and let its administrators in."""

from __future__ import annotations

import json
import sys
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .program import program, run, settings_of, show

if TYPE_CHECKING:  # a server's supervising process has no use for a database
    from ..usecases.operator import Overview


@program.command()
def create_organization(
    name: Annotated[str, typer.Option(help="The organization's name.")],
    admin_email: Annotated[str, typer.Option(help="E-mail address of its first administrator.")],
    admin_name: Annotated[str, typer.Option(help="Their name; from the address if left out.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Create an organization and its first administrator; prints their token, once."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    founded = run(commands.create_organization(settings, name, admin_email, admin_name))
    result = {
        "organizationId": str(founded.organization.id),
        "userId": str(founded.administrator.id),
        "token": founded.token.reveal(),
    }
    show(result, as_json=as_json)


@program.command()
def create_token(
    organization: Annotated[
        uuid.UUID, typer.Option(help="The organization's id; list-organizations tells it.")
    ],
    email: Annotated[str, typer.Option(help="E-mail address of an active administrator.")],
    valid_for: Annotated[
        str | None,
        typer.Option(
            help="How long the token lives. Default: 90d, or as long as the organization lets tokens live."
        ),
    ] = None,
    make_administrator: Annotated[
        bool,
        typer.Option(
            "--make-administrator",
            help="Make whoever has the address an active administrator first; a new member if nobody has it.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Let somebody act for an organization: prints a new token of an administrator, once."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    done = run(commands.create_token(settings, organization, email, valid_for, make_administrator))
    result = {
        "organizationId": str(done.administrator.organization_id),
        "userId": str(done.administrator.id),
        "expiresAt": done.expires_at.isoformat(),
        "token": done.token.reveal(),
    }
    show(result, as_json=as_json)
    for each in done.deprovisioned:
        print(
            f"orgplane-server: {each.email or each.id} is suspended or removed now: an identity provider "
            "had asked for it while nobody else could act",
            file=sys.stderr,
        )


@program.command()
def list_organizations(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """List the organizations, oldest first, and the administrators who can act for each."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    found = run(commands.list_organizations(settings))
    if as_json:
        print(json.dumps([_overview(each) for each in found]))
        return
    for each in found:
        acting = ", ".join(
            f"{able.administrator.email or able.administrator.id} until {able.until:%Y-%m-%d %H:%M} UTC"
            for able in each.acting
        )
        count, more = each.members.value, "" if each.members.exact else "+"
        members = f"{count}{more} member{'' if count == 1 else 's'}"
        print(
            f"{each.organization.id}  {each.organization.name}  {members}  {acting or 'nobody can act'}"
        )
    if not found:
        print(f"no organizations in {commands.shown(settings)}", file=sys.stderr)
    if any(not each.acting for each in found):
        print("orgplane-server create-token lets somebody act; see --help", file=sys.stderr)


def _overview(found: Overview) -> dict[str, object]:
    return {
        "organizationId": str(found.organization.id),
        "name": found.organization.name,
        "members": found.members.value,
        "administratorsWhoCanAct": [
            {
                "userId": str(able.administrator.id),
                "email": able.administrator.email,
                "until": able.until.isoformat(),
            }
            for able in found.acting
        ],
    }
