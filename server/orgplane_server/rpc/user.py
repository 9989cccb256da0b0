from __future__ import annotations

from orgplane_api.gitpod.v1 import user_pb as pb

from ..domain.user import User, UserStatus
from ..usecases.user import Users
from .caller import caller
from .wire import Context, timestamp

_STATUSES = {
    UserStatus.ACTIVE: pb.UserStatus.ACTIVE,
    UserStatus.SUSPENDED: pb.UserStatus.SUSPENDED,
    UserStatus.LEFT: pb.UserStatus.LEFT,
}


class UserRpcs:
    """The RPCs of `gitpod.v1.UserService` about users."""

    _users: Users

    async def get_authenticated_user(
        self, request: pb.GetAuthenticatedUserRequest, ctx: Context
    ) -> pb.GetAuthenticatedUserResponse:
        user = await self._users.get_authenticated(caller())
        return pb.GetAuthenticatedUserResponse(user=_to_wire(user))


def _to_wire(user: User) -> pb.User:
    return pb.User(
        id=str(user.id),
        organization_id=str(user.organization_id),
        name=user.name,
        avatar_url=user.avatar_url,
        created_at=timestamp(user.created_at),
        status=_STATUSES[user.status],
        email=user.email,
    )
