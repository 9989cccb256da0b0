from __future__ import annotations

from orgplane_api.gitpod.v1 import organization_pb as pb

from ..domain.identifier import OrganizationId
from ..domain.organization import Organization, OrganizationChanges
from ..usecases.organization import Organizations
from .caller import caller
from .member import member_to_wire
from .wire import Context, timestamp, uuid


class OrganizationRpcs:
    """The RPCs of `gitpod.v1.OrganizationService` about the organization itself."""

    _organizations: Organizations

    async def create_organization(
        self, request: pb.CreateOrganizationRequest, ctx: Context
    ) -> pb.CreateOrganizationResponse:
        made, member = await self._organizations.create(
            caller(),
            request.name,
            join=request.join_organization,
            invite_domain=request.invite_accounts_with_matching_domain,
        )
        return pb.CreateOrganizationResponse(
            organization=_to_wire(made), member=member_to_wire(member)
        )

    async def get_organization(
        self, request: pb.GetOrganizationRequest, ctx: Context
    ) -> pb.GetOrganizationResponse:
        found = await self._organizations.get(caller(), _id(request.organization_id))
        return pb.GetOrganizationResponse(organization=_to_wire(found))

    async def update_organization(
        self, request: pb.UpdateOrganizationRequest, ctx: Context
    ) -> pb.UpdateOrganizationResponse:
        changes = OrganizationChanges()
        if request.has_field("name"):
            changes["name"] = request.name
        if request.invite_domains is not None:
            changes["invite_domains"] = tuple(request.invite_domains.domains)
        updated = await self._organizations.update(caller(), _id(request.organization_id), changes)
        return pb.UpdateOrganizationResponse(organization=_to_wire(updated))

    async def delete_organization(
        self, request: pb.DeleteOrganizationRequest, ctx: Context
    ) -> pb.DeleteOrganizationResponse:
        await self._organizations.delete(caller(), _id(request.organization_id))
        return pb.DeleteOrganizationResponse()


def _id(text: str) -> OrganizationId:
    return OrganizationId(uuid(text))


def _to_wire(organization: Organization) -> pb.Organization:
    """Every organization here has all there is: the contract's enterprise tier."""
    return pb.Organization(
        id=str(organization.id),
        name=organization.name,
        created_at=timestamp(organization.created_at),
        updated_at=timestamp(organization.updated_at),
        invite_domains=pb.InviteDomains(domains=list(organization.invite_domains)),
        tier=pb.OrganizationTier.ENTERPRISE,
    )
