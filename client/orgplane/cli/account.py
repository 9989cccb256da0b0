"""`orgplane account`"""

from __future__ import annotations

import click

from . import secret
from .command import Command, Group, TokenCommand, limit_option
from .invites import INVITE, sent
from .session import Session, pass_session

_MEMBERSHIPS = ("organization_id", "organization_name", "user_id", "user_role")
_JOINABLE = ("organization_id", "organization_name", "organization_member_count")
_return_to = click.option(
    "--return-to", help="Where the browser is sent afterwards, with a token to exchange."
)


@click.group(cls=Group)
def group() -> None:
    """You, in all organizations that you joined, where you may join, and where people sign in."""


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


@group.command("login-url", cls=Command)
@click.argument("email", metavar="ADDRESS")
@_return_to
@pass_session
def login_url(session: Session, email: str, return_to: str | None) -> None:
    """Show the page at which whoever has an address signs in. Takes no token.

    \b
    Examples:
      orgplane account login-url ada@acme.example
      orgplane account login-url ada@acme.example --return-to https://app.example.com/signed-in
    """
    session.tokenless = True
    session.show(session.call("GetSSOLoginURL", email=email, return_to=return_to))


@group.command("logins", cls=Command)
@click.argument("email", metavar="ADDRESS")
@_return_to
@limit_option
@pass_session
def logins(session: Session, email: str, return_to: str | None, limit: int | None) -> None:
    """List the providers with which whoever has an address may sign in. Takes no token.

    \b
    Examples:
      orgplane account logins ada@acme.example
    """
    session.tokenless = True
    found = session.api.pages("ListSSOLogins", limit, email=email, return_to=return_to)
    session.show_all(found, ("display_name", "login_url"))


@group.command("login-providers", cls=Command)
@click.option("--email", help="For whoever has this address.")
@click.option(
    "--invite", type=INVITE, help="For whoever has this invite; `-` reads it from standard input."
)
@limit_option
@pass_session
def login_providers(
    session: Session, email: str | None, invite: str | None, limit: int | None
) -> None:
    """List the kinds of account that people sign in with. Takes no token.

    \b
    Examples:
      orgplane account login-providers
      orgplane account login-providers --email ada@acme.example
    """
    session.tokenless = True
    wanted = {"email": email, "invite_id": invite}
    given = {name: value for name, value in wanted.items() if value is not None}
    found = session.api.pages("ListLoginProviders", limit, filter=given)
    session.show_all(found, ("provider", "login_url"))


@group.command("exchange-token", cls=TokenCommand)
@click.argument("file", metavar="FILE|-")
@pass_session
def exchange_token(session: Session, file: str) -> None:
    """Swap what a browser brought from a sign-in for the session's token, shown this once. Takes no other token.

    \b
    Examples:
      echo "$EXCHANGE_TOKEN" | orgplane account exchange-token -
    """
    session.tokenless = True
    made = session.call("ExchangeToken", exchange_token=secret.read(file, "exchange token"))
    session.show_token(made.access_token, {"token": made.access_token}, made)


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
