from __future__ import annotations

from datetime import datetime

from orgplane_api.orgplane.v1 import email_invite_pb as pb
from orgplane_api.orgplane.v1.email_invite_service_connect import (
    EmailInviteService,
    EmailInviteServiceASGIApplication,
)

from ..domain.email_invite import State
from ..domain.identifier import EmailInviteId, OrganizationId
from ..domain.letter import Delivery
from ..usecases.email_invite import EmailInvites, Mailed
from .caller import caller
from .service import Service
from .wire import Context, optional_timestamp, page_request, page_response, timestamp, uuid

_STATES = {
    State.PENDING: pb.EmailInviteState.PENDING,
    State.ACCEPTED: pb.EmailInviteState.ACCEPTED,
    State.EXPIRED: pb.EmailInviteState.EXPIRED,
}
_DELIVERIES = {
    Delivery.QUEUED: pb.EmailDelivery.QUEUED,
    Delivery.SENT: pb.EmailDelivery.SENT,
    Delivery.REFUSED: pb.EmailDelivery.REFUSED,
    Delivery.GIVEN_UP: pb.EmailDelivery.GIVEN_UP,
}


class EmailInviteServiceRpcs(EmailInviteService):
    """`orgplane.v1.EmailInviteService`."""

    def __init__(self, email_invites: EmailInvites) -> None:
        self._email_invites = email_invites

    async def create_email_invite(
        self, request: pb.CreateEmailInviteRequest, ctx: Context
    ) -> pb.CreateEmailInviteResponse:
        created = await self._email_invites.create(
            caller(), OrganizationId(uuid(request.organization_id)), request.email
        )
        return pb.CreateEmailInviteResponse(email_invite=self._to_wire(created))

    async def list_email_invites(
        self, request: pb.ListEmailInvitesRequest, ctx: Context
    ) -> pb.ListEmailInvitesResponse:
        page = await self._email_invites.list(
            caller(),
            OrganizationId(uuid(request.organization_id)),
            page_request(request.pagination),
        )
        return pb.ListEmailInvitesResponse(
            pagination=page_response(page.next_token),
            email_invites=[self._to_wire(item) for item in page.items],
        )

    async def revoke_email_invite(
        self, request: pb.RevokeEmailInviteRequest, ctx: Context
    ) -> pb.RevokeEmailInviteResponse:
        await self._email_invites.revoke(caller(), EmailInviteId(uuid(request.email_invite_id)))
        return pb.RevokeEmailInviteResponse()

    def _to_wire(self, mailed: Mailed) -> pb.EmailInvite:
        return _to_wire(mailed, self._email_invites.clock())


SERVICE = Service(
    EmailInviteService.desc(),
    EmailInviteServiceASGIApplication,
    lambda use_cases: EmailInviteServiceRpcs(use_cases.email_invites),
)


def _to_wire(mailed: Mailed, now: datetime) -> pb.EmailInvite:
    invite, letter = mailed.invite, mailed.letter
    unknown = pb.EmailDelivery.UNSPECIFIED
    return pb.EmailInvite(
        id=str(invite.id),
        email=invite.email,
        state=_STATES[invite.state(now)],
        delivery=unknown if letter is None else _DELIVERIES[letter.delivery],
        delivery_reason="" if letter is None else letter.reason,
        created_at=timestamp(invite.created_at),
        expires_at=timestamp(invite.expires_at),
        accepted_at=optional_timestamp(invite.accepted_at),
    )
