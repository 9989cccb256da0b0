# Generated from _async/email_invites.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1 import email_invite_pb as pb
from orgplane_api.orgplane.v1.email_invite_service_connect import EmailInviteServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection
from .pages import Page, Pages


class EmailInvites:
    """Invites that the server mails: each for one address, once. Administrators only.

    Whoever gets one redeems it as any invite (`organizations.invites.redeem`). See `docs/membership.md`.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(EmailInviteServiceClientSync)

    def create(
        self, *, organization_id: str, email: str, timeout: Seconds | None = None
    ) -> types.EmailInviteResponse:
        """Mails an invite; one that was mailed to the address before works no more.

        Raises FailedPreconditionError if the server sends no mail, AlreadyExistsError for the address of a member, and
        ResourceExhaustedError if too much was mailed.
        """
        response = self._call(
            self._rpc.create_email_invite,
            pb.CreateEmailInviteRequest(organization_id=organization_id, email=email),
            timeout,
        )
        invite = types.EmailInvite.from_wire(types.present(response.email_invite))
        return types.EmailInviteResponse(invite)

    def list(
        self,
        *,
        organization_id: str,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.EmailInvite]:
        """Those that were mailed, oldest first, and what became of their letters; pages of `page_size` (25, at most 100)."""

        def fetch(token: str) -> Page[types.EmailInvite]:
            response = self._call(
                self._rpc.list_email_invites,
                pb.ListEmailInvitesRequest(
                    organization_id=organization_id,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.EmailInvite.from_wire(each) for each in response.email_invites]
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)

    def revoke(self, *, email_invite_id: str, timeout: Seconds | None = None) -> None:
        """Ends one; if its letter is still queued it is not sent. Who has joined by it stays."""
        self._call(
            self._rpc.revoke_email_invite,
            pb.RevokeEmailInviteRequest(email_invite_id=email_invite_id),
            timeout,
        )
