from __future__ import annotations

from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

from connectrpc.request import RequestContext
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from protobuf import Message

from ...domain.errors import InvalidArgument, Violation
from .incoming import Incoming

#: The raw query string of the HTTP request being served.
query_string: ContextVar[bytes] = ContextVar("query_string", default=b"")


class QueryPagination(Incoming):
    """Takes `?pageSize=…&token=…` of a POST as the request's pagination.

    The older generation of the vendor's SDKs sends it so, with an empty body, and would ask for the
    first page for ever if the query were ignored. What the body says wins.
    """

    def accept(self, message: Message, ctx: RequestContext[Any, Any]) -> None:
        raw = query_string.get()
        if not raw or ctx.http_method != "POST" or not hasattr(message, "pagination"):
            return
        if message.pagination is not None:
            return
        query = parse_qs(raw.decode("ascii", "replace"))
        size, token = query.get("pageSize", ["0"])[-1], query.get("token", [""])[-1]
        if not size.isascii() or not size.isdigit() or len(size) > 9:
            raise InvalidArgument(
                Violation("pagination.page_size", "must be a whole number", "int32.valid")
            )
        message.pagination = PaginationRequest(page_size=int(size), token=token)
