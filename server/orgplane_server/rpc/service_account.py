from __future__ import annotations

from orgplane_api.gitpod.v1 import service_account_pb as pb
from orgplane_api.gitpod.v1.service_account_service_connect import (
    ServiceAccountService,
    ServiceAccountServiceASGIApplication,
)
from orgplane_api.orgplane.v1 import service_account_pb as own_pb
from orgplane_api.orgplane.v1.service_account_service_connect import (
    ServiceAccountService as OwnServiceAccountService,
)
from orgplane_api.orgplane.v1.service_account_service_connect import (
    ServiceAccountServiceASGIApplication as OwnServiceAccountServiceASGIApplication,
)

from ..domain.identifier import ServiceAccountId, ServiceAccountTokenId
from ..domain.service_account import (
    ServiceAccount,
    ServiceAccountChanges,
    ServiceAccountFilter,
    ServiceAccountToken,
)
from ..usecases.service_account import ServiceAccounts
from ..usecases.service_account_token import ServiceAccountTokens
from .caller import caller
from .identity import subject
from .service import Service
from .wire import (
    Context,
    datetime_of,
    lifetime,
    optional_timestamp,
    page_request,
    page_response,
    timestamp,
    uuid,
)


class ServiceAccountRpcs(ServiceAccountService):
    """`gitpod.v1.ServiceAccountService`."""

    def __init__(self, accounts: ServiceAccounts, tokens: ServiceAccountTokens) -> None:
        self._accounts = accounts
        self._tokens = tokens

    async def create_service_account(
        self, request: pb.CreateServiceAccountRequest, ctx: Context
    ) -> pb.CreateServiceAccountResponse:
        valid_until = datetime_of("valid_until", request.valid_until)
        assert valid_until is not None  # the rules require it
        account = await self._accounts.create(
            caller(), request.name, request.description, valid_until
        )
        return pb.CreateServiceAccountResponse(service_account=_to_wire(account))

    async def list_service_accounts(
        self, request: pb.ListServiceAccountsRequest, ctx: Context
    ) -> pb.ListServiceAccountsResponse:
        page = await self._accounts.list(
            caller(), page_request(request.pagination), _filter(request.filter)
        )
        return pb.ListServiceAccountsResponse(
            pagination=page_response(page.next_token),
            service_accounts=[_to_wire(item) for item in page.items],
        )

    async def get_service_account(
        self, request: pb.GetServiceAccountRequest, ctx: Context
    ) -> pb.GetServiceAccountResponse:
        account = await self._accounts.get(caller(), _id(request.service_account_id))
        return pb.GetServiceAccountResponse(service_account=_to_wire(account))

    async def update_service_account(
        self, request: pb.UpdateServiceAccountRequest, ctx: Context
    ) -> pb.UpdateServiceAccountResponse:
        changes = ServiceAccountChanges()
        if request.has_field("name"):
            changes["name"] = request.name
        if request.has_field("description"):
            changes["description"] = request.description
        account = await self._accounts.update(caller(), _id(request.service_account_id), changes)
        return pb.UpdateServiceAccountResponse(service_account=_to_wire(account))

    async def delete_service_account(
        self, request: pb.DeleteServiceAccountRequest, ctx: Context
    ) -> pb.DeleteServiceAccountResponse:
        await self._accounts.delete(caller(), _id(request.service_account_id))
        return pb.DeleteServiceAccountResponse()

    async def create_service_account_access_token(
        self, request: pb.CreateServiceAccountAccessTokenRequest, ctx: Context
    ) -> pb.CreateServiceAccountAccessTokenResponse:
        token = await self._tokens.create_brief(caller(), _id(request.service_account_id))
        return pb.CreateServiceAccountAccessTokenResponse(token=token.reveal())

    async def create_service_account_token(
        self, request: pb.CreateServiceAccountTokenRequest, ctx: Context
    ) -> pb.CreateServiceAccountTokenResponse:
        minted = await self._tokens.create(
            caller(), request.description, lifetime(request.valid_for) or None
        )
        return pb.CreateServiceAccountTokenResponse(
            token=minted.token.reveal(), service_account_token=_token_to_wire(minted.kept)
        )

    async def list_service_account_tokens(
        self, request: pb.ListServiceAccountTokensRequest, ctx: Context
    ) -> pb.ListServiceAccountTokensResponse:
        page = await self._tokens.list(caller(), page_request(request.pagination))
        return pb.ListServiceAccountTokensResponse(
            tokens=[_token_to_wire(item) for item in page.items],
            pagination=page_response(page.next_token),
        )

    async def get_service_account_token(
        self, request: pb.GetServiceAccountTokenRequest, ctx: Context
    ) -> pb.GetServiceAccountTokenResponse:
        found = await self._tokens.get(caller(), _token_id(request.service_account_token_id))
        return pb.GetServiceAccountTokenResponse(token=_token_to_wire(found))

    async def delete_service_account_token(
        self, request: pb.DeleteServiceAccountTokenRequest, ctx: Context
    ) -> pb.DeleteServiceAccountTokenResponse:
        await self._tokens.delete(caller(), _token_id(request.service_account_token_id))
        return pb.DeleteServiceAccountTokenResponse()


class OwnServiceAccountRpcs(OwnServiceAccountService):
    """`orgplane.v1.ServiceAccountService`."""

    def __init__(self, accounts: ServiceAccounts) -> None:
        self._accounts = accounts

    async def update_service_account_validity(
        self, request: own_pb.UpdateServiceAccountValidityRequest, ctx: Context
    ) -> own_pb.UpdateServiceAccountValidityResponse:
        changes = ServiceAccountChanges()
        if request.has_field("suspended"):
            changes["suspended"] = request.suspended
        valid_until = datetime_of("valid_until", request.valid_until)
        if valid_until is not None:
            changes["valid_until"] = valid_until
        account = await self._accounts.update(caller(), _id(request.service_account_id), changes)
        return own_pb.UpdateServiceAccountValidityResponse(service_account=_to_wire(account))


SERVICE = Service(
    ServiceAccountService.desc(),
    ServiceAccountServiceASGIApplication,
    lambda use_cases: ServiceAccountRpcs(
        use_cases.service_accounts, use_cases.service_account_tokens
    ),
)
OWN_SERVICE = Service(
    OwnServiceAccountService.desc(),
    OwnServiceAccountServiceASGIApplication,
    lambda use_cases: OwnServiceAccountRpcs(use_cases.service_accounts),
)


def _id(text: str) -> ServiceAccountId:
    return ServiceAccountId(uuid(text))


def _token_id(text: str) -> ServiceAccountTokenId:
    return ServiceAccountTokenId(uuid(text))


def _filter(wire: pb.ListServiceAccountsRequest.Filter | None) -> ServiceAccountFilter:
    if wire is None:
        return ServiceAccountFilter()
    return ServiceAccountFilter(
        include_suspended=wire.include_suspended,
        ids=[_id(each) for each in wire.service_account_ids],
        search=wire.search,
    )


def _to_wire(account: ServiceAccount) -> pb.ServiceAccount:
    return pb.ServiceAccount(
        id=str(account.id),
        organization_id=str(account.organization_id),
        name=account.name,
        description=account.description,
        creator=subject(account.creator_id, service_account=account.made_by_service_account),
        created_at=timestamp(account.created_at),
        valid_until=timestamp(account.valid_until),
        suspended=account.suspended,
    )


def _token_to_wire(token: ServiceAccountToken) -> pb.ServiceAccountToken:
    return pb.ServiceAccountToken(
        id=str(token.id),
        service_account_id=str(token.service_account_id),
        description=token.description,
        creator=subject(token.creator_id, service_account=token.made_by_service_account),
        created_at=timestamp(token.created_at),
        expires_at=timestamp(token.expires_at),
        last_used=optional_timestamp(token.last_used_at),
    )
