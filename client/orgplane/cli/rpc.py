"""`orgplane api`"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from .command import Command, limit_option
from .failure import Failure
from .session import Session, pass_session

if TYPE_CHECKING:
    from protobuf import Message


class _Method(click.ParamType):  # type: ignore[type-arg] # generic in click's newest only
    """An RPC by its name, with its service or, if no other is called so, without; in full, to what runs it."""

    name = "method"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> str:
        wanted = str(value).removeprefix("/")
        found = [name for name in _names() if f".{name}".endswith((f".{wanted}", f"/{wanted}"))]
        if len(found) == 1:
            return found[0]
        if found:
            self.fail(f"{value!r} is one of several: {', '.join(found)}", parameter, context)
        alike = [name for name in _names() if wanted.rpartition("/")[2].lower() in name.lower()]
        meant = f"; is it one of {', '.join(alike)}?" if 0 < len(alike) <= 5 else ""
        return self.fail(f"there is no RPC {value!r}{meant}", parameter, context)

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        names = _names()
        short = (name.partition(".v1.")[2] for name in names)
        return [CompletionItem(n) for n in chain(short, names) if n.startswith(incomplete)]


@click.command(cls=Command)
@click.argument("method", type=_Method())
@click.option(
    "-d",
    "--data",
    default="{}",
    metavar="JSON",
    help="The request: JSON, @FILE with it, or - for standard input. Default: an empty one.",
)
@click.option("--paginate", is_flag=True, help="Of a list: the items of all pages.")
@limit_option
@pass_session
def api(session: Session, method: str, data: str, paginate: bool, limit: int | None) -> None:
    """Call any RPC of the API by its name, with the token of the profile.

    It prints the answer as JSON, or as --output yaml has it. Of an RPC that streams each message is a line, until Ctrl-C or --limit.

    \b
    Examples:
      orgplane api GetAuthenticatedIdentity
      orgplane api gitpod.v1.OrganizationService/GetOrganization \\
          -d "{\\"organizationId\\": \\"$ORGANIZATION_ID\\"}"
      echo '{"filter": {}}' | orgplane api orgplane.v1.EventService/ListEvents -d - --paginate
      orgplane api orgplane.v1.EventService/WatchEvents --limit 1
    """
    from .api import methods

    session.as_data()
    described = methods()[method]
    streams = described.method_kind != "unary"
    if paginate and (streams or not (fields := _paging(described))):
        raise click.UsageError(f"--paginate: {method} is no list")
    if limit is not None and not (streams or paginate):
        raise click.UsageError("--limit: goes with --paginate, or with an RPC that streams")
    request = _request(described, data)
    if streams:
        session.follow(session.api.streamed(method, request, limit), ())
    elif paginate:
        session.show_all(_pages(session, method, described, request, fields, limit), ())
    else:
        session.show(session.api.called(method, request))


def _names() -> list[str]:
    from .api import methods

    return sorted(methods())


def _request(method: Any, data: str) -> Any:
    if data in ("-", "@-"):
        data = sys.stdin.read()
    elif data.startswith("@"):
        try:
            data = Path(data[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"--data: cannot read {data[1:]}: {error}") from None
    kind = method.input.type
    try:
        json.loads(data)
        return kind.from_json(data)
    except (ValueError, TypeError) as error:
        raise Failure(
            f"--data: {error}", f"It has to be the JSON of {kind.desc().type_name}."
        ) from None


def _paging(method: Any) -> tuple[str, ...]:
    """The fields by which a list goes from page to page: of the request; empty if it is none."""
    names = {field.name for field in method.input.fields}
    if "pagination" in names:
        return ("pagination",)
    return ("cursor", "page_size") if {"cursor", "page_size"} <= names else ()


def _pages(
    session: Session,
    rpc: str,
    method: Any,
    request: Message,
    fields: tuple[str, ...],
    limit: int | None,
) -> Iterator[Sequence[Message]]:
    """The items of a list, page by page, from the place that the request names."""
    from .api import LARGEST_PAGE, items

    asked: dict[str, Any] = json.loads(request.to_json())
    by_token = fields == ("pagination",)
    place = asked.setdefault("pagination", {}) if by_token else asked
    size, left = place.get("pageSize", LARGEST_PAGE), limit
    while True:
        place["pageSize"] = size if left is None else min(left, size)
        response = session.api.called(rpc, method.input.type.from_json(json.dumps(asked)))
        page = items(response)[:left]
        yield page
        left = None if left is None else left - len(page)
        if by_token:
            following = response.pagination.next_token if response.pagination else ""
            place["token"] = following
        else:
            following = response.cursor if response.more else ""
            place["cursor"] = following
        if not following or left == 0:
            return
