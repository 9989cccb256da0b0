# Generated from _async/organizations.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from collections.abc import Sequence

from orgplane_api.gitpod.v1 import organization_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection
from .domain_verifications import DomainVerifications
from .members import Members
from .scim_configurations import SCIMConfigurations
from .sso_configurations import SSOConfigurations


class Organizations:
    """The caller's organization, and what is configured in it."""

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClientSync)
        self.domain_verifications = DomainVerifications(connection)
        self.members = Members(connection)
        self.scim_configurations = SCIMConfigurations(connection)
        self.sso_configurations = SSOConfigurations(connection)

    def retrieve(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OrganizationResponse:
        """The organization; only the caller's own is ever found."""
        response = self._call(
            self._rpc.get_organization,
            pb.GetOrganizationRequest(organization_id=organization_id),
            timeout,
        )
        return _response(response.organization)

    def update(
        self,
        *,
        organization_id: str,
        name: str | None = None,
        invite_domains: Sequence[str] | None = None,
        timeout: Seconds | None = None,
    ) -> types.OrganizationResponse:
        """Changes what is not None; empty `invite_domains` clear them. Administrators only."""
        domains = None if invite_domains is None else pb.InviteDomains(domains=[*invite_domains])
        response = self._call(
            self._rpc.update_organization,
            pb.UpdateOrganizationRequest(
                organization_id=organization_id, name=name, invite_domains=domains
            ),
            timeout,
        )
        return _response(response.organization)


def _response(wire: pb.Organization | None) -> types.OrganizationResponse:
    return types.OrganizationResponse(types.Organization.from_wire(types.present(wire)))
