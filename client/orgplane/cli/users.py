"""`orgplane users`"""

from __future__ import annotations

import click

from .command import Group, yes_option
from .members import described, member_argument
from .session import Session, pass_session


@click.group(cls=Group)
def group() -> None:
    """Single users."""


@group.command("get")
@member_argument
@pass_session
def get(session: Session, member: str) -> None:
    """Show one, also one who left.

    \b
    Examples:
      orgplane users get "$USER_ID"
      orgplane users get "$USER_ID" --output json
    """
    session.show(session.call("GetUser", user_id=member).user)


@group.command("suspend")
@member_argument
@yes_option
@pass_session
def suspend(session: Session, member: str, yes: bool) -> None:
    """Suspend a member: none of their tokens works from then on. Administrators only.

    \b
    Examples:
      orgplane users suspend "$MEMBER_ID" --yes
    """
    session.confirm(lambda: f"Suspend {described(session, member)}?", yes)
    session.call("SetSuspended", user_id=member, suspended=True)
    session.done(f"user {member}: suspended")


@group.command("resume")
@member_argument
@pass_session
def resume(session: Session, member: str) -> None:
    """Let a member act again whom an administrator has suspended. Administrators only.

    Whom an identity provider has deactivated it has to reactivate itself.

    \b
    Examples:
      orgplane users resume "$MEMBER_ID"
    """
    session.call("SetSuspended", user_id=member, suspended=False)
    session.done(f"user {member}: active")


@group.command("delete")
@member_argument
@yes_option
@pass_session
def delete(session: Session, member: str, yes: bool) -> None:
    """Delete a user: only the audit trail knows of them then, and nothing keeps them out. Administrators only.

    To take somebody out who is to stay out: orgplane members remove.

    \b
    Examples:
      orgplane users delete "$MEMBER_ID" --yes
    """
    session.confirm(lambda: f"Delete {described(session, member)}?", yes)
    session.call("DeleteUser", user_id=member)
    session.done(f"user {member}: deleted")
