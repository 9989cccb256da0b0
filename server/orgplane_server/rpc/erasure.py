from __future__ import annotations

from orgplane_api.orgplane.v1 import erasure_pb as pb

from ..domain.identifier import UserId
from ..usecases.erasure import Erasures
from .caller import caller
from .wire import Context, uuid


class ErasureRpcs:
    """The RPC of `orgplane.v1.MembershipService` by which a person is forgotten."""

    _erasures: Erasures

    async def erase_member(
        self, request: pb.EraseMemberRequest, ctx: Context
    ) -> pb.EraseMemberResponse:
        erased = await self._erasures.erase(caller(), UserId(uuid(request.user_id)))
        return pb.EraseMemberResponse(
            audit_events=erased.events,
            scim_requests=erased.requests,
            sign_ins=erased.sign_ins,
        )
