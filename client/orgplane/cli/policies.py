"""`orgplane policies`"""

from __future__ import annotations

from typing import Any

import click

from .command import Duration, Group
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


@group.command("get-tokens")
@pass_session
def get_tokens(session: Session) -> None:
    """Show what the organization asks of personal access tokens.

    \b
    Examples:
      orgplane policies get-tokens
    """
    session.show(_of_tokens(session))


@group.command("set-tokens")
@click.option(
    "--max-token-age",
    type=Duration(),
    help="No token gets older: 2d to 90d; 0d for no bound. Those that would end at that age.",
)
@click.option(
    "--sign-in-within",
    type=Duration(),
    help="Tokens of members whom SCIM does not provision rest without a sign-in for so long: 2d to 365d; 0d asks nobody.",
)
@pass_session
def update_tokens(session: Session, max_token_age: str | None, sign_in_within: str | None) -> None:
    """Change what the organization asks of personal access tokens, at once. Administrators only.

    \b
    Examples:
      orgplane policies set-tokens --max-token-age 30d
      orgplane policies set-tokens --max-token-age 0d --sign-in-within 0d
    """
    changes = {"max_token_age": max_token_age, "sign_in_within": sign_in_within}
    session.require_some(changes)
    before = _of_tokens(session) if session.for_people else None
    changed = session.call(
        "UpdatePersonalAccessTokenPolicy", organization_id=session.organization_id, **changes
    )
    session.show_change("policies of tokens", changes, before, changed.policy)


def _of_tokens(session: Session) -> Any:
    return session.call(
        "GetPersonalAccessTokenPolicy", organization_id=session.organization_id
    ).policy


def _get(session: Session) -> Any:
    return session.call("GetOrganizationPolicies", organization_id=session.organization_id).policies


def _shown(policies: Any) -> dict[str, Any]:
    """Those that this server has."""
    return {
        name: getattr(policies, name)
        for name in ("organization_id", "restrict_account_creation_to_scim")
    }
