from __future__ import annotations

from uuid import UUID

from orgplane_api.gitpod.v1 import identity_pb as pb
from orgplane_api.gitpod.v1.identity_service_connect import (
    IdentityService,
    IdentityServiceASGIApplication,
)

from ..domain.caller import Permission
from ..usecases.session import Sessions
from .caller import caller, origin
from .service import Service
from .wire import Context

#: As the vendor spells the tier in this one message, where it is text.
_TIER = "enterprise"


class IdentityServiceRpcs(IdentityService):
    """`gitpod.v1.IdentityService`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get_authenticated_identity(
        self, request: pb.GetAuthenticatedIdentityRequest, ctx: Context
    ) -> pb.GetAuthenticatedIdentityResponse:
        who = caller()
        who.require(Permission.READ_IDENTITY)
        return pb.GetAuthenticatedIdentityResponse(
            subject=subject(who.id, service_account=who.service_account),
            organization_id=str(who.organization_id),
            organization_tier=_TIER,
        )

    async def exchange_token(
        self, request: pb.ExchangeTokenRequest, ctx: Context
    ) -> pb.ExchangeTokenResponse:
        token = await self._sessions.exchange(origin(), request.exchange_token)
        return pb.ExchangeTokenResponse(access_token=token.reveal())


SERVICE = Service(
    IdentityService.desc(),
    IdentityServiceASGIApplication,
    lambda use_cases: IdentityServiceRpcs(use_cases.sessions),
    frozenset(["ExchangeToken"]),
)


def subject(id: UUID, *, service_account: bool = False) -> pb.Subject:
    """A user, or a service account."""
    principal = pb.Principal.SERVICE_ACCOUNT if service_account else pb.Principal.USER
    return pb.Subject(id=str(id), principal=principal)
