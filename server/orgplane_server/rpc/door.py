from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from . import json_lines
from .interceptors.errors import Errors
from .interceptors.query_pagination import query_string
from .receiving import Message, Receive, patient
from .services import Services
from .unimplemented import Unimplemented

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class RpcDoor:
    """Every service on one port, in every protocol."""

    def __init__(self, services: Services, errors: Errors, max_request_bytes: int) -> None:
        self._errors = errors
        self._max_request_bytes = max_request_bytes
        self._routes = {
            f"/{service.type_name}/{method.name}": application
            for service, application in services.items()
            for method in service.methods
        }
        self._streams = {
            f"/{service.type_name}/{method.name}"
            for service in services
            for method in service.methods
            if method.method_kind == "server_streaming"
        }

    def serves(self, path: str) -> bool:
        """Whether a path is an RPC's, served here or not."""
        return path in self._routes or Unimplemented.at(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        application = self._routes.get(path) or Unimplemented.at(
            path, self._errors, streams=_is_connect_stream(scope)
        )
        assert application is not None, "only paths that `serves` knows come here"
        query_string.set(scope["query_string"])
        if path in self._streams and json_lines.asked(scope):
            await json_lines.answer(
                application, scope, patient(receive), send, self._max_request_bytes
            )
        else:
            await application(scope, patient(receive), send)


def _is_connect_stream(scope: Scope) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"application/connect+")
        for name, value in scope["headers"]
    )
