# Generated from _async/users.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from orgplane_api.gitpod.v1 import personal_access_token_pb as pb
from orgplane_api.gitpod.v1 import user_pb
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.gitpod.v1.user_service_connect import UserServiceClientSync
from orgplane_api.orgplane.v1.personal_access_token_pb import ListPersonalAccessTokenStatusesRequest
from orgplane_api.orgplane.v1.personal_access_token_service_connect import (
    PersonalAccessTokenServiceClientSync,
)

from .. import types
from .._core.durations import duration
from .._core.options import Seconds
from .connection import Connection
from .pages import Page, Pages


class PersonalAccessTokens:
    """Personal access tokens: one's own and, for administrators, those of other members."""

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(UserServiceClientSync)
        self._own = connection.stub(PersonalAccessTokenServiceClientSync)

    def create(
        self,
        *,
        user_id: str,
        description: str = "",
        valid_for: timedelta | str | None = None,
        read_only: bool = False,
        timeout: Seconds | None = None,
    ) -> types.CreatePersonalAccessTokenResponse:
        """A new token of one's own, shown this once; valid for at most 90 days, which is the default."""
        response = self._call(
            self._rpc.create_personal_access_token,
            pb.CreatePersonalAccessTokenRequest(
                user_id=user_id,
                description=description,
                valid_for=duration(valid_for),
                read_only=read_only,
            ),
            timeout,
        )
        return types.CreatePersonalAccessTokenResponse(response.token)

    def get(
        self, *, personal_access_token_id: str, timeout: Seconds | None = None
    ) -> types.PersonalAccessTokenResponse:
        """What is known about one token, its secret excepted."""
        response = self._call(
            self._rpc.get_personal_access_token,
            pb.GetPersonalAccessTokenRequest(personal_access_token_id=personal_access_token_id),
            timeout,
        )
        return types.PersonalAccessTokenResponse(
            types.PersonalAccessToken.from_wire(types.present(response.pat))
        )

    def list(
        self,
        *,
        user_ids: Sequence[str] = (),
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> Pages[types.PersonalAccessToken]:
        """Tokens of these users, one's own by default, oldest first."""

        def fetch(token: str) -> Page[types.PersonalAccessToken]:
            response = self._call(
                self._rpc.list_personal_access_tokens,
                pb.ListPersonalAccessTokensRequest(
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                    filter=pb.ListPersonalAccessTokensRequest.Filter(user_ids=[*user_ids]),
                ),
                timeout,
            )
            items = [
                types.PersonalAccessToken.from_wire(pat) for pat in response.personal_access_tokens
            ]
            return Page(items, types.present(response.pagination).next_token, fetch)

        return Pages(fetch, token)

    def retrieve_statuses(
        self, *, personal_access_token_ids: Sequence[str], timeout: Seconds | None = None
    ) -> Sequence[types.PersonalAccessTokenStatus]:
        """Which of these tokens, 100 at most, were made with a session; oldest first, of those that one may see."""
        response = self._call(
            self._own.list_personal_access_token_statuses,
            ListPersonalAccessTokenStatusesRequest(
                personal_access_token_ids=[*personal_access_token_ids]
            ),
            timeout,
        )
        return [types.PersonalAccessTokenStatus.from_wire(each) for each in response.statuses]

    def delete(self, *, personal_access_token_id: str, timeout: Seconds | None = None) -> None:
        """Revokes a token: refused everywhere when this returns."""
        self._call(
            self._rpc.delete_personal_access_token,
            pb.DeletePersonalAccessTokenRequest(personal_access_token_id=personal_access_token_id),
            timeout,
        )


class Users:
    """Users, and their personal access tokens."""

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(UserServiceClientSync)
        self.pats = PersonalAccessTokens(connection)

    def get_authenticated_user(self, *, timeout: Seconds | None = None) -> types.UserResponse:
        """The user that the client's token stands for."""
        response = self._call(
            self._rpc.get_authenticated_user, user_pb.GetAuthenticatedUserRequest(), timeout
        )
        return types.UserResponse(types.User.from_wire(types.present(response.user)))

    def get(self, *, user_id: str, timeout: Seconds | None = None) -> types.UserResponse:
        """A member of the organization, also one who left."""
        response = self._call(self._rpc.get_user, user_pb.GetUserRequest(user_id=user_id), timeout)
        return types.UserResponse(types.User.from_wire(types.present(response.user)))

    def set_suspended(
        self, *, user_id: str, suspended: bool, timeout: Seconds | None = None
    ) -> None:
        """Administrators only. None of a suspended member's tokens works when this returns.

        False lifts what an administrator said; raises FailedPreconditionError, and changes nothing, while an
        identity provider says that they are not active.
        """
        self._call(
            self._rpc.set_suspended,
            user_pb.SetSuspendedRequest(user_id=user_id, suspended=suspended),
            timeout,
        )

    def delete(self, *, user_id: str, timeout: Seconds | None = None) -> None:
        """Administrators only. Nothing but the audit trail knows of the user when this returns, identity providers included.

        Raises PermissionDeniedError if nobody could act for the organization any more.
        """
        self._call(self._rpc.delete_user, user_pb.DeleteUserRequest(user_id=user_id), timeout)
