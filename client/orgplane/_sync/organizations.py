# Generated from _async/organizations.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from orgplane_api.gitpod.v1 import organization_pb as pb
from orgplane_api.gitpod.v1.joining_pb import JoinOrganizationRequest
from orgplane_api.gitpod.v1.member_pb import LeaveOrganizationRequest
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClientSync
from protobuf import Oneof

from .. import types
from .._core.options import Seconds
from .connection import Connection
from .domain_verifications import DomainVerifications
from .email_invites import EmailInvites
from .invites import Invites
from .members import Members
from .policies import Policies
from .roles import Roles
from .scim_configurations import SCIMConfigurations
from .sso_configurations import SSOConfigurations


class Organizations:
    """The caller's organization, and what is configured in it."""

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClientSync)
        self.domain_verifications = DomainVerifications(connection)
        self.email_invites = EmailInvites(connection)
        self.invites = Invites(connection)
        self.members = Members(connection)
        self.policies = Policies(connection)
        self.roles = Roles(connection)
        self.scim_configurations = SCIMConfigurations(connection)
        self.sso_configurations = SSOConfigurations(connection)

    def create(
        self, *, name: str, timeout: Seconds | None = None
    ) -> types.CreateOrganizationResponse:
        """A new organization, whose administrator the caller is; `accounts.create_first_token` gives a token to act there.

        Raises FailedPreconditionError unless the operator of the server allows it, and if the caller's account is in
        10 organizations already.
        """
        response = self._call(
            self._rpc.create_organization,
            pb.CreateOrganizationRequest(name=name, join_organization=True),
            timeout,
        )
        return types.CreateOrganizationResponse(
            types.Organization.from_wire(types.present(response.organization)),
            types.OrganizationMember.from_wire(types.present(response.member)),
        )

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

    def join(
        self,
        *,
        invite_id: str | None = None,
        organization_id: str | None = None,
        timeout: Seconds | None = None,
    ) -> types.JoinOrganizationResponse:
        """Makes the caller a member of another organization, with the address that they have proven.

        By an invite, or by the id of an organization that has proven the domain of the address and invites it. Raises
        FailedPreconditionError if no address is proven (`accounts.prove_address`), or for whom the organization does not
        take, NotFoundError for an invite that does not work and an organization that does not invite the domain, and
        ValueError unless one of both is given.
        """
        if (invite_id is None) is (organization_id is None):
            raise ValueError("give invite_id or organization_id")
        where = _by_invite(invite_id) if invite_id is not None else _by_id(organization_id or "")
        request = JoinOrganizationRequest(join_id=where)
        response = self._call(self._rpc.join_organization, request, timeout)
        return types.JoinOrganizationResponse(
            types.OrganizationMember.from_wire(types.present(response.member))
        )

    def delete(self, *, organization_id: str, timeout: Seconds | None = None) -> None:
        """Administrators only. The caller's own organization, with everything that belongs to it: it is gone when this returns."""
        self._call(
            self._rpc.delete_organization,
            pb.DeleteOrganizationRequest(organization_id=organization_id),
            timeout,
        )

    def leave(self, *, user_id: str, timeout: Seconds | None = None) -> None:
        """Ends the caller's own membership, or another's if the caller is an administrator; their tokens end with it.

        Raises PermissionDeniedError if nobody could act for the organization any more.
        """
        self._call(self._rpc.leave_organization, LeaveOrganizationRequest(user_id=user_id), timeout)


def _response(wire: pb.Organization | None) -> types.OrganizationResponse:
    return types.OrganizationResponse(types.Organization.from_wire(types.present(wire)))


def _by_invite(id: str) -> Oneof[Literal["invite_id"], str]:
    return Oneof(field="invite_id", value=id)


def _by_id(id: str) -> Oneof[Literal["organization_id"], str]:
    return Oneof(field="organization_id", value=id)
