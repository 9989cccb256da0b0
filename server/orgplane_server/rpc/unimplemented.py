"""RPCs that nobody serves here: answered `unimplemented`, in whichever protocol they were asked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, NoReturn

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.interceptor import Interceptor, MetadataInterceptor
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from protobuf.wkt import Empty

_RPC_PATH = re.compile(r"/(?P<service>[A-Za-z_]\w*(?:\.\w+)+)/(?P<method>\w+)", re.ASCII)


class Unimplemented(ConnectASGIApplication[None]):
    """An application that serves the one RPC at `path`, by saying that it is not served.

    Whether the RPC is one that streams nobody knows; `streams` says that the caller takes it for one, which
    Connect, unlike the others, speaks differently.
    """

    def __init__(
        self, path: str, service: str, method: str, *outer: Interceptor, streams: bool
    ) -> None:
        self._path = path
        info = MethodInfo(
            name=method,
            service_name=service,
            input=Empty,
            output=Empty,
            idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
            stream_type=StreamType.BIDI_STREAM if streams else StreamType.UNARY,
        )
        endpoint: Any = (
            Endpoint.bidi_stream(method=info, function=_never_streamed)
            if streams
            else Endpoint.unary(method=info, function=_never)
        )
        super().__init__(
            service=None,
            endpoints=lambda _: {path: endpoint},
            interceptors=(*outer, _Refuse()),
        )

    @classmethod
    def at(cls, path: str, *outer: Interceptor, streams: bool = False) -> Unimplemented | None:
        """The application for a path that looks like an RPC's; None for any other."""
        match = _RPC_PATH.fullmatch(path)
        return match and cls(path, match["service"], match["method"], *outer, streams=streams)

    @property
    def path(self) -> str:
        return self._path


class _Refuse(MetadataInterceptor[None]):
    async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
        raise ConnectError(
            Code.UNIMPLEMENTED, f"{ctx.method.service_name}/{ctx.method.name} is not served here"
        )


async def _never(request: Empty, ctx: RequestContext[Any, Any]) -> NoReturn:
    raise AssertionError("refused before")


async def _never_streamed(
    requests: AsyncIterator[Empty], ctx: RequestContext[Any, Any]
) -> AsyncIterator[Empty]:
    raise AssertionError("refused before")
    yield
