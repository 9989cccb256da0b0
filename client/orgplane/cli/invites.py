"""`orgplane invites`"""

from __future__ import annotations

from typing import Any

import click

from .command import Command, Group, TokenCommand
from .session import Session, pass_session, tell


@click.group(cls=Group)
def group() -> None:
    """The organization's invite: whoever knows it may join, with an address that they prove."""


@group.command("create")
@pass_session
def create(session: Session) -> None:
    """Make a new one; the one before works no more. Administrators only.

    \b
    Examples:
      orgplane invites create
      orgplane invites create --output json
    """
    response = session.call("CreateOrganizationInvite", organization_id=session.organization_id)
    _show(session, response.invite)


@group.command("show")
@pass_session
def show(session: Session) -> None:
    """Show the one that works now. Administrators only.

    \b
    Examples:
      orgplane invites show
    """
    response = session.call("GetOrganizationInvite", organization_id=session.organization_id)
    _show(session, response.invite)


@group.command("summary", cls=Command)
@click.argument("invite")
@pass_session
def summary(session: Session, invite: str) -> None:
    """Show where an invite leads. Takes no token.

    \b
    Examples:
      orgplane invites summary "$INVITE_ID"
    """
    session.tokenless = True
    session.show(session.call("GetOrganizationInviteSummary", invite_id=invite))


@group.command("redeem", cls=TokenCommand)
@click.argument("invite")
@click.option("--name", required=True, help="What you are called.")
@click.option("--email", required=True, help="Your e-mail address.")
@click.option("--code", help="What was mailed to it. Without one a code is mailed.")
@pass_session
def redeem(session: Session, invite: str, name: str, email: str, code: str | None) -> None:
    """Become a member by an invite, and get a token. Takes none.

    \b
    Examples:
      orgplane invites redeem "$INVITE_ID" --name Ada --email ada@acme.example
      orgplane invites redeem "$INVITE_ID" --name Ada --email ada@acme.example --code 12345678
    """
    session.tokenless = True
    response = session.call("RedeemInvite", invite_id=invite, name=name, email=email, code=code)
    outcome = response.outcome
    if outcome.field == "code_sent":
        sent(session, outcome.value)
        return
    joined = outcome.value
    if joined.token:
        shown = {
            "token": joined.token,
            "organization_id": joined.organization_id,
            "user_id": joined.member.user_id,
            "expires_at": joined.token_expires_at,
        }
        session.show_token(joined.token, shown, joined)
        return
    tell(f"{joined.member.email} was a member already, and gets no token this way")
    session.show(joined.member)


def sent(session: Session, code: Any) -> None:
    """Says what to do with a code that was mailed."""
    if not session.for_people:
        session.show(code)
        return
    from .table import text

    print(f"a code was mailed to {code.email}; enter it with --code until {text(code.expires_at)}")


def _show(session: Session, invite: Any) -> None:
    session.show(invite)
    tell("whoever knows this id may join: keep it where secrets are kept")
