from __future__ import annotations

from orgplane_api.gitpod.v1 import user_pb as pb

from ..domain.identifier import UserId
from ..domain.user import User, UserStatus
from ..usecases.member import Members
from ..usecases.user import Users
from .caller import caller
from .wire import Context, timestamp, uuid

STATUSES = {
    UserStatus.ACTIVE: pb.UserStatus.ACTIVE,
    UserStatus.SUSPENDED: pb.UserStatus.SUSPENDED,
    UserStatus.LEFT: pb.UserStatus.LEFT,
}


class UserRpcs:
    """The RPCs of `gitpod.v1.UserService` about users."""

    _users: Users
    _members: Members

    async def get_authenticated_user(
        self, request: pb.GetAuthenticatedUserRequest, ctx: Context
    ) -> pb.GetAuthenticatedUserResponse:
        user = await self._users.get_authenticated(caller())
        return pb.GetAuthenticatedUserResponse(user=_to_wire(user))

    async def get_user(self, request: pb.GetUserRequest, ctx: Context) -> pb.GetUserResponse:
        user = await self._users.get(caller(), _id(request.user_id))
        return pb.GetUserResponse(user=_to_wire(user))

    async def set_suspended(
        self, request: pb.SetSuspendedRequest, ctx: Context
    ) -> pb.SetSuspendedResponse:
        await self._members.set_suspended(caller(), _id(request.user_id), request.suspended)
        return pb.SetSuspendedResponse()

    async def delete_user(
        self, request: pb.DeleteUserRequest, ctx: Context
    ) -> pb.DeleteUserResponse:
        await self._members.delete(caller(), _id(request.user_id))
        return pb.DeleteUserResponse()


def _id(text: str) -> UserId:
    return UserId(uuid(text))


def _to_wire(user: User) -> pb.User:
    return pb.User(
        id=str(user.id),
        organization_id=str(user.organization_id),
        name=user.name,
        avatar_url=user.avatar_url,
        created_at=timestamp(user.created_at),
        status=STATUSES[user.status],
        email=user.email,
    )
