"""`orgplane operator`"""

from __future__ import annotations

from typing import Any

import click

from .command import Group, limit_option, yes_option
from .events import COLUMNS as _EVENT_COLUMNS
from .events import connected, filters, follow, narrowed, show
from .session import Session, pass_session

_COLUMNS = (
    *("id", "name", "state", "members", "scim_configurations", "sso_configurations", "changed_at"),
)

_of_one = click.option(
    "--organization", metavar="ID", help="In this one alone. Default: in all of them."
)


@click.group(cls=Group)
def group() -> None:
    """What whoever runs the server does, with an operator token (orgplane-server create-operator-token)."""


@group.group("organizations", cls=Group)
def organizations() -> None:
    """All organizations of the server, from outside."""


@organizations.command("list")
@limit_option
@pass_session
def list_(session: Session, limit: int | None) -> None:
    """List them, oldest first, with how much each is used.

    \b
    Examples:
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator organizations list
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator organizations list --output json
    """
    pages = session.api.pages("ListOrganizations", limit)
    rows = ([_row(each) for each in page] for page in pages)
    session.show_all(rows if session.for_people else pages, _COLUMNS)


@organizations.command("get")
@click.argument("id")
@pass_session
def get(session: Session, id: str) -> None:
    """Show one.

    \b
    Examples:
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator organizations get "$ORGANIZATION_ID"
    """
    response = session.call("OperatorService/GetOrganization", organization_id=id)
    found = response.organization
    session.show(_row(found) if session.for_people else found)


@organizations.command("create")
@click.argument("name")
@click.option("--admin-email", required=True, help="Address of its first administrator.")
@click.option("--admin-name", help="Their name; from the address if left out.")
@pass_session
def create(session: Session, name: str, admin_email: str, admin_name: str | None) -> None:
    """Create one with its first administrator, whom orgplane-server create-token lets in, on the machine.

    \b
    Examples:
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator organizations create Initech --admin-email ada@initech.example
    """
    response = session.call(
        "OperatorService/CreateOrganization",
        name=name,
        admin_email=admin_email,
        admin_name=admin_name,
    )
    made = response.organization
    session.show(_row(made) if session.for_people else made)


@organizations.command("suspend")
@click.argument("id")
@yes_option
@pass_session
def suspend(session: Session, id: str, yes: bool) -> None:
    """Suspend one: it shows itself, and nothing else is done for it until it is resumed. What it has stays.

    \b
    Examples:
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator organizations suspend "$FORMER_ORGANIZATION_ID" --yes
    """
    session.confirm(lambda: f"Suspend {_described(session, id)}?", yes)
    session.call("SuspendOrganization", organization_id=id)
    session.done(f"organization {id}: suspended")


@organizations.command("delete")
@click.argument("id")
@click.option("--now", is_flag=True, help="At once and for good, not in 7 days.")
@click.option(
    "--confirm", metavar="NAME", help="Its name, instead of typing it; needed without a terminal."
)
@pass_session
def delete(session: Session, id: str, now: bool, confirm: str | None) -> None:
    """Suspend one, and delete it 7 days later with everything in it, unless it is resumed.

    \b
    Examples:
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator organizations delete "$FORMER_ORGANIZATION_ID" --confirm Former
    """
    name = session.call("OperatorService/GetOrganization", organization_id=id).organization.name
    session.confirm_by_name(
        f"This deletes organization {id} ({name}).\nType its name to go on", name, confirm
    )
    left = session.call(
        "OperatorService/DeleteOrganization", organization_id=id, now=now
    ).organization
    if left is None:
        session.done(f"organization {id}: deleted")
    else:
        session.done(f"organization {id}: suspended, and deleted in 7 days")


@organizations.command("resume")
@click.argument("id")
@pass_session
def resume(session: Session, id: str) -> None:
    """Resume one that is suspended: everything works as before.

    \b
    Examples:
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator organizations resume "$FORMER_ORGANIZATION_ID"
    """
    session.call("ResumeOrganization", organization_id=id)
    session.done(f"organization {id}: active")


@group.group("events", cls=Group)
def events() -> None:
    """What changed in all organizations, in detail and in order, past and live."""


@events.command("list")
@filters
@_of_one
@click.option("--newest-first", is_flag=True, help="Back in time. Default: oldest first.")
@limit_option
@pass_session
def list_events(
    session: Session,
    resource_types: tuple[str, ...],
    resource_ids: tuple[str, ...],
    actor_ids: tuple[str, ...],
    after: str | None,
    organization: str | None,
    newest_first: bool,
    limit: int | None,
) -> None:
    """List events that meet all that is asked for.

    \b
    Examples:
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator events list --newest-first --limit 10
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator events list --organization "$FORMER_ORGANIZATION_ID" --output json
    """
    pages = session.api.events(
        "ListAllEvents",
        limit,
        cursor=after,
        filter=narrowed(resource_types, resource_ids, actor_ids),
        newest_first=newest_first,
        organization_id=organization,
    )
    show(session, pages, ("organization_id", *_EVENT_COLUMNS))


@events.command("watch")
@filters
@_of_one
@limit_option
@pass_session
def watch_events(
    session: Session,
    resource_types: tuple[str, ...],
    resource_ids: tuple[str, ...],
    actor_ids: tuple[str, ...],
    after: str | None,
    organization: str | None,
    limit: int | None,
) -> None:
    """Show events as they come, from now on or from a cursor, until Ctrl-C or --limit.

    It connects again by itself and misses none. With --output json there is one object a line, whose `cursor` a
    later watch goes on from.

    \b
    Examples:
      ORGPLANE_TOKEN=$OPERATOR_TOKEN orgplane operator events watch --after "$OPERATOR_CURSOR" --limit 1
    """
    told = session.api.watch(
        "WatchAllEvents",
        limit,
        connected(session),
        cursor=after,
        filter=narrowed(resource_types, resource_ids, actor_ids),
        organization_id=organization,
    )
    follow(session, told, ("organization_id", *_EVENT_COLUMNS))


def _row(organization: Any) -> dict[str, Any]:
    """What people see of one, its usage among it."""
    usage = organization.usage
    more = "" if usage.members.relation.name == "EQ" else "+"
    return {
        "id": organization.id,
        "name": organization.name,
        "state": organization.state,
        "suspended_at": organization.suspended_at,
        "deletes_at": organization.deletes_at,
        "created_at": organization.created_at,
        "members": f"{usage.members.value}{more}",
        "scim_configurations": str(usage.scim_configurations),
        "sso_configurations": str(usage.sso_configurations),
        "changed_at": usage.changed_at,
    }


def _described(session: Session, id: str) -> str:
    found = session.call("OperatorService/GetOrganization", organization_id=id).organization
    return f"organization {id} ({found.name})"
