from __future__ import annotations

from collections.abc import Sequence

from orgplane_api.gitpod.v1 import organization_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClient

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .domain_verifications import AsyncDomainVerifications
from .members import AsyncMembers
from .scim_configurations import AsyncSCIMConfigurations
from .sso_configurations import AsyncSSOConfigurations


class AsyncOrganizations:
    """The caller's organization, and what is configured in it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClient)
        self.domain_verifications = AsyncDomainVerifications(connection)
        self.members = AsyncMembers(connection)
        self.scim_configurations = AsyncSCIMConfigurations(connection)
        self.sso_configurations = AsyncSSOConfigurations(connection)

    async def retrieve(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OrganizationResponse:
        """The organization; only the caller's own is ever found."""
        response = await self._call(
            self._rpc.get_organization,
            pb.GetOrganizationRequest(organization_id=organization_id),
            timeout,
        )
        return _response(response.organization)

    async def update(
        self,
        *,
        organization_id: str,
        name: str | None = None,
        invite_domains: Sequence[str] | None = None,
        timeout: Seconds | None = None,
    ) -> types.OrganizationResponse:
        """Changes what is not None; empty `invite_domains` clear them. Administrators only."""
        domains = None if invite_domains is None else pb.InviteDomains(domains=[*invite_domains])
        response = await self._call(
            self._rpc.update_organization,
            pb.UpdateOrganizationRequest(
                organization_id=organization_id, name=name, invite_domains=domains
            ),
            timeout,
        )
        return _response(response.organization)


def _response(wire: pb.Organization | None) -> types.OrganizationResponse:
    return types.OrganizationResponse(types.Organization.from_wire(types.present(wire)))
