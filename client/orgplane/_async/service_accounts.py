from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orgplane_api.gitpod.v1 import service_account_pb as pb
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.gitpod.v1.service_account_service_connect import ServiceAccountServiceClient
from orgplane_api.orgplane.v1.service_account_pb import UpdateServiceAccountValidityRequest
from orgplane_api.orgplane.v1.service_account_service_connect import (
    ServiceAccountServiceClient as OwnServiceAccountServiceClient,
)
from protobuf.wkt import Timestamp

from .. import types
from .._core.durations import duration
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages


class AsyncServiceAccountTokens:
    """Tokens of service accounts: one's own, with the token of one, and those of all for administrators."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(ServiceAccountServiceClient)

    async def create(
        self,
        *,
        description: str = "",
        valid_for: timedelta | str | None = None,
        timeout: Seconds | None = None,
    ) -> types.CreateServiceAccountTokenResponse:
        """A new token of the service account that the client's token stands for, shown this once.

        Valid as long as the account by default, and never longer. An administrator makes the first with a client whose token is
        that of `service_accounts.create_access_token`.
        """
        response = await self._call(
            self._rpc.create_service_account_token,
            pb.CreateServiceAccountTokenRequest(
                description=description, valid_for=duration(valid_for)
            ),
            timeout,
        )
        return types.CreateServiceAccountTokenResponse(
            response.token,
            types.ServiceAccountToken.from_wire(types.present(response.service_account_token)),
        )

    async def retrieve(
        self, *, service_account_token_id: str, timeout: Seconds | None = None
    ) -> types.ServiceAccountTokenResponse:
        """What is known about one token, its secret excepted."""
        response = await self._call(
            self._rpc.get_service_account_token,
            pb.GetServiceAccountTokenRequest(service_account_token_id=service_account_token_id),
            timeout,
        )
        return types.ServiceAccountTokenResponse(
            types.ServiceAccountToken.from_wire(types.present(response.token))
        )

    def list(
        self,
        *,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.ServiceAccountToken]:
        """A service account's own, or those of all; oldest first. Access tokens are not among them."""

        async def fetch(token: str) -> AsyncPage[types.ServiceAccountToken]:
            response = await self._call(
                self._rpc.list_service_account_tokens,
                pb.ListServiceAccountTokensRequest(
                    pagination=PaginationRequest(page_size=page_size or 0, token=token)
                ),
                timeout,
            )
            items = [types.ServiceAccountToken.from_wire(each) for each in response.tokens]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def delete(
        self, *, service_account_token_id: str, timeout: Seconds | None = None
    ) -> None:
        """Revokes a token, which may be the client's own: refused everywhere when this returns."""
        await self._call(
            self._rpc.delete_service_account_token,
            pb.DeleteServiceAccountTokenRequest(service_account_token_id=service_account_token_id),
            timeout,
        )


class AsyncServiceAccounts:
    """Accounts that programs act as. Administrators only, but that each reads itself and has tokens."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(ServiceAccountServiceClient)
        self._own = connection.stub(OwnServiceAccountServiceClient)
        self.tokens = AsyncServiceAccountTokens(connection)

    async def create(
        self,
        *,
        name: str,
        valid_until: datetime,
        description: str = "",
        timeout: Seconds | None = None,
    ) -> types.ServiceAccountResponse:
        """A new one, which ends at an aware datetime, and all its tokens with it. It has no token yet."""
        response = await self._call(
            self._rpc.create_service_account,
            pb.CreateServiceAccountRequest(
                name=name,
                description=description,
                valid_until=Timestamp.from_datetime(valid_until),
            ),
            timeout,
        )
        return _of(response.service_account)

    async def retrieve(
        self, *, service_account_id: str, timeout: Seconds | None = None
    ) -> types.ServiceAccountResponse:
        """One account."""
        response = await self._call(
            self._rpc.get_service_account,
            pb.GetServiceAccountRequest(service_account_id=service_account_id),
            timeout,
        )
        return _of(response.service_account)

    def list(
        self,
        *,
        include_suspended: bool = False,
        service_account_ids: Sequence[str] = (),
        search: str = "",
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.ServiceAccount]:
        """Accounts, oldest first. `search` is part of the name or of the description, in whatever case."""
        narrowed = pb.ListServiceAccountsRequest.Filter(
            include_suspended=include_suspended,
            service_account_ids=[*service_account_ids],
            search=search,
        )

        async def fetch(token: str) -> AsyncPage[types.ServiceAccount]:
            response = await self._call(
                self._rpc.list_service_accounts,
                pb.ListServiceAccountsRequest(
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                    filter=narrowed,
                ),
                timeout,
            )
            items = [types.ServiceAccount.from_wire(each) for each in response.service_accounts]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def update(
        self,
        *,
        service_account_id: str,
        name: str | None = None,
        description: str | None = None,
        timeout: Seconds | None = None,
    ) -> types.ServiceAccountResponse:
        """The account after the change; None leaves a field as it is."""
        response = await self._call(
            self._rpc.update_service_account,
            pb.UpdateServiceAccountRequest(
                service_account_id=service_account_id, name=name, description=description
            ),
            timeout,
        )
        return _of(response.service_account)

    async def update_validity(
        self,
        *,
        service_account_id: str,
        suspended: bool | None = None,
        valid_until: datetime | None = None,
        timeout: Seconds | None = None,
    ) -> types.ServiceAccountResponse:
        """The account after the change, which is in force everywhere when this returns; None leaves a field as it is.

        None of a suspended account's tokens works. With an earlier end tokens end earlier, with a later one none ends later.
        """
        response = await self._call(
            self._own.update_service_account_validity,
            UpdateServiceAccountValidityRequest(
                service_account_id=service_account_id,
                suspended=suspended,
                valid_until=None if valid_until is None else Timestamp.from_datetime(valid_until),
            ),
            timeout,
        )
        return _of(response.service_account)

    async def delete(self, *, service_account_id: str, timeout: Seconds | None = None) -> None:
        """Deletes an account: its tokens are refused everywhere when this returns."""
        await self._call(
            self._rpc.delete_service_account,
            pb.DeleteServiceAccountRequest(service_account_id=service_account_id),
            timeout,
        )

    async def create_access_token(
        self, *, service_account_id: str, timeout: Seconds | None = None
    ) -> types.CreateServiceAccountAccessTokenResponse:
        """A token to act as the account for an hour at most, shown this once."""
        response = await self._call(
            self._rpc.create_service_account_access_token,
            pb.CreateServiceAccountAccessTokenRequest(service_account_id=service_account_id),
            timeout,
        )
        return types.CreateServiceAccountAccessTokenResponse(response.token)


def _of(account: pb.ServiceAccount | None) -> types.ServiceAccountResponse:
    return types.ServiceAccountResponse(types.ServiceAccount.from_wire(types.present(account)))
