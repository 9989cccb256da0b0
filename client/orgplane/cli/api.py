"""Calls RPCs by their names in the contract, with fields as its JSON has them."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from orgplane_api.gitpod.v1.identity_service_connect import (
    IdentityService,
    IdentityServiceClientSync,
)
from orgplane_api.gitpod.v1.organization_service_connect import (
    OrganizationService,
    OrganizationServiceClientSync,
)
from orgplane_api.gitpod.v1.user_service_connect import UserService, UserServiceClientSync
from protobuf import Message

from .._core.options import Options
from .._sync.connection import Connection
from .wire import WireTransport

#: Every service there is, with the client that is generated for it.
SERVICES: tuple[tuple[Any, Any], ...] = (
    (OrganizationService, OrganizationServiceClientSync),
    (IdentityService, IdentityServiceClientSync),
    (UserService, UserServiceClientSync),
)
_LARGEST_PAGE = 100


class API:
    """The RPCs of one server. Raises an APIError for a call that fails."""

    def __init__(self, options: Options, *, debug: bool) -> None:
        self._wire = WireTransport(**options.transport()) if debug else None
        self._connection = Connection(options, self._wire)
        self._methods = {}
        for service, kind in SERVICES:
            stub = self._connection.stub(kind)
            functions = {name.replace("_", ""): name for name in dir(stub)}
            for method in service.desc().methods:
                function = getattr(stub, functions[method.name.lower()])
                self._methods[method.name] = (method, function)

    def call(self, rpc: str, /, **fields: Any) -> Any:
        """The response message. Fields that are None are absent."""
        method, function = self._methods[rpc]
        with _interruptible():
            return self._connection.call(function, _request(method, fields), None)

    def pages(
        self, rpc: str, limit: int | None = None, /, **fields: Any
    ) -> Iterator[Sequence[Message]]:
        """A list's items, page by page, each asked for when it is needed; no more than `limit` in all."""
        token, left = "", limit
        while True:
            size = _LARGEST_PAGE if left is None else min(left, _LARGEST_PAGE)
            response = self.call(rpc, pagination={"pageSize": size, "token": token}, **fields)
            items = _items(response)[:left]
            yield items
            left = None if left is None else left - len(items)
            token = response.pagination.next_token if response.pagination else ""
            if not token or left == 0:
                return

    def close(self) -> None:
        self._connection.close()
        if self._wire is not None:
            self._wire.close()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends the process at once: Python's own handler would wait for the HTTP library to return."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _request(method: Any, fields: dict[str, Any]) -> Message:
    given = {name: value for name, value in fields.items() if value is not None}
    request: Message = method.input.type.from_json(json.dumps(given))
    return request


def _items(response: Message) -> Sequence[Message]:
    """The one list that a list's response has."""
    values = (getattr(response, field.local_name) for field in response.desc().fields)
    return next(value for value in values if isinstance(value, list))
