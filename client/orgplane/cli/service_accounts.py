"""`orgplane service-accounts`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import click

from .command import Duration, End, Group, TokenCommand, limit_option, yes_option
from .names import SERVICE_ACCOUNT
from .session import Session, connect, pass_session

_COLUMNS = ("id", "name", "description", "suspended", "created_at", "valid_until")
_TOKEN_COLUMNS = (
    *("id", "service_account_id", "description", "created_at", "expires_at", "last_used"),
)


@click.group(cls=Group)
def group() -> None:
    """Accounts that programs act as: pipelines, Terraform, operators. Administrators only."""


@group.command("create")
@click.option("--name", required=True, help="What people call it, up to 64 characters.")
@click.option("--description", help="What it is for, up to 500 characters.")
@click.option(
    "--valid-until",
    type=End(),
    required=True,
    help="When it ends, and all its tokens with it: a time, or how long from now, such as 365d.",
)
@pass_session
def create(session: Session, name: str, description: str | None, valid_until: str) -> None:
    """Create one. Nothing acts as it before it has a token: tokens create ID.

    \b
    Examples:
      orgplane service-accounts create --name deploy --valid-until 365d
      orgplane service-accounts create --name terraform --valid-until 2099-01-01 \\
        --description 'what Terraform acts as' --output json
    """
    response = session.call(
        "CreateServiceAccount", name=name, description=description, valid_until=valid_until
    )
    session.show(response.service_account)


@group.command("list")
@click.option("--search", help="Part of the name or of the description, in whatever case.")
@click.option("--suspended", is_flag=True, help="Also those that are suspended.")
@limit_option
@pass_session
def list_(session: Session, search: str | None, suspended: bool, limit: int | None) -> None:
    """List them, oldest first.

    \b
    Examples:
      orgplane service-accounts list
      orgplane service-accounts list --search deploy --suspended --output json
    """
    narrowed = {"search": search or "", "includeSuspended": suspended}
    session.show_all(session.api.pages("ListServiceAccounts", limit, filter=narrowed), _COLUMNS)


@group.command("get")
@click.argument("id", type=SERVICE_ACCOUNT, metavar="ID_OR_NAME")
@pass_session
def get(session: Session, id: str) -> None:
    """Show one.

    \b
    Examples:
      orgplane service-accounts get "$SERVICE_ACCOUNT_ID"
    """
    session.show(_get(session, id))


@group.command("update")
@click.argument("id", type=SERVICE_ACCOUNT, metavar="ID_OR_NAME")
@click.option("--name", help="What people call it.")
@click.option("--description", help="What it is for; '' clears it.")
@click.option(
    "--valid-until",
    type=End(),
    help="When it ends. Tokens that would live longer end then too; none lives longer for a later end.",
)
@pass_session
def update(
    session: Session, id: str, name: str | None, description: str | None, valid_until: str | None
) -> None:
    """Change what is named, and nothing else.

    \b
    Examples:
      orgplane service-accounts update "$SERVICE_ACCOUNT_ID" --description 'deploys to production'
      orgplane service-accounts update "$SERVICE_ACCOUNT_ID" --valid-until 365d
    """
    told = {"name": name, "description": description}
    changes = {**told, "valid_until": valid_until}
    session.require_some(changes)
    before = after = _get(session, id)
    if any(value is not None for value in told.values()):
        after = session.call("UpdateServiceAccount", service_account_id=id, **told).service_account
    if valid_until is not None:
        after = _change(session, id, valid_until=valid_until)
    session.show_change(f"service account {id}", changes, before, after)


@group.command("suspend")
@click.argument("id", type=SERVICE_ACCOUNT, metavar="ID_OR_NAME")
@yes_option
@pass_session
def suspend(session: Session, id: str, yes: bool) -> None:
    """Suspend one: none of its tokens works from then on.

    \b
    Examples:
      orgplane service-accounts suspend "$SERVICE_ACCOUNT_ID" --yes
    """
    session.confirm(lambda: f"Suspend {_described(session, id)}?", yes)
    _change(session, id, suspended=True)
    session.done(f"service account {id}: suspended")


@group.command("resume")
@click.argument("id", type=SERVICE_ACCOUNT, metavar="ID_OR_NAME")
@pass_session
def resume(session: Session, id: str) -> None:
    """Let one act again that was suspended, with the tokens that it has.

    \b
    Examples:
      orgplane service-accounts resume "$SERVICE_ACCOUNT_ID"
    """
    _change(session, id, suspended=False)
    session.done(f"service account {id}: active")


@group.command("delete")
@click.argument("id", type=SERVICE_ACCOUNT, metavar="ID_OR_NAME")
@yes_option
@pass_session
def delete(session: Session, id: str, yes: bool) -> None:
    """Delete one with all its tokens, which are refused everywhere from then on.

    \b
    Examples:
      orgplane service-accounts delete "$FORMER_SERVICE_ACCOUNT_ID" --yes
    """
    session.confirm(lambda: f"Delete {_described(session, id)} and all its tokens?", yes)
    session.call("DeleteServiceAccount", service_account_id=id)
    session.done(f"service account {id}: deleted")


@group.command("access-token", cls=TokenCommand)
@click.argument("id", type=SERVICE_ACCOUNT, metavar="ID_OR_NAME")
@pass_session
def access_token(session: Session, id: str) -> None:
    """Create a token to act as it for an hour at most, which is shown this once.

    \b
    Examples:
      ORGPLANE_TOKEN=$(orgplane service-accounts access-token "$SERVICE_ACCOUNT_ID" --output token) \\
        orgplane whoami
    """
    response = session.call("CreateServiceAccountAccessToken", service_account_id=id)
    session.show_token(response.token, {"token": response.token}, response)


@group.group("tokens", cls=Group)
def tokens() -> None:
    """Their tokens, which live as long as was asked for."""


@tokens.command("create", cls=TokenCommand)
@click.argument("id", type=SERVICE_ACCOUNT, required=False, metavar="[ID_OR_NAME]")
@click.option("--description", help="What it is for.")
@click.option("--valid-for", type=Duration(), help="Default, and most: as long as the account.")
@pass_session
def create_token(
    session: Session, id: str | None, description: str | None, valid_for: str | None
) -> None:
    """Create one, which is shown this once. Without an ID: for the account that ORGPLANE_TOKEN is of.

    \b
    Examples:
      orgplane service-accounts tokens create "$SERVICE_ACCOUNT_ID" --description pipeline --valid-for 30d
      ORGPLANE_TOKEN=$SERVICE_ACCOUNT_TOKEN orgplane service-accounts tokens create --output token
    """
    asked = {"description": description, "valid_for": valid_for}
    if id is None:
        response = session.call("CreateServiceAccountToken", **asked)
    else:
        brief = session.call("CreateServiceAccountAccessToken", service_account_id=id).token
        with closing(connect(session.flags, replace(session.target, token=brief))) as api:
            response = api.call("CreateServiceAccountToken", **asked)
    shown = {
        "token": response.token,
        "id": response.service_account_token.id,
        "expires_at": response.service_account_token.expires_at,
    }
    session.show_token(response.token, shown, response)


@tokens.command("list")
@click.argument("id", type=SERVICE_ACCOUNT, required=False, metavar="[ID_OR_NAME]")
@limit_option
@pass_session
def list_tokens(session: Session, id: str | None, limit: int | None) -> None:
    """List those of one account, or of all, oldest first. Tokens of `access-token` are not among them.

    \b
    Examples:
      orgplane service-accounts tokens list
      orgplane service-accounts tokens list "$SERVICE_ACCOUNT_ID" --output json
    """
    session.show_all(_tokens(session, id, limit), _TOKEN_COLUMNS)


@tokens.command("get")
@click.argument("id")
@pass_session
def get_token(session: Session, id: str) -> None:
    """Show what is known about one; the token itself nobody can show again.

    \b
    Examples:
      orgplane service-accounts tokens get "$SERVICE_ACCOUNT_TOKEN_ID"
    """
    session.show(session.call("GetServiceAccountToken", service_account_token_id=id).token)


@tokens.command("delete")
@click.argument("id")
@yes_option
@pass_session
def delete_token(session: Session, id: str, yes: bool) -> None:
    """Revoke one: it is refused everywhere from then on.

    \b
    Examples:
      orgplane service-accounts tokens delete "$SERVICE_ACCOUNT_TOKEN_ID" --yes
    """
    session.confirm(lambda: f"Revoke token {id} of a service account?", yes)
    session.call("DeleteServiceAccountToken", service_account_token_id=id)
    session.done(f"token {id}: revoked")


def _tokens(session: Session, id: str | None, limit: int | None) -> Iterator[Sequence[Any]]:
    """Those of one account are picked here: the API lists an account's own, or all."""
    if id is None:
        yield from session.api.pages("ListServiceAccountTokens", limit)
        return
    left = limit
    pages: Iterator[Sequence[Any]] = session.api.pages("ListServiceAccountTokens")
    for page in pages:
        found = [token for token in page if token.service_account_id == id][:left]
        yield found
        left = None if left is None else left - len(found)
        if left == 0:
            return


def _get(session: Session, id: str) -> Any:
    return session.call("GetServiceAccount", service_account_id=id).service_account


def _change(session: Session, id: str, **fields: Any) -> Any:
    return session.call(
        "UpdateServiceAccountValidity", service_account_id=id, **fields
    ).service_account


def _described(session: Session, id: str) -> str:
    return f"service account {id} ({_get(session, id).name})"
