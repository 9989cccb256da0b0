"""`orgplane roles`"""

from __future__ import annotations

from typing import Any

import click

from .command import Group, limit_option, yes_option
from .members import member_argument
from .names import GROUP, MEMBER, SERVICE_ACCOUNT
from .session import Session, pass_session

_COLUMNS = ("id", "role", "principal", "principal_id", "principal_name")
_ROLES = ("admin", "member", "groups-admin", "audit-log-reader", "security-admin")


@click.group(cls=Group)
def group() -> None:
    """Roles on the organization, of members, and of groups: whoever is in one has its roles.

    Everybody sees them. Administrators assign them, and groups administrators those that permit no more than they may.
    """


@group.command("list")
@click.option("--to", metavar="ID", help="Those of this member, group or service account itself.")
@limit_option
@pass_session
def list_(session: Session, to: str | None, limit: int | None) -> None:
    """List what is assigned, oldest first.

    \b
    Examples:
      orgplane roles list
      orgplane roles list --to "$MEMBER_ID" --output json
    """
    pages = session.api.pages("ListAssignedRoles", limit, principal_id=to or "")
    session.show_all(pages, _COLUMNS)


@group.command("show")
@member_argument
@pass_session
def show(session: Session, member: str) -> None:
    """Show which roles a member has, and why.

    \b
    Examples:
      orgplane roles show admin@acme.example
      orgplane roles show "$MEMBER_ID" --output json
    """
    found = session.call("GetEffectiveRoles", user_id=member).effective_roles
    session.show(_summary(found) if session.for_people else found)


@group.command("assign")
@click.argument("role", type=click.Choice(_ROLES))
@click.option(
    "--group", "group_id", type=GROUP, metavar="ID_OR_NAME", help="To all who are in this group."
)
@click.option("--member", type=MEMBER, metavar="ID_OR_EMAIL", help="To this member.")
@click.option(
    "--service-account", type=SERVICE_ACCOUNT, metavar="ID_OR_NAME", help="To this service account."
)
@pass_session
def assign(
    session: Session,
    role: str,
    group_id: str | None,
    member: str | None,
    service_account: str | None,
) -> None:
    """Assign a role. Whoever holds the SCIM token of a provider's group can give it to anybody.

    \b
    Examples:
      orgplane roles assign admin --group "$GROUP_ID"
      orgplane roles assign audit-log-reader --member "$MEMBER_ID"
    """
    given = {
        "GROUP": group_id,
        "USER": member,
        "SERVICE_ACCOUNT": service_account,
    }
    chosen = [(kind, id) for kind, id in given.items() if id is not None]
    if len(chosen) != 1:
        raise click.UsageError("say to whom, with one of --group, --member and --service-account")
    ((kind, id),) = chosen
    made = session.call(
        "AssignRole",
        principal=f"ROLE_PRINCIPAL_{kind}",
        principal_id=id,
        role=f"ROLE_{role.replace('-', '_').upper()}",
    )
    session.show(made.assigned_role)


@group.command("revoke")
@click.argument("id")
@yes_option
@pass_session
def revoke(session: Session, id: str, yes: bool) -> None:
    """Revoke what was assigned, by the id that `list` shows.

    \b
    Examples:
      orgplane roles revoke "$ASSIGNED_ROLE_ID" --yes
    """
    session.confirm(lambda: f"Revoke the role that was assigned as {id}?", yes)
    session.call("RevokeRole", assigned_role_id=id)
    session.done(f"role {id}: revoked")


def _summary(found: Any) -> dict[str, Any]:
    summary: dict[str, Any] = {"user_id": found.user_id, "own_role": found.own_role}
    for number, each in enumerate(found.because_of, 1):
        principal = each.principal.name.lower().replace("_", " ")
        because = "assigned to them" if principal == "user" else f"because of {principal}"
        whom = "" if principal == "user" else f" {each.principal_id} ({each.principal_name})"
        role = each.role.name.lower().replace("_", " ")
        summary[f"role_{number}"] = f"{role}, {because}{whom}"
    return summary
