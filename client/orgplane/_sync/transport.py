# Generated from _async/transport.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from pyqwest import SyncRequest, SyncResponse, SyncTransport

from .._core.gateway import LONGEST, Answer, is_rpc

#: Told of the server's answer to what the current task or thread calls, before it is read.
answered: ContextVar[Callable[[SyncResponse], None] | None] = ContextVar("answered", default=None)


class ServersAnswers:
    """A transport that gives what a server answers, and raises a ConnectError for what a gateway does."""

    def __init__(self, transport: SyncTransport, token: str) -> None:
        self._transport = transport
        self._token = token

    def execute_sync(self, request: SyncRequest) -> SyncResponse:
        # The library says `identity`, which is no content coding (RFC 9110, section 8.4.1).
        if request.headers.get("content-encoding") == "identity":
            del request.headers["content-encoding"]
        response = self._transport.execute_sync(request)
        if response.status == 200 and is_rpc(response.headers):
            if (tell := answered.get()) is not None:
                tell(response)
            return response
        body = bytearray()
        with response:
            for chunk in response.content:
                body += chunk
                if len(body) > LONGEST:
                    break
        answer = Answer(response.status, response.headers, bytes(body), request.url, self._token)
        if not answer.is_the_servers():
            raise answer.error()
        return SyncResponse(
            status=response.status,
            http_version=response.http_version,
            headers=response.headers,
            content=answer.body,
            trailers=response.trailers,
        )
