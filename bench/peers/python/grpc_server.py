"""gitpod.v1.OrganizationService as one would write it in Python: grpcio's asyncio server, protovalidate."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

import grpc
import protovalidate
import uvloop
from configurations import CHANGEABLE, Caller, Configurations, Refused, ScimConfiguration
from gen.gitpod.v1 import organization_service_pb_grpc as services
from gen.gitpod.v1 import scim_configuration_pb as pb
from gen.gitpod.v1.pagination_pb import PaginationResponse
from protobuf.wkt import Timestamp

log = logging.getLogger("peer")
_caller: ContextVar[Caller] = ContextVar("caller")


class Guard(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Logs, authenticates and validates every call, and turns refusals into statuses."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations
        self._validator = protovalidate.Validator()

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: Any
    ) -> Any:
        handler = await continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler
        behavior = handler.unary_unary

        async def guarded(request: Any, context: grpc.aio.ServicerContext) -> Any:
            begun, code = time.perf_counter(), "OK"
            try:
                metadata = dict(context.invocation_metadata() or ())
                _caller.set(
                    await self._configurations.authenticate(
                        str(metadata.get("authorization", "")), context.peer()
                    )
                )
                self._validator.validate(request)
                return await behavior(request, context)
            except Refused as error:
                code = error.code
                await context.abort(getattr(grpc.StatusCode, code), str(error))
            except protovalidate.ValidationError as error:
                code = "INVALID_ARGUMENT"
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            finally:
                log.info(
                    "%s %s %.2f ms %s",
                    *(details.method, code, (time.perf_counter() - begun) * 1000, context.peer()),
                )

        return grpc.unary_unary_rpc_method_handler(
            guarded, handler.request_deserializer, handler.response_serializer
        )


class Service(services.OrganizationServiceService):  # type: ignore[misc]
    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def get_scim_configuration(self, request: Any, context: Any) -> Any:
        found = await self._configurations.get(_caller.get(), UUID(request.scim_configuration_id))
        return pb.GetSCIMConfigurationResponse(scim_configuration=_to_wire(found))

    async def list_scim_configurations(self, request: Any, context: Any) -> Any:
        pagination = request.pagination
        limit = pagination.page_size if pagination else 0
        found, token = await self._configurations.page(
            _caller.get(), limit or 25, pagination.token if pagination else ""
        )
        return pb.ListSCIMConfigurationsResponse(
            pagination=PaginationResponse(next_token=token),
            scim_configurations=[_to_wire(each) for each in found],
        )

    async def update_scim_configuration(self, request: Any, context: Any) -> Any:
        changes = {name: getattr(request, name) for name in CHANGEABLE if request.has_field(name)}
        if "sso_configuration_id" in changes:
            link = changes["sso_configuration_id"]
            changes["sso_configuration_id"] = UUID(link) if link else None
        updated = await self._configurations.update(
            _caller.get(), UUID(request.scim_configuration_id), changes
        )
        return pb.UpdateSCIMConfigurationResponse(scim_configuration=_to_wire(updated))


def _to_wire(configuration: ScimConfiguration) -> pb.SCIMConfiguration:
    link = configuration.sso_configuration_id
    return pb.SCIMConfiguration(
        id=str(configuration.id),
        organization_id=str(configuration.organization_id),
        name=configuration.name,
        enabled=configuration.enabled,
        sso_configuration_id=str(link) if link else "",
        created_at=_timestamp(configuration.created_at),
        updated_at=_timestamp(configuration.updated_at),
        token_expires_at=_timestamp(configuration.token_expires_at),
        allow_unverified_email_account_linking=configuration.allow_unverified_email_account_linking,
    )


def _timestamp(instant: datetime) -> Timestamp:
    return Timestamp.from_datetime(instant)


async def serve(database_url: str) -> None:
    configurations = Configurations(database_url)
    server = grpc.aio.server(interceptors=[Guard(configurations)])
    Service(configurations).add_to_server(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"ready on http://127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    uvloop.run(serve(sys.argv[1]))
