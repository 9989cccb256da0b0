from __future__ import annotations

from orgplane_api.gitpod.v1 import identity_pb as pb
from orgplane_api.gitpod.v1.identity_service_connect import (
    IdentityService,
    IdentityServiceASGIApplication,
)

from ..domain.caller import Permission
from ..domain.identifier import UserId
from .caller import caller
from .service import Service
from .wire import Context

#: As the vendor spells the tier in this one message, where it is text.
_TIER = "enterprise"


class IdentityServiceRpcs(IdentityService):
    """`gitpod.v1.IdentityService`."""

    async def get_authenticated_identity(
        self, request: pb.GetAuthenticatedIdentityRequest, ctx: Context
    ) -> pb.GetAuthenticatedIdentityResponse:
        who = caller()
        who.require(Permission.READ_IDENTITY)
        return pb.GetAuthenticatedIdentityResponse(
            subject=user_subject(who.user_id),
            organization_id=str(who.organization_id),
            organization_tier=_TIER,
        )


SERVICE = Service(
    IdentityService.desc(),
    IdentityServiceASGIApplication,
    lambda _: IdentityServiceRpcs(),
)


def user_subject(id: UserId) -> pb.Subject:
    return pb.Subject(id=str(id), principal=pb.Principal.USER)
