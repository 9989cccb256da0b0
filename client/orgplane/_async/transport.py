from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from pyqwest import Request, Response, Transport

from .._core.gateway import LONGEST, Answer, is_rpc

#: Told of the server's answer to what the current task or thread calls, before it is read.
answered: ContextVar[Callable[[Response], None] | None] = ContextVar("answered", default=None)


class AsyncServersAnswers:
    """A transport that gives what a server answers, and raises a ConnectError for what a gateway does."""

    def __init__(self, transport: Transport, token: str) -> None:
        self._transport = transport
        self._token = token

    async def execute(self, request: Request) -> Response:
        # The library says `identity`, which is no content coding (RFC 9110, section 8.4.1).
        if request.headers.get("content-encoding") == "identity":
            del request.headers["content-encoding"]
        response = await self._transport.execute(request)
        if response.status == 200 and is_rpc(response.headers):
            if (tell := answered.get()) is not None:
                tell(response)
            return response
        body = bytearray()
        async with response:
            async for chunk in response.content:
                body += chunk
                if len(body) > LONGEST:
                    break
        answer = Answer(response.status, response.headers, bytes(body), request.url, self._token)
        if not answer.is_the_servers():
            raise answer.error()
        return Response(
            status=response.status,
            http_version=response.http_version,
            headers=response.headers,
            content=answer.body,
            trailers=response.trailers,
        )
