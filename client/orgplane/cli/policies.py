"""`orgplane policies`"""

from __future__ import annotations

from typing import Any

import click

from .command import Group
from .session import Session, pass_session


@click.group(cls=Group)
def group() -> None:
    """What the organization lets its members do."""


@group.command("get")
@pass_session
def get(session: Session) -> None:
    """Show it.

    \b
    Examples:
      orgplane policies get
      orgplane policies get --output json
    """
    session.show(_shown(_get(session)) if session.for_people else _get(session))


@group.command("set")
@click.option(
    "--restrict-account-creation-to-scim/--no-restrict-account-creation-to-scim",
    default=None,
    help="Only SCIM makes members: nobody joins.",
)
@pass_session
def update(session: Session, restrict_account_creation_to_scim: bool | None) -> None:
    """Change what is given, then say what changed. Administrators only.

    \b
    Examples:
      orgplane policies set --restrict-account-creation-to-scim
      orgplane policies set --no-restrict-account-creation-to-scim
    """
    changes = {"restrict_account_creation_to_scim": restrict_account_creation_to_scim}
    session.require_some(changes)
    before = _get(session) if session.for_people else None
    session.call("UpdateOrganizationPolicies", organization_id=session.organization_id, **changes)
    session.show_change("policies", changes, before, _get(session))


def _get(session: Session) -> Any:
    return session.call("GetOrganizationPolicies", organization_id=session.organization_id).policies


def _shown(policies: Any) -> dict[str, Any]:
    """Those that this server has."""
    return {
        name: getattr(policies, name)
        for name in ("organization_id", "restrict_account_creation_to_scim")
    }
