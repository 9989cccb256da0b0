# Generated from _async/accounts.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from orgplane_api.gitpod.v1 import account_pb as pb
from orgplane_api.gitpod.v1 import login_pb
from orgplane_api.gitpod.v1.account_service_connect import AccountServiceClientSync
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1.first_token_pb import CreateFirstTokenRequest
from orgplane_api.orgplane.v1.joining_pb import AddressProof, CodeSent, ProveAddressRequest
from orgplane_api.orgplane.v1.membership_service_connect import MembershipServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection
from .pages import Page, Pages


class Accounts:
    """Whom else the caller is, where they may become a member, and where people sign in.

    What tells where people sign in takes no token, and looks at nothing of an address but its domain. Pages are to be opened in
    their browser; from `return_to` on, which has to be at an origin that the server allows, `identity.exchange_token` goes on.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(AccountServiceClientSync)
        self._own = connection.stub(MembershipServiceClientSync)

    def retrieve(self, *, timeout: Seconds | None = None) -> types.AccountResponse:
        """The caller's account: the members that are tied to them by joining."""
        response = self._call(self._rpc.get_account, pb.GetAccountRequest(), timeout)
        return types.AccountResponse(types.Account.from_wire(types.present(response.account)))

    def list_joinable_organizations(
        self,
        *,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.JoinableOrganization]:
        """Where the caller may join by the address that they have proven; pages of `page_size` (25, at most 100)."""

        def fetch(token: str) -> Page[types.JoinableOrganization]:
            response = self._call(
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
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)

    def prove_address(
        self, *, code: str = "", timeout: Seconds | None = None
    ) -> types.CodeSent | types.AddressProof:
        """Proves the caller's own e-mail address, which `organizations.join` needs.

        Without a `code` one is mailed to it; with it the address is proven for 10 minutes. Raises
        FailedPreconditionError for a code that does not work, or if the server sends no mail.
        """
        response = self._call(self._own.prove_address, ProveAddressRequest(code=code), timeout)
        outcome = types.present(response.outcome, "`code_sent` or `proof`").value
        if isinstance(outcome, AddressProof):
            return types.AddressProof.from_wire(outcome)
        assert isinstance(outcome, CodeSent)
        return types.CodeSent.from_wire(outcome)

    def create_first_token(
        self, *, organization_id: str, timeout: Seconds | None = None
    ) -> types.FirstToken:
        """The first token of who the caller is in another organization, which they created or joined; given once.

        Raises NotFoundError for an organization in which nobody is of the caller's account, and FailedPreconditionError if
        the token was given already, or the member is suspended or has left.
        """
        request = CreateFirstTokenRequest(organization_id=organization_id)
        return types.FirstToken.from_wire(
            self._call(self._own.create_first_token, request, timeout)
        )

    def get_sso_login_url(
        self, *, email: str, return_to: str | None = None, timeout: Seconds | None = None
    ) -> types.SSOLoginURL:
        """The page at which whoever has an address signs in. Raises NotFoundError for a domain that nobody signs in with."""
        request = login_pb.GetSSOLoginURLRequest(email=email, return_to=return_to)
        return types.SSOLoginURL.from_wire(
            self._call(self._rpc.get_sso_login_url, request, timeout)
        )

    def list_sso_logins(
        self,
        *,
        email: str,
        return_to: str | None = None,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.SSOLogin]:
        """The providers with which whoever has an address may sign in; pages of `page_size` (25, at most 100)."""

        def fetch(token: str) -> Page[types.SSOLogin]:
            response = self._call(
                self._rpc.list_sso_logins,
                login_pb.ListSSOLoginsRequest(
                    email=email,
                    return_to=return_to,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.SSOLogin.from_wire(each) for each in response.logins]
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)

    def list_login_providers(
        self,
        *,
        email: str | None = None,
        invite_id: str | None = None,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.LoginProvider]:
        """The kinds of account that people sign in with: whoever has this address, or this invite, or anybody.

        Raises NotFoundError for an invite that does not work.
        """

        def fetch(token: str) -> Page[types.LoginProvider]:
            response = self._call(
                self._rpc.list_login_providers,
                login_pb.ListLoginProvidersRequest(
                    filter=login_pb.ListLoginProvidersRequest.Filter(
                        email=email, invite_id=invite_id
                    ),
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.LoginProvider.from_wire(each) for each in response.login_providers]
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)
