"""`orgplane organization`"""

from __future__ import annotations

from typing import Any

import click

from .command import Group
from .session import Session, pass_session


@click.group(cls=Group)
def group() -> None:
    """The organization that the token belongs to."""


@group.command("get")
@pass_session
def get(session: Session) -> None:
    """Show it.

    \b
    Examples:
      orgplane organization get
      orgplane organization get --output json
    """
    session.show(_get(session))


@group.command("update")
@click.option("--name", help="A new name.")
@click.option(
    "--invite-domain",
    "invite_domains",
    multiple=True,
    metavar="DOMAIN",
    help="E-mail domains whose owners may join, instead of those before. May be repeated.",
)
@click.option("--clear-invite-domains", is_flag=True, help="Nobody joins by domain.")
@pass_session
def update(
    session: Session,
    name: str | None,
    invite_domains: tuple[str, ...],
    clear_invite_domains: bool,
) -> None:
    """Change what is given and leave the rest, then say what changed. Administrators only.

    \b
    Examples:
      orgplane organization update --name 'Acme Corporation'
      orgplane organization update --invite-domain acme.example --invite-domain acme.test
      orgplane organization update --clear-invite-domains
    """
    if clear_invite_domains and invite_domains:
        raise click.UsageError("--invite-domain and --clear-invite-domains exclude each other")
    changes = {
        "name": name,
        "invite_domains": (
            {"domains": invite_domains} if invite_domains or clear_invite_domains else None
        ),
    }
    session.require_some(changes)
    before = _get(session) if session.for_people else None
    after = session.call(
        "UpdateOrganization", organization_id=session.organization_id, **changes
    ).organization
    session.show_change(f"organization {after.id}", changes, before, after)


def _get(session: Session) -> Any:
    return session.call("GetOrganization", organization_id=session.organization_id).organization
