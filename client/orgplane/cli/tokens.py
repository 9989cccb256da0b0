"""`orgplane tokens`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from .. import errors
from .command import Duration, Group, TokenCommand, limit_option, yes_option
from .names import MEMBER
from .session import Session, pass_session, tell

#: Of how many is asked in one call.
_AT_ONCE = 100
_COLUMNS = ("id", "description", "read_only", "created_at", "expires_at", "last_used")


@click.group(cls=Group)
def group() -> None:
    """Personal access tokens: your own and, for administrators, those of other members."""


@group.command("list")
@click.option(
    "--user",
    "user_ids",
    multiple=True,
    type=MEMBER,
    metavar="ID_OR_EMAIL",
    help="Whose. May be repeated. Default: yours.",
)
@limit_option
@pass_session
def list_(session: Session, user_ids: tuple[str, ...], limit: int | None) -> None:
    """List them, oldest first.

    \b
    Examples:
      orgplane tokens list
      orgplane tokens list --user "$USER_ID" --output json
    """
    pages: Iterator[Sequence[Any]] = session.api.pages(
        "ListPersonalAccessTokens", limit, filter={"userIds": user_ids} if user_ids else None
    )
    columns = ("user_id", *_COLUMNS) if user_ids else _COLUMNS
    shown: list[str] = []

    def noted() -> Iterator[Sequence[Any]]:
        for page in pages:
            shown.extend(token.id for token in page)
            yield page

    session.show_all(noted(), columns)
    _tell_of_sessions(session, shown)


@group.command("get")
@click.argument("id")
@pass_session
def get(session: Session, id: str) -> None:
    """Show what is known about one; the token itself nobody can show again.

    \b
    Examples:
      orgplane tokens get "$TOKEN_ID"
    """
    session.show(session.call("GetPersonalAccessToken", personal_access_token_id=id).pat)
    _tell_of_sessions(session, [id])


@group.command("create", cls=TokenCommand)
@click.option("--description", help="What it is for.")
@click.option("--valid-for", type=Duration(), help="Up to 90d, which is the default.")
@click.option("--read-only", is_flag=True, help="It may read, and nothing else.")
@pass_session
def create(
    session: Session, description: str | None, valid_for: str | None, read_only: bool
) -> None:
    """Create one for yourself, which is shown this once.

    \b
    Examples:
      orgplane tokens create --description 'nightly export' --valid-for 30d --read-only
      ORGPLANE_TOKEN=$(orgplane tokens create --output token) orgplane whoami
    """
    identity = session.call("GetAuthenticatedIdentity")
    response = session.call(
        "CreatePersonalAccessToken",
        user_id=identity.subject.id,
        description=description,
        valid_for=valid_for,
        read_only=read_only,
    )
    session.show_token(response.token, {"token": response.token}, response)


@group.command("delete")
@click.argument("id")
@yes_option
@pass_session
def delete(session: Session, id: str, yes: bool) -> None:
    """Revoke one: it is refused everywhere from then on.

    \b
    Examples:
      orgplane tokens delete "$TOKEN_ID" --yes
    """
    session.confirm(lambda: f"Revoke {_described(session, id)}?", yes)
    session.call("DeletePersonalAccessToken", personal_access_token_id=id)
    session.done(f"token {id}: revoked")


def _tell_of_sessions(session: Session, ids: Sequence[str]) -> None:
    """Says which were made with a session; scripts ask ListPersonalAccessTokenStatuses."""
    if not session.for_people:
        return
    for at in range(0, len(ids), _AT_ONCE):
        these = ids[at : at + _AT_ONCE]
        try:
            found = session.call(
                "ListPersonalAccessTokenStatuses", personal_access_token_ids=these
            ).statuses
        except errors.UnimplementedError:  # an older server
            return
        for each in found:
            if through := each.signed_in_through_sso_configuration_id:
                tell(
                    f"{each.personal_access_token_id} was made by whoever had signed in through SSO configuration {through}: "
                    "it is for this organization alone"
                )


def _described(session: Session, id: str) -> str:
    token = session.call("GetPersonalAccessToken", personal_access_token_id=id).pat
    return f"token {id}" + (f" ({token.description})" if token.description else "")
