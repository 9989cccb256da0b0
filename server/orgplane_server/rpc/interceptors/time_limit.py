from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.interceptor import UnaryInterceptor
from connectrpc.request import RequestContext

REQ = TypeVar("REQ")
RES = TypeVar("RES")


class TimeLimit(UnaryInterceptor):
    """Ends a unary RPC whose client set no deadline, or one later than ours. Streams may last."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def intercept_unary(
        self,
        call_next: Callable[[REQ, RequestContext[Any, Any]], Awaitable[RES]],
        request: REQ,
        ctx: RequestContext[Any, Any],
        /,
    ) -> RES:
        try:
            async with asyncio.timeout(self._seconds) as limit:
                return await call_next(request, ctx)
        except TimeoutError:
            if not limit.expired():
                raise
            raise too_long(self._seconds) from None


def too_long(seconds: float) -> ConnectError:
    return ConnectError(Code.DEADLINE_EXCEEDED, f"not finished within {seconds:g} s")
