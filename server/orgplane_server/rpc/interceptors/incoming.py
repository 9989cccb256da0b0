from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from connectrpc.interceptor import (
    BidiStreamInterceptor,
    ClientStreamInterceptor,
    ServerStreamInterceptor,
    UnaryInterceptor,
)
from connectrpc.request import RequestContext
from protobuf import Message

REQ = TypeVar("REQ")
RES = TypeVar("RES")


class Incoming(
    UnaryInterceptor, ServerStreamInterceptor, ClientStreamInterceptor, BidiStreamInterceptor
):
    """Sees every message that comes in, whatever the kind of RPC, before the handler does."""

    @abstractmethod
    def accept(self, message: Message, ctx: RequestContext[Any, Any]) -> None:
        """Raises to refuse the message; may fill it in."""

    async def intercept_unary(
        self,
        call_next: Callable[[REQ, RequestContext[Any, Any]], Awaitable[RES]],
        request: REQ,
        ctx: RequestContext[Any, Any],
        /,
    ) -> RES:
        self._accept(request, ctx)
        return await call_next(request, ctx)

    async def intercept_client_stream(
        self,
        call_next: Callable[[AsyncIterator[REQ], RequestContext[Any, Any]], Awaitable[RES]],
        request: AsyncIterator[REQ],
        ctx: RequestContext[Any, Any],
        /,
    ) -> RES:
        return await call_next(self._each(request, ctx), ctx)

    async def intercept_server_stream(
        self,
        call_next: Callable[[REQ, RequestContext[Any, Any]], AsyncIterator[RES]],
        request: REQ,
        ctx: RequestContext[Any, Any],
        /,
    ) -> AsyncIterator[RES]:
        self._accept(request, ctx)
        async for response in _closing(call_next(request, ctx)):
            yield response

    async def intercept_bidi_stream(
        self,
        call_next: Callable[[AsyncIterator[REQ], RequestContext[Any, Any]], AsyncIterator[RES]],
        request: AsyncIterator[REQ],
        ctx: RequestContext[Any, Any],
        /,
    ) -> AsyncIterator[RES]:
        async for response in _closing(call_next(self._each(request, ctx), ctx)):
            yield response

    def _accept(self, message: object, ctx: RequestContext[Any, Any]) -> None:
        assert isinstance(message, Message)
        self.accept(message, ctx)

    async def _each(
        self, messages: AsyncIterator[REQ], ctx: RequestContext[Any, Any]
    ) -> AsyncIterator[REQ]:
        async for message in messages:
            self._accept(message, ctx)
            yield message


async def _closing(stream: AsyncIterator[RES]) -> AsyncIterator[RES]:
    """A generator around another must close it, or its `finally` waits for the garbage collector."""
    try:
        async for item in stream:
            yield item
    finally:
        if (aclose := getattr(stream, "aclose", None)) is not None:
            await aclose()
