"""What browsers ask of a page."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl
from uuid import UUID

from ..domain.caller import Origin
from ..telemetry.call import current_call
from ..usecases.address_limit import AddressLimit
from .responses import Receive, Scope, Send, refuse

_MOST_FIELDS = 50


class Malformed(Exception):
    """A query or a form has what none of our pages puts there."""


async def served(scope: Scope, send: Send, methods: Collection[str]) -> bool:
    """Whether the method is one of these; if not, that was answered."""
    if scope["method"] in methods:
        return True
    await refuse(send, 405, "unimplemented", f"only {' and '.join(methods)} is served here")
    return False


async def asked(scope: Scope, send: Send, limit: AddressLimit, methods: Collection[str]) -> bool:
    """As `served`; counts, as what is asked for takes no token."""
    limit.count(current_call.get().peer)
    return await served(scope, send, methods)


def origin() -> Origin:
    call = current_call.get()
    return Origin(call.request_id, call.peer)


def query(scope: Scope) -> dict[str, str]:
    """The parameters of the query, each there once (RFC 6749, section 3.1). Raises Malformed."""
    return _fields(scope["query_string"])


async def form(scope: Scope, receive: Receive) -> dict[str, str]:
    """The fields of a form that was posted, each there once. Raises Malformed."""
    headers = dict(scope["headers"])
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind != b"application/x-www-form-urlencoded":
        raise Malformed
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return _fields(bytes(body))


def id_below(scope: Scope, path: str) -> UUID | None:
    """The id that follows in the path; None for what is none."""
    try:
        return UUID(scope["path"].removeprefix(path))
    except ValueError:
        return None


def is_of_another_site(scope: Scope) -> bool:
    """Whether a form was posted that is on a page of somebody else, by what browsers say (Fetch Metadata)."""
    site = dict(scope["headers"]).get(b"sec-fetch-site", b"none")
    return scope["method"] == "POST" and site not in (b"same-origin", b"none")


def _fields(text: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        found = dict(pairs)
        for value in found.values():
            value.encode()
    except ValueError:
        raise Malformed from None
    if len(found) < len(pairs):
        raise Malformed
    return found
