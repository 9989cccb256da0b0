"""`orgplane organization`"""

from __future__ import annotations

from typing import Any

import click

from .account import show_first_token
from .command import Group, TokenCommand, yes_option
from .invites import INVITE
from .session import Session, pass_session, tell


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


@group.command("create", cls=TokenCommand)
@click.argument("name")
@pass_session
def create(session: Session, name: str) -> None:
    """Create another one, and show a token of yours there, this once. Only where the server's operator allows it.

    You are its only member, and administrator, with the name and the address that you have here.

    \b
    Examples:
      orgplane organization create Globex
      orgplane organization create Globex --output token > token
    """
    made = session.call("CreateOrganization", name=name, join_organization=True)
    tell(f"organization {made.organization.id} ({made.organization.name}): created")
    show_first_token(session, made.organization.id)


@group.command("update", apart=("--invite-domain", "--clear-invite-domains"))
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


@group.command("join")
@click.option(
    "--invite", metavar="ID|-", type=INVITE, help="By this invite; - reads it from standard input."
)
@click.option("--id", "organization_id", metavar="ID", help="By the domain of your address.")
@pass_session
def join(session: Session, invite: str | None, organization_id: str | None) -> None:
    """Become a member of another organization, with the address that you have proven.

    By an invite, or by the organization's id if it has proven the domain of your address and invites it:
    `orgplane account joinable` lists those. `orgplane account prove` proves the address.

    \b
    Examples:
      orgplane organization join --invite "$INVITE_ID"
      orgplane organization join --id "$ORGANIZATION_ID"
    """
    if (invite is None) is (organization_id is None):
        raise click.UsageError("give --invite or --id")
    response = session.call("JoinOrganization", invite_id=invite, organization_id=organization_id)
    session.show(response.member)
    tell("orgplane account first-token gives whoever is new there a token, once")


@group.command("leave")
@yes_option
@pass_session
def leave(session: Session, yes: bool) -> None:
    """End your own membership, and all your tokens with it.

    \b
    Examples:
      ORGPLANE_TOKEN=$BOB_TOKEN orgplane organization leave --yes
    """
    me = session.call("GetAuthenticatedUser").user
    session.confirm(lambda: f"Leave {_described(session)}, as {me.name} <{me.email}>?", yes)
    session.call("LeaveOrganization", user_id=me.id)
    session.done(f"user {me.id}: left organization {me.organization_id}")


@group.command("delete")
@click.option(
    "--confirm",
    metavar="NAME",
    help="The organization's name, instead of typing it; needed without a terminal.",
)
@pass_session
def delete(session: Session, confirm: str | None) -> None:
    """Delete it with everything that belongs to it, at once and for good. Administrators only.

    \b
    Examples:
      ORGPLANE_TOKEN=$FORMER_TOKEN orgplane organization delete --confirm Former
    """
    name = _get(session).name
    session.confirm_by_name(
        f"This deletes {_described(session)}, with all members, tokens, configurations and domains.\n"
        "Type its name to go on",
        name,
        confirm,
    )
    session.call("DeleteOrganization", organization_id=session.organization_id)
    session.done(f"organization {session.organization_id}: deleted")


def _described(session: Session) -> str:
    found = _get(session)
    return f"organization {found.id} ({found.name})"


def _get(session: Session) -> Any:
    return session.call("GetOrganization", organization_id=session.organization_id).organization
