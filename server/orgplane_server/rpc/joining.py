from __future__ import annotations

from typing import Literal

from orgplane_api.gitpod.v1 import joining_pb as pb
from orgplane_api.orgplane.v1 import joining_pb as own_pb
from protobuf import Oneof

from ..domain.errors import InvalidArgument, Violation
from ..domain.identifier import OrganizationId
from ..usecases.joining import CodeSent, Joined, Joining, Proven
from .caller import caller, origin
from .member import member_to_wire
from .wire import Context, optional_timestamp, timestamp, uuid

#: Whoever redeems an invite has no token yet.
TOKENLESS = frozenset(["RedeemInvite"])


class JoiningRpcs:
    """The RPC of `gitpod.v1.OrganizationService` by which members of one organization join another."""

    _joining: Joining

    async def join_organization(
        self, request: pb.JoinOrganizationRequest, ctx: Context
    ) -> pb.JoinOrganizationResponse:
        match request.join_id:
            case Oneof(field="invite_id", value=invite):
                member = await self._joining.join_by_invite(caller(), uuid(invite))
            case Oneof(field="organization_id", value=id):
                member = await self._joining.join(caller(), OrganizationId(uuid(id)))
            case _:
                which = "give an organization_id or an invite_id"
                raise InvalidArgument(Violation("join_id", which, "required"))
        return pb.JoinOrganizationResponse(member=member_to_wire(member))


class OwnJoiningRpcs:
    """The RPCs of `orgplane.v1.MembershipService` by which people become members."""

    _joining: Joining

    async def redeem_invite(
        self, request: own_pb.RedeemInviteRequest, ctx: Context
    ) -> own_pb.RedeemInviteResponse:
        done = await self._joining.redeem(
            origin(), uuid(request.invite_id), request.name, request.email, request.code
        )
        if isinstance(done, CodeSent):
            return own_pb.RedeemInviteResponse(outcome=_sent(done))
        return own_pb.RedeemInviteResponse(outcome=_joined(done))

    async def prove_address(
        self, request: own_pb.ProveAddressRequest, ctx: Context
    ) -> own_pb.ProveAddressResponse:
        done = await self._joining.prove_address(caller(), request.code)
        if isinstance(done, CodeSent):
            return own_pb.ProveAddressResponse(outcome=_sent(done))
        return own_pb.ProveAddressResponse(outcome=_proof(done))


def _sent(sent: CodeSent) -> Oneof[Literal["code_sent"], own_pb.CodeSent]:
    wire = own_pb.CodeSent(email=sent.email, expires_at=timestamp(sent.expires_at))
    return Oneof(field="code_sent", value=wire)


def _proof(proven: Proven) -> Oneof[Literal["proof"], own_pb.AddressProof]:
    wire = own_pb.AddressProof(email=proven.email, expires_at=timestamp(proven.expires_at))
    return Oneof(field="proof", value=wire)


def _joined(joined: Joined) -> Oneof[Literal["joined"], own_pb.Joined]:
    wire = own_pb.Joined(
        member=member_to_wire(joined.member),
        organization_id=str(joined.member.user.organization_id),
        token="" if joined.token is None else joined.token.reveal(),
        token_expires_at=optional_timestamp(joined.token_expires_at),
    )
    return Oneof(field="joined", value=wire)
