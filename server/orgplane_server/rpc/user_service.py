from __future__ import annotations

from orgplane_api.gitpod.v1.user_service_connect import UserService, UserServiceASGIApplication

from ..usecases.member import Members
from ..usecases.personal_access_token import PersonalAccessTokens
from ..usecases.user import Users
from .personal_access_token import PersonalAccessTokenRpcs
from .service import Service
from .user import UserRpcs


class UserServiceRpcs(UserRpcs, PersonalAccessTokenRpcs, UserService):
    """`gitpod.v1.UserService`, assembled from its features."""

    def __init__(
        self, users: Users, members: Members, personal_access_tokens: PersonalAccessTokens
    ) -> None:
        self._users = users
        self._members = members
        self._personal_access_tokens = personal_access_tokens


SERVICE = Service(
    UserService.desc(),
    UserServiceASGIApplication,
    lambda use_cases: UserServiceRpcs(
        use_cases.users, use_cases.members, use_cases.personal_access_tokens
    ),
)
