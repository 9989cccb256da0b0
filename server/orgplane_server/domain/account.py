"""An account: the members that one person is, tied by joining or creating an organization as a member of another.

Never by equal addresses: those are typed, pushed and claimed by others. A member who was never tied to another is
an account of their own, which has their id.
"""

from __future__ import annotations

from dataclasses import dataclass

from .identifier import AccountId, OrganizationId, UserId
from .organization import Organization
from .role import Role
from .user import User


@dataclass(frozen=True, slots=True)
class AccountMember:
    """`id` is the member's. What `first_token_due` is worth is `domain.first_token`'s."""

    id: UserId
    organization_id: OrganizationId
    account_id: AccountId
    first_token_due: bool = False


@dataclass(frozen=True, slots=True)
class MembershipOfAccount:
    """A member, in their `domain.role.plain` role, where, and how many there are."""

    member: User
    role: Role
    organization: Organization
    member_count: int


@dataclass(frozen=True, slots=True)
class Account:
    """As the caller has it: `memberships` are the active ones, the caller's own first."""

    id: AccountId
    caller: User
    memberships: tuple[MembershipOfAccount, ...]
    public_email_provider: bool


@dataclass(frozen=True, slots=True)
class JoinableOrganization:
    organization: Organization
    member_count: int
