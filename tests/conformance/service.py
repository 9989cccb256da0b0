"""What the suite's ConformanceService does, as its proto says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from conformance_stubs.connectrpc.conformance.v1 import service_pb as pb
from conformance_stubs.connectrpc.conformance.v1.service_connect import ConformanceService
from connectrpc.code import Code
from connectrpc.errors import ConnectError, ErrorDetail
from connectrpc.request import RequestContext
from orgplane_server.rpc.interceptors.query_pagination import query_string
from protobuf import Message
from protobuf.wkt import Any as AnyMessage

Context = RequestContext[Any, Any]


class Service(ConformanceService):
    async def unary(self, request: pb.UnaryRequest, ctx: Context) -> pb.UnaryResponse:
        payload = await _one(request.response_definition, [request], ctx)
        return pb.UnaryResponse(payload=payload)

    async def idempotent_unary(
        self, request: pb.IdempotentUnaryRequest, ctx: Context
    ) -> pb.IdempotentUnaryResponse:
        payload = await _one(request.response_definition, [request], ctx)
        return pb.IdempotentUnaryResponse(payload=payload)

    async def client_stream(
        self, request: AsyncIterator[pb.ClientStreamRequest], ctx: Context
    ) -> pb.ClientStreamResponse:
        received = [message async for message in request]
        definition = received[0].response_definition if received else None
        return pb.ClientStreamResponse(payload=await _one(definition, received, ctx))

    async def server_stream(
        self, request: pb.ServerStreamRequest, ctx: Context
    ) -> AsyncIterator[pb.ServerStreamResponse]:
        async for payload in _many(request.response_definition, [request], ctx):
            yield pb.ServerStreamResponse(payload=payload)

    async def bidi_stream(
        self, request: AsyncIterator[pb.BidiStreamRequest], ctx: Context
    ) -> AsyncIterator[pb.BidiStreamResponse]:
        async for payload in _in_turn(request, ctx):
            yield pb.BidiStreamResponse(payload=payload)


async def _one(
    definition: pb.UnaryResponseDefinition | None, received: Sequence[Message], ctx: Context
) -> pb.ConformancePayload:
    info = _info(received, ctx)
    if definition is None:
        return pb.ConformancePayload(request_info=info)
    _add_metadata(definition.response_headers, definition.response_trailers, ctx)
    await asyncio.sleep(definition.response_delay_ms / 1000)
    response = definition.response
    if response is not None and response.field == "error":
        raise _error(response.value, info)
    data = response.value if response is not None and response.field == "response_data" else b""
    return pb.ConformancePayload(request_info=info, data=data)


async def _many(
    definition: pb.StreamResponseDefinition | None, received: Sequence[Message], ctx: Context
) -> AsyncIterator[pb.ConformancePayload]:
    if definition is None:
        return
    _add_metadata(definition.response_headers, definition.response_trailers, ctx)
    info = _info(received, ctx)
    for number, data in enumerate(definition.response_data):
        await asyncio.sleep(definition.response_delay_ms / 1000)
        yield pb.ConformancePayload(data=data, request_info=None if number else info)
    if definition.error is not None:
        raise _error(definition.error, None if definition.response_data else info)


async def _in_turn(
    requests: AsyncIterator[pb.BidiStreamRequest], ctx: Context
) -> AsyncIterator[pb.ConformancePayload]:
    """Full duplex: an answer after each request; half duplex: all of them after the last."""
    received: list[Message] = []
    definition = None
    full, sent = False, 0
    async for request in requests:
        if not received and sent == 0 and definition is None:
            definition, full = request.response_definition, request.full_duplex
            if definition is not None:
                _add_metadata(definition.response_headers, definition.response_trailers, ctx)
        received.append(request)
        if not full:
            continue
        if definition is None or sent >= len(definition.response_data):
            break
        await asyncio.sleep(definition.response_delay_ms / 1000)
        info = (
            _info(received, ctx)
            if sent == 0
            else pb.ConformancePayload.RequestInfo(requests=[AnyMessage.pack(request)])
        )
        yield pb.ConformancePayload(data=definition.response_data[sent], request_info=info)
        sent += 1
        received = [] if full else received
    if definition is None:
        return
    for number in range(sent, len(definition.response_data)):
        await asyncio.sleep(definition.response_delay_ms / 1000)
        info = _info(received, ctx) if number == 0 else None
        yield pb.ConformancePayload(data=definition.response_data[number], request_info=info)
    if definition.error is not None:
        raise _error(definition.error, None if definition.response_data else _info(received, ctx))


def _info(received: Sequence[Message], ctx: Context) -> pb.ConformancePayload.RequestInfo:
    headers: dict[str, list[str]] = {}
    for name, value in ctx.request_headers.allitems():
        headers.setdefault(name, []).append(value)
    info = pb.ConformancePayload.RequestInfo(
        request_headers=[pb.Header(name=name, value=values) for name, values in headers.items()],
        requests=[AnyMessage.pack(message) for message in received],
    )
    if ctx.timeout_ms is not None:
        info.timeout_ms = int(ctx.timeout_ms)
    if ctx.http_method == "GET":
        info.connect_get_info = pb.ConformancePayload.ConnectGetInfo(
            query_params=[
                pb.Header(name=name, value=[value])
                for name, value in parse_qsl(query_string.get().decode(), keep_blank_values=True)
            ]
        )
    return info


def _add_metadata(
    headers: Iterable[pb.Header], trailers: Iterable[pb.Header], ctx: Context
) -> None:
    for source, target in ((headers, ctx.response_headers), (trailers, ctx.response_trailers)):
        for header in source:
            for value in header.value:
                target.add(header.name, value)


def _error(error: pb.Error, info: pb.ConformancePayload.RequestInfo | None) -> ConnectError:
    details: list[Any] = [ErrorDetail(detail) for detail in error.details]
    if info is not None:
        details.append(info)
    return ConnectError(Code[error.code.name], error.message, details)
