"""`orgplane-server verify-domain`."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from . import options
from .program import program, run, settings_of, show


@program.command()
def verify_domain(
    organization: Annotated[
        uuid.UUID, typer.Option(help="The organization's id; list-organizations tells it.")
    ],
    domain: Annotated[str, typer.Option(help="The domain, such as acme.com.")],
    private: Annotated[
        bool,
        typer.Option(
            "--private", help="Any name, also one that is not in public DNS: acme.internal."
        ),
    ] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="End what this command has begun before.")
    ] = False,
    shared_domains: options.SharedDomains = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: options.Config = None,
    database_url: options.DatabaseURL = None,
) -> None:
    """Vouch for a domain of an organization, where DNS cannot prove it; ended by --withdraw alone.

    Be sure: whoever administers the organization may link members, also administrators, by addresses of the domain.
    """
    from ..app import commands

    settings = settings_of({"database_url": database_url, "shared_domains": shared_domains}, config)
    name = run(commands.verify_domain(settings, organization, domain, private, withdraw))
    result = {
        "organizationId": str(organization),
        "domain": name,
        "state": "withdrawn" if withdraw else "verified by the operator",
    }
    show(result, as_json=as_json)
