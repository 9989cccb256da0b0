from __future__ import annotations

from uuid import UUID

from orgplane_api.gitpod.v1 import organization_invite_pb as pb

from ..domain.identifier import OrganizationId
from ..usecases.organization_invite import OrganizationInvites
from .caller import caller, origin
from .wire import Context, uuid

#: The invite itself says that the caller may know.
TOKENLESS = frozenset(["GetOrganizationInviteSummary"])


class OrganizationInviteRpcs:
    """The RPCs of `gitpod.v1.OrganizationService` about its invite."""

    _organization_invites: OrganizationInvites

    async def create_organization_invite(
        self, request: pb.CreateOrganizationInviteRequest, ctx: Context
    ) -> pb.CreateOrganizationInviteResponse:
        secret = await self._organization_invites.create(
            caller(), OrganizationId(uuid(request.organization_id))
        )
        return pb.CreateOrganizationInviteResponse(invite=_to_wire(secret))

    async def get_organization_invite(
        self, request: pb.GetOrganizationInviteRequest, ctx: Context
    ) -> pb.GetOrganizationInviteResponse:
        secret = await self._organization_invites.get(
            caller(), OrganizationId(uuid(request.organization_id))
        )
        return pb.GetOrganizationInviteResponse(invite=_to_wire(secret))

    async def get_organization_invite_summary(
        self, request: pb.GetOrganizationInviteSummaryRequest, ctx: Context
    ) -> pb.GetOrganizationInviteSummaryResponse:
        summary = await self._organization_invites.summary(origin(), uuid(request.invite_id))
        return pb.GetOrganizationInviteSummaryResponse(
            organization_id=str(summary.organization_id),
            organization_name=summary.organization_name,
            organization_member_count=summary.member_count,
        )


def _to_wire(secret: UUID) -> pb.OrganizationInvite:
    return pb.OrganizationInvite(invite_id=str(secret))
