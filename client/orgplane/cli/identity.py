"""`orgplane whoami`"""

from __future__ import annotations

import click

from . import expiry
from .command import Command
from .session import Session, pass_session


@click.command(cls=Command)
@pass_session
def whoami(session: Session) -> None:
    """Show whom the token stands for, in which organization, on which server.

    \b
    Examples:
      orgplane whoami
      orgplane whoami --output json
    """
    identity = session.call("GetAuthenticatedIdentity")
    user = session.call("GetAuthenticatedUser").user
    organization = session.call(
        "GetOrganization", organization_id=identity.organization_id
    ).organization
    signed_in = session.call("GetSession").session if session.target.signed_in else None
    if session.for_people:
        profile = session.target.profile
        ends = (
            {"session_expires_at": signed_in.expires_at, "if_unused_at": signed_in.idle_expires_at}
            if signed_in
            else {}
        )
        session.show(
            {
                "user": f"{user.name} <{user.email}>",
                "user_id": user.id,
                "organization": organization.name,
                "organization_id": organization.id,
                "server": session.target.url,
                "profile": profile.name if profile else "",
                **ends,
            }
        )
    else:
        found = {"identity": identity, "user": user, "organization": organization}
        session.show(found | ({"session": signed_in} if signed_in else {}))
    expiry.warn_of_last_token(session)
