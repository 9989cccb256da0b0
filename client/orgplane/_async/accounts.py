from __future__ import annotations

from orgplane_api.gitpod.v1 import account_pb as pb
from orgplane_api.gitpod.v1.account_service_connect import AccountServiceClient
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1.first_token_pb import CreateFirstTokenRequest
from orgplane_api.orgplane.v1.joining_pb import AddressProof, CodeSent, ProveAddressRequest
from orgplane_api.orgplane.v1.membership_service_connect import MembershipServiceClient

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages


class AsyncAccounts:
    """Whom else the caller is, and where they may become a member.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(AccountServiceClient)
        self._own = connection.stub(MembershipServiceClient)

    async def retrieve(self, *, timeout: Seconds | None = None) -> types.AccountResponse:
        """The caller's account: the members that are tied to them by joining."""
        response = await self._call(self._rpc.get_account, pb.GetAccountRequest(), timeout)
        return types.AccountResponse(types.Account.from_wire(types.present(response.account)))

    def list_joinable_organizations(
        self,
        *,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.JoinableOrganization]:
        """Where the caller may join by the address that they have proven; pages of `page_size` (25, at most 100)."""

        async def fetch(token: str) -> AsyncPage[types.JoinableOrganization]:
            response = await self._call(
                self._rpc.list_joinable_organizations,
                pb.ListJoinableOrganizationsRequest(
                    pagination=PaginationRequest(page_size=page_size or 0, token=token)
                ),
                timeout,
            )
            items = [
                types.JoinableOrganization.from_wire(each)
                for each in response.joinable_organizations
            ]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def prove_address(
        self, *, code: str = "", timeout: Seconds | None = None
    ) -> types.CodeSent | types.AddressProof:
        """Proves the caller's own e-mail address, which `organizations.join` needs.

        Without a `code` one is mailed to it; with it the address is proven for 10 minutes. Raises
        FailedPreconditionError for a code that does not work, or if the server sends no mail.
        """
        response = await self._call(
            self._own.prove_address, ProveAddressRequest(code=code), timeout
        )
        outcome = types.present(response.outcome, "`code_sent` or `proof`").value
        if isinstance(outcome, AddressProof):
            return types.AddressProof.from_wire(outcome)
        assert isinstance(outcome, CodeSent)
        return types.CodeSent.from_wire(outcome)

    async def create_first_token(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.FirstToken:
        """The first token of who the caller is in another organization, which they created or joined; given once.

        Raises NotFoundError for an organization in which nobody is of the caller's account, and FailedPreconditionError if
        the token was given already, or the member is suspended or has left.
        """
        request = CreateFirstTokenRequest(organization_id=organization_id)
        return types.FirstToken.from_wire(
            await self._call(self._own.create_first_token, request, timeout)
        )
