from __future__ import annotations

from collections.abc import AsyncIterator, Collection

from orgplane_api.grpc.health.v1 import health_pb as pb
from orgplane_api.grpc.health.v1.health_connect import Health as HealthService

from ..domain.errors import NotFound, Reason
from ..usecases.health import Health
from .wire import Context

#: Below every idle limit on the way (Envoy's is 5 minutes).
_HEARTBEAT = 60.0

_Status = pb.HealthCheckResponse.ServingStatus


class HealthRpcs(HealthService):
    """`grpc.health.v1.Health`: the empty service name means the whole server."""

    def __init__(self, health: Health, services: Collection[str]) -> None:
        self._health = health
        self._services = ("", *services)

    async def check(self, request: pb.HealthCheckRequest, ctx: Context) -> pb.HealthCheckResponse:
        if request.service not in self._services:
            raise NotFound("unknown service", reason=Reason.SERVICE_NOT_FOUND)
        return _response(await self._health.ready())

    async def list(self, request: pb.HealthListRequest, ctx: Context) -> pb.HealthListResponse:
        status = _response(await self._health.ready())
        return pb.HealthListResponse(statuses=dict.fromkeys(self._services, status))

    async def watch(
        self, request: pb.HealthCheckRequest, ctx: Context
    ) -> AsyncIterator[pb.HealthCheckResponse]:
        """Repeats the status as a heartbeat; an unknown service may become known, so it is no error."""
        known = request.service in self._services
        async for ready in self._health.watch(_HEARTBEAT):
            yield _response(ready) if known else _unknown()


def _response(ready: bool) -> pb.HealthCheckResponse:
    return pb.HealthCheckResponse(status=_Status.SERVING if ready else _Status.NOT_SERVING)


def _unknown() -> pb.HealthCheckResponse:
    return pb.HealthCheckResponse(status=_Status.SERVICE_UNKNOWN)
