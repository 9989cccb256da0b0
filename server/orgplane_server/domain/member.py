"""The members of an organization: what narrows and orders a list of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .identifier import GroupId, UserId
from .role import Role, plain
from .user import User, UserStatus

#: Counting stops here.
MAX_COUNT = 10_000
#: The statuses of those who are members now.
PRESENT = frozenset({UserStatus.ACTIVE, UserStatus.SUSPENDED})


class LoginProvider(StrEnum):
    """How a member signs in; `NONE` is for those who only have tokens."""

    SSO = "sso"
    GITHUB = "github"
    GOOGLE = "google"
    MAGIC_LINK = "magic_link"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Member:
    """With their effective roles."""

    user: User
    login_provider: LoginProvider
    roles: frozenset[Role]

    @property
    def role(self) -> Role:
        return plain(self.roles)


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """What members must meet, all of it; an empty collection or text, or None, lets everybody through.

    `roles` are `ADMIN`, for all who administer, whatever makes them do so, and `MEMBER` for all others.
    `search` is part of the name or of the e-mail address, `email` the whole of it; neither minds case.
    `outside` are groups that they are not in.
    """

    search: str = ""
    email: str = ""
    statuses: frozenset[UserStatus] = PRESENT
    roles: frozenset[Role] = frozenset()
    user_ids: frozenset[UserId] = frozenset()
    outside: frozenset[GroupId] = frozenset()
    login_provider: LoginProvider | None = None

    @property
    def long(self) -> bool:
        """Whether it may take long to answer: everybody has to be looked at."""
        return bool(self.search or self.outside or self.login_provider is not None)


class MemberSort(StrEnum):
    NAME = "name"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class MemberOrder:
    """Members that are equal in `by` are in the order of their ids; `first` comes before everybody else."""

    by: MemberSort
    descending: bool = False
    first: UserId | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; at least so many, if not `exact`."""

    value: int
    exact: bool
