"""Interceptors reach every kind of RPC: a class whose method names are off would be skipped silently."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from connectrpc.client import ConnectClient
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.interceptor import Interceptor, MetadataInterceptor
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from orgplane_api.gitpod.v1.scim_configuration_pb import (
    GetSCIMConfigurationRequest,
    GetSCIMConfigurationResponse,
)
from orgplane_server.domain.errors import NotFound, Reason
from orgplane_server.rpc.interceptors.authentication import Authenticate
from orgplane_server.rpc.interceptors.errors import Errors
from orgplane_server.rpc.interceptors.validation import Validate
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry.call import Call, current_call
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.organization import Founded
from pyqwest import Client
from pyqwest.testing import ASGITransport
from rpc_clients import ORIGIN, reason

Request, Response = GetSCIMConfigurationRequest, GetSCIMConfigurationResponse
Info = MethodInfo[Request, Response]
Context = RequestContext[Request, Response]

VALID = Request(scim_configuration_id="01a20abd-f271-72d4-9a6b-055019bca2f2")
KINDS = {
    "Unary": StreamType.UNARY,
    "ClientStream": StreamType.CLIENT_STREAM,
    "ServerStream": StreamType.SERVER_STREAM,
    "BidiStream": StreamType.BIDI_STREAM,
}
PROTOCOLS = {protocol.value: protocol for protocol in ProtocolType}


def info(kind: str) -> Info:
    return MethodInfo(
        name=kind,
        service_name="test.v1.Kinds",
        input=Request,
        output=Response,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=KINDS[kind],
    )


class Kinds(ConnectASGIApplication[None]):
    """One RPC of each kind; `handle` is called with each message."""

    path = "/test.v1.Kinds"

    def __init__(self, handle: Callable[[Request], None], *interceptors: Interceptor) -> None:
        async def unary(request: Request, ctx: Context) -> Response:
            handle(request)
            return Response()

        async def client_stream(requests: AsyncIterator[Request], ctx: Context) -> Response:
            async for request in requests:
                handle(request)
            return Response()

        async def server_stream(request: Request, ctx: Context) -> AsyncIterator[Response]:
            yield Response()
            handle(request)

        async def bidi_stream(
            requests: AsyncIterator[Request], ctx: Context
        ) -> AsyncIterator[Response]:
            async for request in requests:
                yield Response()
                handle(request)

        super().__init__(
            service=None,
            endpoints=lambda _: {
                "/test.v1.Kinds/Unary": Endpoint.unary(method=info("Unary"), function=unary),
                "/test.v1.Kinds/ClientStream": Endpoint.client_stream(
                    method=info("ClientStream"), function=client_stream
                ),
                "/test.v1.Kinds/ServerStream": Endpoint.server_stream(
                    method=info("ServerStream"), function=server_stream
                ),
                "/test.v1.Kinds/BidiStream": Endpoint.bidi_stream(
                    method=info("BidiStream"), function=bidi_stream
                ),
            },
            interceptors=interceptors,
        )

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        if scope["type"] == "http":
            current_call.set(Call("request-1", "peer", scope["path"], "http"))
        await super().__call__(scope, receive, send)  # type: ignore[arg-type]


Ask = Callable[..., Awaitable[list[Response]]]


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> ProtocolType:
    return PROTOCOLS[request.param]


@pytest.fixture(params=KINDS)
def ask(request: pytest.FixtureRequest, protocol: ProtocolType) -> Ask:
    """Sends messages to the RPC of one kind, and collects what it answers."""
    kind = request.param

    async def ask(
        application: Kinds, *messages: Request, headers: dict[str, str] | None = None
    ) -> list[Response]:
        client = ConnectClient(
            ORIGIN, http_client=Client(ASGITransport(application)), protocol=protocol
        )

        async def stream() -> AsyncIterator[Request]:
            for message in messages:
                yield message

        options: Any = {"method": info(kind), "headers": headers or {}}
        match kind:
            case "Unary":
                return [await client.execute_unary(request=messages[-1], **options)]
            case "ClientStream":
                return [await client.execute_client_stream(request=stream(), **options)]
            case "ServerStream":
                responses = client.execute_server_stream(request=messages[-1], **options)
            case _:
                responses = client.execute_bidi_stream(request=stream(), **options)
        return [response async for response in responses]

    return ask


def nothing(_request: Request) -> None:
    pass


async def refused(answer: Awaitable[Any]) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await answer
    return caught.value


async def test_validation_sees_every_message(ask: Ask) -> None:
    seen: list[Request] = []
    application = Kinds(seen.append, Errors(), Validate())
    await ask(application, VALID, VALID)
    assert seen
    error = await refused(ask(application, VALID, Request(scim_configuration_id="no")))
    assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert all(request == VALID for request in seen)


async def test_authentication_comes_before_any_message(
    ask: Ask, database: Database, acme: Founded
) -> None:
    seen: list[Request] = []
    authentication = Authentication(database, lambda: acme.organization.created_at)
    application = Kinds(seen.append, Errors(), Authenticate(authentication))
    error = await refused(ask(application, VALID))
    assert error.code is Code.UNAUTHENTICATED
    assert seen == []
    await ask(application, VALID, headers={"authorization": f"Bearer {acme.token.reveal()}"})
    assert seen == [VALID]


async def test_an_unforeseen_error_is_opaque(ask: Ask) -> None:
    def fail(_request: Request) -> None:
        raise RuntimeError("hunter2")

    error = await refused(ask(Kinds(fail, Errors()), VALID))
    assert (error.code, error.message) == (Code.INTERNAL, "internal error")


async def test_a_foreseen_error_is_translated(ask: Ask) -> None:
    def fail(_request: Request) -> None:
        raise NotFound("no such thing", reason=Reason.USER_NOT_FOUND)

    error = await refused(ask(Kinds(fail, Errors()), VALID))
    assert (error.code, error.message) == (Code.NOT_FOUND, "no such thing")
    assert reason(error) == "USER_NOT_FOUND"


async def test_a_leading_interceptor_that_fails_is_opaque_too(ask: Ask) -> None:
    class Failing(MetadataInterceptor[None]):
        async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
            raise RuntimeError("hunter2")

    seen: list[Request] = []
    error = await refused(ask(Kinds(seen.append, Errors(), Failing()), VALID))
    assert (error.code, error.message) == (Code.INTERNAL, "internal error")
    assert seen == []
