"""The commands about applications that people sign in to."""

from __future__ import annotations

import json
import sys
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .program import program, run, settings_of, show

if TYPE_CHECKING:  # a server's supervising process has no use for a database
    from ..usecases.application import Overview, Registered


_Application = Annotated[
    uuid.UUID, typer.Argument(help="The application's id; list-applications tells it.")
]


@program.command()
def create_application(
    name: Annotated[str, typer.Option(help="What people know it by.")],
    return_to: Annotated[
        list[str],
        typer.Option(
            help="Where people come back to, letter by letter (redirect_uri); repeatable."
        ),
    ],
    organization: Annotated[
        list[uuid.UUID] | None,
        typer.Option(
            help="Let in members of this organization alone; repeatable. Of every one if left out."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Register an application that people sign in to through their organization; prints its secret, once."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    work = commands.create_application(settings, name, return_to, organization or [])
    show(_registered(run(work)), as_json=as_json)


@program.command()
def list_applications(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """List the applications, oldest first, and the ids of their secrets."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    found = run(commands.list_applications(settings))
    if as_json:
        print(json.dumps([_application(each) for each in found]))
        return
    for each in found:
        one = each.application
        limited = ", ".join(one.organization_ids) or "every organization"
        print(f"{one.id}  {one.name}  {limited}  {' '.join(one.return_to)}")
        for secret in each.secrets:
            print(f"    secret {secret.id} of {secret.created_at:%Y-%m-%d %H:%M} UTC")
    if not found:
        print(f"no applications in {commands.shown(settings)}", file=sys.stderr)


@program.command()
def add_application_secret(
    application: _Application,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Make a second secret of an application, beside the one it has; prints it, once."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    show(_registered(run(commands.add_application_secret(settings, application))), as_json=as_json)


@program.command()
def remove_application_secret(
    application: _Application,
    secret: Annotated[uuid.UUID, typer.Argument(help="The secret's id.")],
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Remove one of two secrets of an application: it works no more."""
    from ..app import commands

    settings = settings_of({"database_url": database_url}, config)
    run(commands.remove_application_secret(settings, application, secret))


@program.command()
def delete_application(
    application: _Application,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Delete an application: nobody signs in to it any more."""
    from ..app import commands

    run(
        commands.delete_application(
            settings_of({"database_url": database_url}, config), application
        )
    )


def _registered(found: Registered) -> dict[str, str]:
    return {
        "applicationId": str(found.application.id),
        "secret": found.secret.reveal(),
    }


def _application(found: Overview) -> dict[str, object]:
    one = found.application
    return {
        "applicationId": str(one.id),
        "name": one.name,
        "returnTo": list(one.return_to),
        "organizationIds": list(one.organization_ids),
        "secrets": [
            {"secretId": str(each.id), "createdAt": each.created_at.isoformat()}
            for each in found.secrets
        ],
    }
