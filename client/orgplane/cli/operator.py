"""`orgplane operator`"""

from __future__ import annotations

from typing import Any

import click

from .command import Group, limit_option, yes_option
from .session import Session, pass_session

_COLUMNS = (
    *("id", "name", "state", "members", "scim_configurations", "sso_configurations", "changed_at"),
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
