"""`orgplane audit-logs`"""

from __future__ import annotations

import click

from .command import RESOURCE_TYPES, Group, Instant, limit_option, resource_type
from .session import Session, pass_session

_COLUMNS = (
    *("created_at", "action", "subject_type", "subject_id", "actor_principal", "actor_id", "id"),
)


@click.group(cls=Group)
def group() -> None:
    """The audit log: who did what to what, and when. Administrators only."""


@group.command("list")
@click.option("--actor", "actor_ids", multiple=True, metavar="ID", help="By whom. May be repeated.")
@click.option(
    "--subject", "subject_ids", multiple=True, metavar="ID", help="About what. May be repeated."
)
@click.option(
    "--subject-type",
    "subject_types",
    multiple=True,
    type=click.Choice(RESOURCE_TYPES),
    help="About which kind of thing. May be repeated.",
)
@click.option("--since", type=Instant(), help="At this time or later; 24h is a day ago.")
@click.option("--until", type=Instant(), help="Earlier than this time.")
@click.option("--oldest-first", is_flag=True, help="Default: newest first.")
@limit_option
@pass_session
def list_(
    session: Session,
    actor_ids: tuple[str, ...],
    subject_ids: tuple[str, ...],
    subject_types: tuple[str, ...],
    since: str | None,
    until: str | None,
    oldest_first: bool,
    limit: int | None,
) -> None:
    """List entries that meet all that is asked for. `events` has what they changed in detail.

    \b
    Examples:
      orgplane audit-logs list --limit 20
      orgplane audit-logs list --since 24h --subject-type scim-configuration
      orgplane audit-logs list --actor "$USER_ID" --since 2026-01-01 --oldest-first --output json
    """
    narrowed = {
        "actorIds": actor_ids,
        "subjectIds": subject_ids,
        "subjectTypes": [resource_type(name) for name in subject_types],
        "from": since,
        "to": until,
    }
    sort = {"field": "created_at", "order": f"SORT_ORDER_{'ASC' if oldest_first else 'DESC'}"}
    pages = session.api.pages("ListAuditLogs", limit, filter=narrowed, sort=sort)
    session.show_all(pages, _COLUMNS)


@group.command("get")
@click.argument("id")
@pass_session
def get(session: Session, id: str) -> None:
    """Show one entry.

    \b
    Examples:
      orgplane audit-logs get "$EVENT_ID"
    """
    session.show(session.call("GetAuditLog", audit_log_entry_id=id).entry)
