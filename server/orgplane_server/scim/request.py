"""What a SCIM request is about, beyond its body: who sends it, and where it came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from ..fairness import whose
from ..usecases.scim_access import Visit
from .errors import ClientLeft, invalid
from .turns import Turn

#: What may be asked of a list (RFC 7644, section 3.4.2; RFC 9865), in a query string or in a body.
PARAMETERS = (
    *("attributes", "excludedAttributes", "filter", "sortBy", "sortOrder", "startIndex", "count"),
    "cursor",
)
_PARAMETERS = {name.lower(): name for name in PARAMETERS}
_HOST = re.compile(r"[A-Za-z\d.-]+(?::\d{1,4})?", re.ASCII)


def visit(request: Request) -> Visit:
    """The record of this request, which knows the configuration once the gate has looked."""
    found: Visit = request.state.visit
    return found


def turn(request: Request) -> Turn:
    """What a request has to take before a thread works on what is large in it."""
    found: Turn = request.state.turn
    return found


async def take_turn(request: Request, mine: Turn) -> None:
    """Raises Unavailable as `Turn.take`, and ClientLeft for whom the client does not wait any more."""
    await mine.take(whose.get())
    await require_client(request)


async def require_client(request: Request) -> None:
    """Before anything is begun: raises ClientLeft if it has. For a request that is there whole."""
    if await request.state.has_left():
        raise ClientLeft


def await_client(request: Request) -> None:
    """For a request that is there whole: from now on it is dropped whenever its client has left before its turn at the database."""
    visit(request).wanted = partial(require_client, request)


def base(request: Request) -> str:
    """The URL that the endpoints are below, as the client sees it: with `/api` and the configuration."""
    return f"{request.state.origin}{request.scope['root_path']}"


def origin(request: Request) -> str:
    """The server as the client addressed it."""
    host = request.headers.get("host", "")
    if _HOST.fullmatch(host):  # needs no parsing
        return f"{request.scope['scheme']}://{host}"
    return f"{request.url.scheme}://{request.url.netloc}"


def parameters(request: Request) -> Mapping[str, Any]:
    """What the query string says of SCIM's parameters, whose names may be in any case.

    Raises InvalidArgument for one that is there twice, and for text that is not UTF-8.
    """
    if not (query := request.scope["query_string"]):
        return {}
    try:
        pairs = parse_qsl(query.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise invalid("invalidValue", "query", "is not UTF-8") from None
    known = [(name, value) for sent, value in pairs if (name := _PARAMETERS.get(sent.lower()))]
    given = dict(known)
    if len(given) < len(known):
        names = [name for name, _ in known]
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid("invalidValue", twice, "is given twice")
    return given
