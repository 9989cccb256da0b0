# Generated from _async/invites.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from orgplane_api.gitpod.v1 import organization_invite_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClientSync
from orgplane_api.orgplane.v1.joining_pb import CodeSent, Joined, RedeemInviteRequest
from orgplane_api.orgplane.v1.membership_service_connect import MembershipServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection


class Invites:
    """The organization's one invite: whoever knows its id may join, with an address that they prove.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClientSync)
        self._own = connection.stub(MembershipServiceClientSync)

    def create(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OrganizationInviteResponse:
        """A new invite; the one before works no more when this returns. Administrators only."""
        response = self._call(
            self._rpc.create_organization_invite,
            pb.CreateOrganizationInviteRequest(organization_id=organization_id),
            timeout,
        )
        return _response(response.invite)

    def retrieve(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.OrganizationInviteResponse:
        """The invite that works now. Raises NotFoundError before there is one. Administrators only."""
        response = self._call(
            self._rpc.get_organization_invite,
            pb.GetOrganizationInviteRequest(organization_id=organization_id),
            timeout,
        )
        return _response(response.invite)

    def get_summary(
        self, *, invite_id: str, timeout: Seconds | None = None
    ) -> types.OrganizationInviteSummary:
        """Where an invite leads. Takes no token."""
        response = self._call(
            self._rpc.get_organization_invite_summary,
            pb.GetOrganizationInviteSummaryRequest(invite_id=invite_id),
            timeout,
        )
        return types.OrganizationInviteSummary.from_wire(response)

    def redeem(
        self,
        *,
        invite_id: str,
        name: str,
        email: str,
        code: str = "",
        timeout: Seconds | None = None,
    ) -> types.CodeSent | types.Joined:
        """Makes somebody a member by an invite, and gives a new one a token. Takes no token.

        Without a `code` one is mailed to the address; with it they are a member. Raises NotFoundError for an invite
        that does not work, and FailedPreconditionError for a code that does not, for whom the organization does
        not take, or if the server sends no mail.
        """
        response = self._call(
            self._own.redeem_invite,
            RedeemInviteRequest(invite_id=invite_id, name=name, email=email, code=code),
            timeout,
        )
        outcome = types.present(response.outcome, "`code_sent` or `joined`").value
        if isinstance(outcome, Joined):
            return types.Joined.from_wire(outcome)
        assert isinstance(outcome, CodeSent)
        return types.CodeSent.from_wire(outcome)


def _response(wire: pb.OrganizationInvite | None) -> types.OrganizationInviteResponse:
    return types.OrganizationInviteResponse(types.OrganizationInvite.from_wire(types.present(wire)))
