"""`orgplane whoami`"""

from __future__ import annotations

from typing import Any

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
    who = caller(session, identity)
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
        (kind, found), *_ = who.items()
        session.show(
            {
                kind: named(who),
                f"{kind}_id": found.id,
                "organization": organization.name,
                "organization_id": organization.id,
                "server": session.target.url,
                "profile": profile.name if profile else "",
                **ends,
            }
        )
    else:
        shown = {"identity": identity, **who, "organization": organization}
        session.show(shown | ({"session": signed_in} if signed_in else {}))
    if "user" in who:
        expiry.warn_of_last_token(session)


def caller(session: Session, identity: Any) -> dict[str, Any]:
    """Whom the token stands for, by what it is: a `user` or a `service_account`."""
    subject = identity.subject
    if subject.principal.name == "SERVICE_ACCOUNT":
        answer = session.call("GetServiceAccount", service_account_id=subject.id)
        return {"service_account": answer.service_account}
    return {"user": session.call("GetAuthenticatedUser").user}


def named(who: dict[str, Any]) -> str:
    """What people call them."""
    if "user" in who:
        return f"{who['user'].name} <{who['user'].email}>"
    return str(who["service_account"].name)
