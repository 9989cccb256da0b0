from __future__ import annotations

from orgplane_api.orgplane.v1 import scim_breaker_pb as pb
from orgplane_api.orgplane.v1.scim_breaker_service_connect import (
    ScimBreakerService,
    ScimBreakerServiceASGIApplication,
)

from ..domain.identifier import ScimConfigurationId
from ..usecases.scim_breaker import BreakerState, ScimBreakers
from .caller import caller
from .service import Service
from .wire import Context, optional_timestamp, uuid


class ScimBreakerRpcs(ScimBreakerService):
    """`orgplane.v1.ScimBreakerService`."""

    def __init__(self, scim_breakers: ScimBreakers) -> None:
        self._scim_breakers = scim_breakers

    async def get_scim_breaker(
        self, request: pb.GetScimBreakerRequest, ctx: Context
    ) -> pb.GetScimBreakerResponse:
        found = await self._scim_breakers.get(caller(), _id(request.scim_configuration_id))
        return pb.GetScimBreakerResponse(scim_breaker=_to_wire(found))

    async def update_scim_breaker(
        self, request: pb.UpdateScimBreakerRequest, ctx: Context
    ) -> pb.UpdateScimBreakerResponse:
        updated = await self._scim_breakers.update(
            caller(), _id(request.scim_configuration_id), request.percent or None
        )
        return pb.UpdateScimBreakerResponse(scim_breaker=_to_wire(updated))

    async def resume_deprovisioning(
        self, request: pb.ResumeDeprovisioningRequest, ctx: Context
    ) -> pb.ResumeDeprovisioningResponse:
        count = await self._scim_breakers.resume(caller(), _id(request.scim_configuration_id))
        return pb.ResumeDeprovisioningResponse(count=count)

    async def discard_deprovisioning(
        self, request: pb.DiscardDeprovisioningRequest, ctx: Context
    ) -> pb.DiscardDeprovisioningResponse:
        count = await self._scim_breakers.discard(caller(), _id(request.scim_configuration_id))
        return pb.DiscardDeprovisioningResponse(count=count)


SERVICE = Service(
    ScimBreakerService.desc(),
    ScimBreakerServiceASGIApplication,
    lambda use_cases: ScimBreakerRpcs(use_cases.scim_breakers),
)


def _id(text: str) -> ScimConfigurationId:
    return ScimConfigurationId(uuid(text))


def _to_wire(state: BreakerState) -> pb.ScimBreaker:
    breaker = state.breaker
    return pb.ScimBreaker(
        scim_configuration_id=str(breaker.id),
        percent=breaker.percent or 0,
        paused_at=optional_timestamp(breaker.paused_at),
        waiting_count=state.waiting,
    )
