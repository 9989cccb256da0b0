"""`orgplane invites`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import click

from . import secret
from .command import Command, Group, TokenCommand, limit_option, yes_option
from .failure import Exit, Failure
from .session import Session, pass_session, tell


class _Invite(click.ParamType):  # type: ignore[type-arg] # generic in click's newest only
    """An invite's id; `-` reads it from standard input, as process lists and histories show arguments."""

    name = "id"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> str:
        return secret.read("-", "invite") if value == "-" else str(value)


INVITE = _Invite()
_COLUMNS = ("id", "email", "state", "delivery", "delivery_reason", "created_at", "expires_at")


@click.group(cls=Group)
def group() -> None:
    """The organization's invite: whoever knows it may join, with an address that they prove.

    And those that are mailed, each to one address, for that address and once.
    """


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


@group.command("send")
@click.argument("email", metavar="ADDRESS")
@pass_session
def send(session: Session, email: str) -> None:
    """Mail one to an address; one that was mailed there before works no more. Administrators only.

    \b
    Examples:
      orgplane invites send ada@acme.example
    """
    response = session.call(
        "CreateEmailInvite", organization_id=session.organization_id, email=email
    )
    session.show(response.email_invite)
    tell("the letter is queued: orgplane invites list tells what becomes of it")


@group.command("list")
@limit_option
@pass_session
def list_(session: Session, limit: int | None) -> None:
    """List those that were mailed, oldest first, and what became of their letters. Administrators only.

    \b
    Examples:
      orgplane invites list
      orgplane invites list --output json
    """
    session.show_all(_mailed(session, limit), _COLUMNS)


@group.command("revoke")
@click.argument("email", metavar="ADDRESS|ID")
@yes_option
@pass_session
def revoke(session: Session, email: str, yes: bool) -> None:
    """End one that was mailed. Who has joined by it stays. Administrators only.

    \b
    Examples:
      orgplane invites revoke ada@acme.example --yes
    """
    id = _id(session, email)
    session.confirm(lambda: f"Revoke the invite of {email}?", yes)
    session.call("RevokeEmailInvite", email_invite_id=id)
    session.done(f"invite of {email}: revoked")


def _mailed(session: Session, limit: int | None = None) -> Iterator[Sequence[Any]]:
    return session.api.pages("ListEmailInvites", limit, organization_id=session.organization_id)


def _id(session: Session, email: str) -> str:
    """Of the newest that was mailed to an address, or as it is given."""
    with suppress(ValueError):
        return str(UUID(email))
    found = [
        invite
        for page in _mailed(session)
        for invite in page
        if invite.email.lower() == email.lower()
    ]
    if found:
        return str(found[-1].id)
    raise Failure(
        f"no invite was mailed to {email}",
        "Those that were: orgplane invites list",
        status=Exit.NOT_FOUND,
    )


@group.command("summary", cls=Command)
@click.argument("invite", metavar="INVITE|-", type=INVITE)
@pass_session
def summary(session: Session, invite: str) -> None:
    """Show where an invite leads, `-` reads it from standard input. Takes no token.

    \b
    Examples:
      echo "$INVITE_ID" | orgplane invites summary -
    """
    session.tokenless = True
    session.show(session.call("GetOrganizationInviteSummary", invite_id=invite))


@group.command("redeem", cls=TokenCommand)
@click.argument("invite", metavar="INVITE|-", type=INVITE)
@click.option("--name", required=True, help="What you are called.")
@click.option("--email", required=True, help="Your e-mail address.")
@click.option("--code", help="What was mailed to it. Without one a code is mailed.")
@pass_session
def redeem(session: Session, invite: str, name: str, email: str, code: str | None) -> None:
    """Become a member by an invite, and get a token. Takes none.

    The invite is an argument, or `-` reads it from standard input, where no process list and no history shows it.

    \b
    Examples:
      echo "$INVITE_ID" | orgplane invites redeem - --name Ada --email ada@acme.example
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
