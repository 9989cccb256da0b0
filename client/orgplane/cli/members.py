"""`orgplane members`"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from .command import Group, limit_option, yes_option
from .names import MEMBER
from .session import Session, pass_session

_COLUMNS = ("user_id", "full_name", "email", "role", "status", "login_provider", "member_since")
_STATUSES = ("active", "suspended", "left")
_ROLES = ("admin", "member")


@click.group(cls=Group)
def group() -> None:
    """The people in the organization."""


@group.command("list")
@click.option("--search", metavar="TEXT", help="Part of the name or of the e-mail address.")
@click.option("--email", help="The whole e-mail address.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(_STATUSES),
    help="May be repeated. Default: active and suspended.",
)
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES), help="May be repeated.")
@click.option(
    "--user",
    "user_ids",
    multiple=True,
    type=MEMBER,
    metavar="ID_OR_EMAIL",
    help="These. May be repeated.",
)
@click.option(
    "--sort",
    type=click.Choice(["joined", "name"]),
    help="By what. Default: you come first, then the others by name.",
)
@click.option("--descending", is_flag=True, help="The other way round; takes --sort.")
@limit_option
@pass_session
def list_(
    session: Session,
    search: str | None,
    email: str | None,
    statuses: tuple[str, ...],
    roles: tuple[str, ...],
    user_ids: tuple[str, ...],
    sort: str | None,
    descending: bool,
    limit: int | None,
) -> None:
    """List those who meet all that is asked for.

    \b
    Examples:
      orgplane members list
      orgplane members list --role admin --sort name
      orgplane members list --search ada --status active --status left --output json
    """
    if descending and sort is None:
        raise click.UsageError("--descending: say what by, with --sort")
    narrowed = {
        "search": search or "",
        "email": email or "",
        "statuses": [f"USER_STATUS_{status.upper()}" for status in statuses],
        "roles": [_role(role) for role in roles],
        "userIds": user_ids,
    }
    order = sort and {
        "field": "SORT_FIELD_NAME" if sort == "name" else "SORT_FIELD_DATE_JOINED",
        "order": "SORT_ORDER_DESC" if descending else "SORT_ORDER_ASC",
    }
    pages = session.api.pages(
        "ListMembers",
        limit,
        organization_id=session.organization_id,
        filter=narrowed,
        sort=order,
    )
    session.show_all(pages, _COLUMNS)


def member_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """A member, by their id or their e-mail address."""
    return click.argument("member", type=MEMBER, metavar="ID_OR_EMAIL")(function)


@group.command("show")
@member_argument
@pass_session
def show(session: Session, member: str) -> None:
    """Show how identity providers know a member, who denies that they are active, and their groups. Administrators only.

    \b
    Examples:
      orgplane members show "$MEMBER_ID"
      orgplane members show admin@acme.example --output json
    """
    found = session.call("GetMembership", user_id=member).membership
    pages = session.api.pages("ListMemberGroups", user_id=member)
    groups = [group for page in pages for group in page]
    if session.for_people:
        session.show(_summary(found, groups))
    else:
        from .data import plain

        session.show({**plain(found), "groups": [plain(group) for group in groups]})


@group.command("set-role")
@member_argument
@click.argument("role", type=click.Choice(_ROLES))
@pass_session
def set_role(session: Session, member: str, role: str) -> None:
    """Make a member an administrator, or an administrator a member. Administrators only.

    \b
    Examples:
      orgplane members set-role "$USER_ID" admin
    """
    session.call(
        "SetRole", organization_id=session.organization_id, user_id=member, role=_role(role)
    )
    session.done(f"user {member}: {role}")


@group.command("remove")
@member_argument
@yes_option
@pass_session
def remove(session: Session, member: str, yes: bool) -> None:
    """End a membership: none of their tokens works, and no invite brings them back. Administrators only.

    An identity provider keeps its user, and makes them a member again only if it deactivates and then activates it.

    \b
    Examples:
      orgplane members remove "$MEMBER_ID" --yes
    """
    session.confirm(lambda: f"Remove {described(session, member)} from the organization?", yes)
    session.call("LeaveOrganization", user_id=member)
    session.done(f"user {member}: left")


@group.command("erase")
@member_argument
@yes_option
@pass_session
def erase(session: Session, member: str, yes: bool) -> None:
    """Forget a person, where the law asks for it: member or not any more, nothing but their id is left. Administrators only.

    They are taken out, what is theirs is deleted, and a tag takes the place of who they were in the audit log, in the
    requests of identity providers and in sign-ins. This cannot be undone. Have their identity provider forget them first: it may push them again.

    \b
    Examples:
      orgplane members erase "$MEMBER_ID" --yes
    """
    session.confirm(lambda: f"Forget user {member} for good?", yes)
    done = session.call("EraseMember", user_id=member)
    session.done(
        f"user {member}: erased; audit log entries {done.audit_events}, requests of identity providers {done.scim_requests}, "
        f"sign-ins {done.sign_ins}"
    )


def described(session: Session, id: str) -> str:
    """A user as a question names them."""
    user = session.call("GetUser", user_id=id).user
    return f"user {id} ({user.name} <{user.email}>)"


def _summary(membership: Any, groups: Sequence[Any]) -> dict[str, Any]:
    from .table import text

    def configuration(record: Any) -> str:
        id, name = record.scim_configuration_id, record.scim_configuration_name
        return (
            f"SCIM configuration {id}" + (f" ({name})" if name else "") if id else "administrator"
        )

    summary: dict[str, Any] = {"user_id": membership.user_id, "status": membership.status}
    for number, denial in enumerate(membership.denials, 1):
        summary[f"denial_{number}"] = f"{configuration(denial)}, since {text(denial.since)}"
    for number, link in enumerate(membership.links, 1):
        active = "active" if link.active else "not active"
        said = "".join(
            f", {label} {value}"
            for label, value in (
                ("external id", link.external_id),
                ("title", link.title),
                ("department", link.department),
                ("manager", link.manager_id),
            )
            if value
        )
        summary[f"link_{number}"] = f"{configuration(link)}: {link.user_name}{said}, {active}"
    for number, group in enumerate(groups, 1):
        kept = "an identity provider's" if group.system_managed else "local"
        summary[f"group_{number}"] = f"{group.name} ({group.id}), {kept}"
    return summary


def _role(name: str) -> str:
    return f"ORGANIZATION_ROLE_{name.upper()}"
