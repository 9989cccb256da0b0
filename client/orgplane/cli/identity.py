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
    if session.for_people:
        profile = session.target.profile
        session.show(
            {
                "user": f"{user.name} <{user.email}>",
                "user_id": user.id,
                "organization": organization.name,
                "organization_id": organization.id,
                "server": session.target.url,
                "profile": profile.name if profile else "",
            }
        )
    else:
        session.show({"identity": identity, "user": user, "organization": organization})
    expiry.warn_of_last_token(session)
