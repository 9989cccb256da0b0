"""`orgplane account`"""

from __future__ import annotations

import click

from .command import Group, TokenCommand, limit_option
from .invites import sent
from .session import Session, pass_session

_MEMBERSHIPS = ("organization_id", "organization_name", "user_id", "user_role")
_JOINABLE = ("organization_id", "organization_name", "organization_member_count")


@click.group(cls=Group)
def group() -> None:
    """You, in all organizations that you joined, and where you may join."""


@group.command("show")
@pass_session
def show(session: Session) -> None:
    """Show where you are a member: the members that are tied to the token's by joining.

    \b
    Examples:
      orgplane account show
      orgplane account show --output json
    """
    account = session.call("GetAccount").account
    if session.for_people:
        session.show_all([account.memberships], _MEMBERSHIPS)
    else:
        session.show(account)


@group.command("prove")
@click.option("--code", help="What was mailed to your address. Without one a code is mailed.")
@pass_session
def prove(session: Session, code: str | None) -> None:
    """Prove your e-mail address, which holds for 10 minutes. `organization join` needs it.

    \b
    Examples:
      orgplane account prove
      orgplane account prove --code 12345678
    """
    outcome = session.call("ProveAddress", code=code).outcome
    if outcome.field == "code_sent":
        sent(session, outcome.value)
    else:
        session.show(outcome.value)


@group.command("joinable")
@limit_option
@pass_session
def joinable(session: Session, limit: int | None) -> None:
    """List the organizations that you may join by the domain of the address that you have proven.

    \b
    Examples:
      orgplane account joinable
    """
    session.show_all(session.api.pages("ListJoinableOrganizations", limit), _JOINABLE)


@group.command("first-token", cls=TokenCommand)
@click.argument("organization_id", metavar="ORGANIZATION-ID")
@pass_session
def first_token(session: Session, organization_id: str) -> None:
    """Show a token of yours in another organization, which you created or joined, this once: the first one there.

    \b
    Examples:
      orgplane account first-token "$ORGANIZATION_ID"
      orgplane account first-token "$ORGANIZATION_ID" --output token > token
    """
    show_first_token(session, organization_id)


def show_first_token(session: Session, organization_id: str) -> None:
    """Asks for the first token of who the caller is in an organization."""
    made = session.call("CreateFirstToken", organization_id=organization_id)
    shown = {
        "token": made.token,
        "organization_id": organization_id,
        "user_id": made.member.user_id,
        "expires_at": made.token_expires_at,
    }
    session.show_token(made.token, shown, made)
