"""RPCs that nobody serves here: answered `unimplemented`, in whichever protocol they were asked."""

from __future__ import annotations

import re
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
    """An application that serves the one RPC at `path`, by saying that it is not served."""

    def __init__(self, path: str, service: str, method: str, *outer: Interceptor) -> None:
        self._path = path
        info = MethodInfo(
            name=method,
            service_name=service,
            input=Empty,
            output=Empty,
            idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
            stream_type=StreamType.UNARY,
        )
        super().__init__(
            service=None,
            endpoints=lambda _: {path: Endpoint.unary(method=info, function=_never)},
            interceptors=(*outer, _Refuse()),
        )

    @classmethod
    def at(cls, path: str, *outer: Interceptor) -> Unimplemented | None:
        """The application for a path that looks like an RPC's; None for any other."""
        match = _RPC_PATH.fullmatch(path)
        return match and cls(path, match["service"], match["method"], *outer)

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
