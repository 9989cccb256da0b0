from __future__ import annotations

from orgplane_api.gitpod.v1 import login_pb as pb

from ..usecases.login import Logins
from .caller import origin
from .wire import Context, page_request, page_response, uuid

#: Whoever is about to sign in has no token yet.
TOKENLESS = frozenset(["GetSSOLoginURL", "ListSSOLogins", "ListLoginProviders"])
#: What the vendor calls the one kind of account that people have: one at their organization's own provider.
_PROVIDER = "custom"


class LoginRpcs:
    """The RPCs of `gitpod.v1.AccountService` that tell where people sign in."""

    _logins: Logins

    async def get_sso_login_url(
        self, request: pb.GetSSOLoginURLRequest, ctx: Context
    ) -> pb.GetSSOLoginURLResponse:
        url = await self._logins.url(origin(), request.email, request.return_to)
        return pb.GetSSOLoginURLResponse(login_url=url)

    async def list_sso_logins(
        self, request: pb.ListSSOLoginsRequest, ctx: Context
    ) -> pb.ListSSOLoginsResponse:
        page = await self._logins.list(
            origin(), request.email, request.return_to, page_request(request.pagination)
        )
        return pb.ListSSOLoginsResponse(
            logins=[
                pb.ListSSOLoginsResponse.Login(display_name=each.name, login_url=url)
                for each, url in page.items
            ],
            pagination=page_response(page.next_token),
        )

    async def list_login_providers(
        self, request: pb.ListLoginProvidersRequest, ctx: Context
    ) -> pb.ListLoginProvidersResponse:
        wanted = request.filter or pb.ListLoginProvidersRequest.Filter()
        url = await self._logins.page(
            origin(),
            wanted.email if wanted.has_field("email") else None,
            uuid(wanted.invite_id) if wanted.has_field("invite_id") else None,
            page_request(request.pagination),
        )
        found = [pb.LoginProvider(login_url=url, provider=_PROVIDER)] if url else []
        return pb.ListLoginProvidersResponse(login_providers=found, pagination=page_response(""))
