"""`orgplane events`"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import click

from .command import RESOURCE_TYPES, Group, limit_option, resource_type
from .session import Session, pass_session, tell

COLUMNS = ("occurred_at", "operation", "resource_type", "resource_id", "actor", "changes")


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that narrow events, and the place to go on from."""
    for option in (
        click.option("--after", metavar="CURSOR", help="Behind this place: any event's cursor."),
        click.option(
            "--actor", "actor_ids", multiple=True, metavar="ID", help="By whom. May be repeated."
        ),
        click.option(
            "--resource",
            "resource_ids",
            multiple=True,
            metavar="ID",
            help="About what. May be repeated.",
        ),
        click.option(
            "--resource-type",
            "resource_types",
            multiple=True,
            type=click.Choice(RESOURCE_TYPES),
            help="About which kind of thing. May be repeated.",
        ),
    ):
        function = option(function)
    return function


@click.group(cls=Group)
def group() -> None:
    """What changed, in detail and in order, past and live. Administrators only."""


@group.command("list")
@filters
@click.option("--newest-first", is_flag=True, help="Back in time. Default: oldest first.")
@limit_option
@pass_session
def list_(
    session: Session,
    resource_types: tuple[str, ...],
    resource_ids: tuple[str, ...],
    actor_ids: tuple[str, ...],
    after: str | None,
    newest_first: bool,
    limit: int | None,
) -> None:
    """List events that meet all that is asked for.

    \b
    Examples:
      orgplane events list --newest-first --limit 10
      orgplane events list --resource "$SCIM_CONFIGURATION_ID" --output json
    """
    pages = session.api.events(
        "ListEvents",
        limit,
        cursor=after,
        filter=narrowed(resource_types, resource_ids, actor_ids),
        newest_first=newest_first,
    )
    show(session, pages, COLUMNS)


@group.command("get")
@click.argument("id")
@pass_session
def get(session: Session, id: str) -> None:
    """Show one event; its id is that of its entry in the audit log.

    \b
    Examples:
      orgplane events get "$EVENT_ID" --output yaml
    """
    event = session.call("GetEvent", event_id=id).event
    session.show(_detailed(event) if session.for_people else event)


@group.command("watch")
@filters
@limit_option
@pass_session
def watch(
    session: Session,
    resource_types: tuple[str, ...],
    resource_ids: tuple[str, ...],
    actor_ids: tuple[str, ...],
    after: str | None,
    limit: int | None,
) -> None:
    """Show events as they come, from now on or from a cursor, until Ctrl-C or --limit.

    It connects again by itself and misses none. With --output json there is one object a line, whose `cursor` a
    later watch goes on from.

    \b
    Examples:
      orgplane events watch --after "$CURSOR" --limit 1
      orgplane events watch --after "$CURSOR" --limit 1 --resource-type scim-configuration \\
          --output json
    """
    events = session.api.watch(
        "WatchEvents",
        limit,
        connected(session),
        cursor=after,
        filter=narrowed(resource_types, resource_ids, actor_ids),
    )
    follow(session, events, COLUMNS)


def show(session: Session, pages: Iterable[Sequence[Any]], columns: Sequence[str]) -> None:
    """Pages of events."""
    rows = ([_row(event) for event in page] for page in pages)
    session.show_all(rows if session.for_people else pages, columns)


def follow(session: Session, events: Iterable[Any], columns: Sequence[str]) -> None:
    """Events as they come."""
    session.follow(map(_row, events) if session.for_people else events, columns)


def connected(session: Session) -> Callable[[], None]:
    """Tells people that nothing is missed from here on."""

    def say() -> None:
        if session.for_people:
            tell("watching; Ctrl-C ends it")

    return say


def narrowed(
    resource_types: Sequence[str], resource_ids: Sequence[str], actor_ids: Sequence[str]
) -> dict[str, Any]:
    """What the options that narrow say, as the contract has it."""
    return {
        "resourceTypes": [resource_type(name) for name in resource_types],
        "resourceIds": resource_ids,
        "actorIds": actor_ids,
    }


def _row(event: Any) -> dict[str, Any]:
    """An event on one line for people."""
    return {**_detailed(event), "changes": "; ".join(_changes(event))}


def _detailed(event: Any) -> dict[str, Any]:
    from .table import fields, text

    record = dict(fields(event))
    record["actor"] = " ".join(part for part in (text(event.actor.kind), event.actor.id) if part)
    record["changes"] = list(_changes(event))
    return record


def _changes(event: Any) -> Iterator[str]:
    from .table import text

    for change in event.changes:
        if change.secret:
            yield f"{change.field} replaced"
        else:
            before, after = (
                text(value.to_python() if value else None)
                for value in (change.before, change.after)
            )
            yield f"{change.field} {before} -> {after}"
