from __future__ import annotations

from orgplane_api.orgplane.v1 import first_token_pb as pb

from ..domain.identifier import OrganizationId
from ..usecases.first_token import FirstTokens
from .caller import caller
from .member import member_to_wire
from .wire import Context, timestamp, uuid


class FirstTokenRpcs:
    """The RPC of `orgplane.v1.MembershipService` by which a member of the caller's account first acts."""

    _first_tokens: FirstTokens

    async def create_first_token(
        self, request: pb.CreateFirstTokenRequest, ctx: Context
    ) -> pb.CreateFirstTokenResponse:
        made = await self._first_tokens.create(
            caller(), OrganizationId(uuid(request.organization_id))
        )
        return pb.CreateFirstTokenResponse(
            member=member_to_wire(made.member),
            token=made.token.reveal(),
            token_expires_at=timestamp(made.expires_at),
        )
