"""`orgplane users`"""

from __future__ import annotations

import click

from .command import Group, yes_option
from .session import Session, pass_session


@click.group(cls=Group)
def group() -> None:
    """Single users."""


@group.command("get")
@click.argument("id")
@pass_session
def get(session: Session, id: str) -> None:
    """Show one, also one who left.

    \b
    Examples:
      orgplane users get "$USER_ID"
      orgplane users get "$USER_ID" --output json
    """
    session.show(session.call("GetUser", user_id=id).user)


@group.command("suspend")
@click.argument("id")
@yes_option
@pass_session
def suspend(session: Session, id: str, yes: bool) -> None:
    """Suspend a member: none of their tokens works from then on. Administrators only.

    \b
    Examples:
      orgplane users suspend "$MEMBER_ID" --yes
    """
    session.confirm(lambda: f"Suspend {_described(session, id)}?", yes)
    session.call("SetSuspended", user_id=id, suspended=True)
    session.done(f"user {id}: suspended")


@group.command("resume")
@click.argument("id")
@pass_session
def resume(session: Session, id: str) -> None:
    """Let a member act again whom an administrator has suspended. Administrators only.

    Whom an identity provider has deactivated it has to reactivate itself.

    \b
    Examples:
      orgplane users resume "$MEMBER_ID"
    """
    session.call("SetSuspended", user_id=id, suspended=False)
    session.done(f"user {id}: active")


def _described(session: Session, id: str) -> str:
    user = session.call("GetUser", user_id=id).user
    return f"user {id} ({user.name} <{user.email}>)"
