"""`orgplane webhooks`"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from . import secret
from .command import Duration, Group, TokenCommand, limit_option, yes_option
from .events import connected
from .session import Session, pass_session, tell

_COLUMNS = ("id", "url", "description", "event_types", "enabled", "succeeded_at", "warning")
_DELIVERY_COLUMNS = (
    *("id", "created_at", "event_type", "resource_id", "cause", "state", "attempts"),
    *("status_code", "duration", "next_attempt_at", "error"),
)
_FORWARDED = ("occurred_at", "event_type", "resource_id", "event_id", "status")
#: The environment of `listen`.
_SECRET = "ORGPLANE_WEBHOOK_SECRET"
_STATES = ("pending", "delivered", "failed")


@click.group(cls=Group)
def group() -> None:
    """Events posted to your servers, signed as Standard Webhooks. Administrators only."""


_event_types = click.option(
    "--event-type",
    "event_types",
    multiple=True,
    metavar="TYPE",
    help="What is posted, as user or user.update. May be repeated. Default: everything.",
)


@group.command("create", cls=TokenCommand)
@click.option("--endpoint", required=True, metavar="URL", help="Where to, by https.")
@click.option("--description", help="What people call it.")
@_event_types
@pass_session
def create(
    session: Session, endpoint: str, description: str | None, event_types: tuple[str, ...]
) -> None:
    """Create an endpoint, to which events from now on are posted. Its secret is shown this once.

    \b
    Examples:
      orgplane webhooks create --endpoint https://hooks.example.com/orgplane
      orgplane webhooks create --endpoint https://hooks.example.com/people --event-type user \\
        --event-type group.update --output json
    """
    response = session.call(
        "CreateWebhookEndpoint", url=endpoint, description=description, event_types=event_types
    )
    _show_secret(session, response)


@group.command("list")
@limit_option
@pass_session
def list_(session: Session, limit: int | None) -> None:
    """List endpoints, oldest first.

    \b
    Examples:
      orgplane webhooks list
      orgplane webhooks list --output json
    """
    session.show_all(session.api.pages("ListWebhookEndpoints", limit), _COLUMNS)


@group.command("get")
@click.argument("id")
@pass_session
def get(session: Session, id: str) -> None:
    """Show one endpoint.

    \b
    Examples:
      orgplane webhooks get "$WEBHOOK_ENDPOINT_ID"
    """
    session.show(_get(session, id))


@group.command("update", apart=("--event-type", "--all-event-types"))
@click.argument("id")
@click.option("--endpoint", metavar="URL", help="Where to, by https.")
@click.option("--description", help="What people call it; '' clears it.")
@_event_types
@click.option("--all-event-types", is_flag=True, help="Everything is posted.")
@click.option(
    "--enabled/--disabled",
    default=None,
    help="Whether anything is posted. It keeps its place; when it is enabled, what waits is tried at once.",
)
@pass_session
def update(
    session: Session,
    id: str,
    endpoint: str | None,
    description: str | None,
    event_types: tuple[str, ...],
    all_event_types: bool,
    enabled: bool | None,
) -> None:
    """Change what is named, and nothing else.

    \b
    Examples:
      orgplane webhooks update "$WEBHOOK_ENDPOINT_ID" --event-type user --event-type group
      orgplane webhooks update "$WEBHOOK_ENDPOINT_ID" --disabled
    """
    wanted = {"values": event_types} if event_types or all_event_types else None
    changes = {
        "url": endpoint,
        "description": description,
        "event_types": wanted,
        "enabled": enabled,
    }
    session.require_some(changes)
    before = _get(session, id)
    after = session.call("UpdateWebhookEndpoint", webhook_endpoint_id=id, **changes)
    session.show_change(f"webhook endpoint {id}", changes, before, after.webhook_endpoint)


@group.command("delete")
@click.argument("id")
@yes_option
@pass_session
def delete(session: Session, id: str, yes: bool) -> None:
    """Delete an endpoint, and what waits for it.

    \b
    Examples:
      orgplane webhooks delete "$FORMER_WEBHOOK_ENDPOINT_ID" --yes
    """
    session.confirm(lambda: f"Delete webhook endpoint {id} ({_get(session, id).url})?", yes)
    session.call("DeleteWebhookEndpoint", webhook_endpoint_id=id)
    session.done(f"webhook endpoint {id}: deleted")


@group.command("rotate-secret", cls=TokenCommand)
@click.argument("id")
@click.option(
    "--overlap",
    type=Duration(),
    help="How long there are signatures by the present secret too: 24h by default, 7d at most.",
)
@pass_session
def rotate_secret(session: Session, id: str, overlap: str | None) -> None:
    """Give an endpoint another secret, which is shown this once.

    \b
    Examples:
      orgplane webhooks rotate-secret "$WEBHOOK_ENDPOINT_ID" --overlap 1h
    """
    response = session.call("RotateWebhookSecret", webhook_endpoint_id=id, overlap=overlap)
    _show_secret(session, response)


@group.command("deliveries")
@click.argument("id")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@limit_option
@pass_session
def deliveries(session: Session, id: str, state: str | None, limit: int | None) -> None:
    """List what was posted to an endpoint, or is to be, and what came back; newest first.

    \b
    Examples:
      orgplane webhooks deliveries "$WEBHOOK_ENDPOINT_ID" --limit 10
      orgplane webhooks deliveries "$WEBHOOK_ENDPOINT_ID" --state pending --output json
    """
    wanted = None if state is None else f"WEBHOOK_DELIVERY_STATE_{state.upper()}"
    pages = session.api.pages("ListWebhookDeliveries", limit, webhook_endpoint_id=id, state=wanted)
    session.show_all(pages, _DELIVERY_COLUMNS)


@group.command("redeliver")
@click.argument("id")
@click.argument("delivery_id")
@pass_session
def redeliver(session: Session, id: str, delivery_id: str) -> None:
    """Post something again, once and at once, and show what came back.

    \b
    Examples:
      orgplane webhooks redeliver "$WEBHOOK_ENDPOINT_ID" "$WEBHOOK_DELIVERY_ID"
    """
    response = session.call(
        "RedeliverWebhook", webhook_endpoint_id=id, webhook_delivery_id=delivery_id
    )
    session.show(response.webhook_delivery)


@group.command("test")
@click.argument("id")
@pass_session
def test(session: Session, id: str) -> None:
    """Post a test event, once and at once, and show what came back.

    \b
    Examples:
      orgplane webhooks test "$WEBHOOK_ENDPOINT_ID"
    """
    response = session.call("TestWebhookEndpoint", webhook_endpoint_id=id)
    session.show(response.webhook_delivery)


@group.command("listen")
@click.option("--forward-to", required=True, metavar="URL", help="Where to, on your machine.")
@click.option(
    "--secret-file",
    metavar="FILE",
    help="What they are signed with, - for standard input. Without it that in ORGPLANE_WEBHOOK_SECRET, or a new one, which is told.",
)
@_event_types
@click.option("--after", metavar="CURSOR", help="Behind this place: any event's cursor.")
@limit_option
@pass_session
def listen(
    session: Session,
    forward_to: str,
    secret_file: str | None,
    event_types: tuple[str, ...],
    after: str | None,
    limit: int | None,
) -> None:
    """Post events to a server that you write, as webhooks are posted, until Ctrl-C. Each is tried once.

    \b
    Examples:
      orgplane webhooks listen --forward-to http://127.0.0.1:3000 --after "$CURSOR" --limit 1
      orgplane webhooks listen --forward-to http://127.0.0.1:3000/hook --event-type user \\
        --after "$CURSOR" --limit 1 --output json
    """
    from .forwarding import Forwarding, event_type, new_secret

    if secret_file is None:
        signed_with = os.environ.get(_SECRET) or _told(new_secret())
    else:
        signed_with = secret.read(secret_file, "secret")
    forwarding = Forwarding(forward_to, signed_with)

    def rows() -> Iterator[dict[str, Any]]:
        events: Iterator[Any] = session.api.watch(
            "WatchEvents", None, connected(session), cursor=after
        )
        for event in events:
            resource, what = event_type(event)
            if event_types and not {resource, what} & {*event_types}:
                continue
            yield {
                "occurred_at": event.occurred_at,
                "event_type": what,
                "resource_id": event.resource_id,
                "event_id": event.id,
                "cursor": event.cursor,
                "status": forwarding.post(event),
            }

    session.follow(islice(rows(), limit), _FORWARDED)


def _told(made: str) -> str:
    tell(f"signed with {made}")
    return made


def _get(session: Session, id: str) -> Any:
    return session.call("GetWebhookEndpoint", webhook_endpoint_id=id).webhook_endpoint


def _show_secret(session: Session, response: Any) -> None:
    endpoint = response.webhook_endpoint
    people = {"id": endpoint.id, "url": endpoint.url, "secret": response.secret}
    session.show_token(response.secret, people, response, "secret")
