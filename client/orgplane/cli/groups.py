"""`orgplane groups`"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import click

from .command import Group, limit_option, yes_option
from .failure import Exit, Failure
from .names import MEMBER
from .session import Session, pass_session

_COLUMNS = ("id", "name", "system_managed", "member_count", "description", "updated_at")
_MEMBER_COLUMNS = ("user_id", "name", "membership_id")
_USER = "PRINCIPAL_USER"


@click.group(cls=Group)
def group() -> None:
    """Groups of the organization's members. Administrators keep the local ones here; those of identity providers are read-only.

    A group is given by its id or its name. Of several with the same name, the local one is meant.
    """


def group_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """A group, as `_found` takes one."""
    return click.argument("group_id", metavar="GROUP")(function)


def member_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("subject", type=MEMBER, metavar="ID_OR_EMAIL")(function)


@group.command("list")
@click.option("--search", metavar="TEXT", help="Part of the name, the description or the id.")
@click.option("--group", "group_ids", multiple=True, metavar="ID", help="These. May be repeated.")
@click.option("--local/--provided", default=None, help="Of one kind. Default: both.")
@limit_option
@pass_session
def list_(
    session: Session,
    search: str | None,
    group_ids: tuple[str, ...],
    local: bool | None,
    limit: int | None,
) -> None:
    """List groups, oldest first.

    \b
    Examples:
      orgplane groups list
      orgplane groups list --local --search plat --output json
    """
    narrowed: dict[str, Any] = {"search": search or "", "groupIds": group_ids}
    if local is not None:
        narrowed["systemManaged"] = not local
    session.show_all(session.api.pages("ListGroups", limit, filter=narrowed), _COLUMNS)


@group.command("get")
@group_argument
@pass_session
def get(session: Session, group_id: str) -> None:
    """Show a group.

    \b
    Examples:
      orgplane groups get Platform
      orgplane groups get "$GROUP_ID" --output json
    """
    session.show(_found(session, group_id))


@group.command("members")
@group_argument
@click.option("--search", metavar="TEXT", help="Part of the name or of the e-mail address.")
@limit_option
@pass_session
def members(session: Session, group_id: str, search: str | None, limit: int | None) -> None:
    """List who is in a group.

    \b
    Examples:
      orgplane groups members Platform
      orgplane groups members Platform --search ada --output json
    """
    id = _found(session, group_id).id
    pages: Iterable[Sequence[Any]] = session.api.pages(
        "ListMemberships", limit, group_id=id, filter={"search": search or ""}
    )
    if session.for_people:
        pages = ([_of_people(each) for each in page] for page in pages)
    session.show_all(pages, _MEMBER_COLUMNS)


@group.command("create")
@click.argument("name")
@click.option("--description", metavar="TEXT", help="What it is for.")
@pass_session
def create(session: Session, name: str, description: str | None) -> None:
    """Make a local group. Administrators only.

    \b
    Examples:
      orgplane groups create "Team $RANDOM"
      orgplane groups create "Team $RANDOM" --description "Runs it all" --output json
    """
    response = session.call(
        "CreateGroup",
        organization_id=session.organization_id,
        name=name,
        description=description or "",
    )
    session.show(response.group)


@group.command("update")
@group_argument
@click.option("--name", help="What it is to be called.")
@click.option("--description", metavar="TEXT", help="What it is to be for; empty: nothing said.")
@pass_session
def update(session: Session, group_id: str, name: str | None, description: str | None) -> None:
    """Name or describe a local group anew. Administrators only.

    \b
    Examples:
      orgplane groups update Platform --description "Runs it all"
    """
    changes = {"name": name, "description": description}
    session.require_some(changes)
    before = _found(session, group_id)
    whole = {
        "name": before.name if name is None else name,
        "description": before.description if description is None else description,
    }
    after = session.call("UpdateGroup", group_id=before.id, **whole).group
    session.show_change(f"group {before.id}", changes, before, after)


@group.command("delete")
@group_argument
@yes_option
@pass_session
def delete(session: Session, group_id: str, yes: bool) -> None:
    """Delete a local group. Who is in it stays what they are otherwise. Administrators only.

    \b
    Examples:
      orgplane groups delete Former --yes
    """
    found = _found(session, group_id)
    session.confirm(
        lambda: f"Delete the group {found.name} ({found.id}), with {found.member_count} in it?", yes
    )
    session.call("DeleteGroup", group_id=found.id)
    session.done(f"group {found.id} ({found.name}): deleted")


@group.command("add")
@group_argument
@member_argument
@pass_session
def add(session: Session, group_id: str, subject: str) -> None:
    """Put a member into a local group. Administrators only.

    \b
    Examples:
      orgplane groups add Former "$MEMBER_ID"
    """
    found, id = _found(session, group_id), subject
    made = session.call("CreateMembership", group_id=found.id, subject=_subject(id))
    if not session.for_people:
        session.show(made.member)
    session.done(f"group {found.id} ({found.name}): user {id} is in it")


@group.command("remove")
@group_argument
@member_argument
@pass_session
def remove(session: Session, group_id: str, subject: str) -> None:
    """Take a member out of a local group. Administrators only.

    \b
    Examples:
      orgplane groups remove Platform "$MEMBER_ID"
    """
    found, id = _found(session, group_id), subject
    membership = session.call(
        "GroupService/GetMembership", group_id=found.id, subject=_subject(id)
    ).member
    if membership is None:
        raise Failure(
            f"user {id} is not in the group {found.name}",
            f"Those who are: orgplane groups members {found.id}",
            Exit.NOT_FOUND,
        )
    session.call("DeleteMembership", membership_id=membership.id)
    session.done(f"group {found.id} ({found.name}): user {id} is not in it any more")


def _found(session: Session, group: str) -> Any:
    """A group that is given by its id or its name."""
    try:
        return session.call("GetGroup", id=str(UUID(group))).group
    except ValueError:
        return session.call("GetGroup", name=group).group


def _subject(user_id: str) -> dict[str, str]:
    return {"id": user_id, "principal": _USER}


def _of_people(membership: Any) -> dict[str, Any]:
    return {
        "user_id": membership.subject.id,
        "name": membership.name,
        "membership_id": membership.id,
    }
