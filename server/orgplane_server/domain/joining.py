"""Who may become a member of an organization by themselves.

It takes a way in and an address, and nothing stands against it:

- The way in is an invite that works; or an organization's id, if it has proven the domain of the address
  and has it among its invite domains. An id alone, or a domain that is only claimed, lets nobody in.
- The address is proven by whoever joins, moments ago, by a code mailed to it. What an operator typed, SCIM pushed or
  another organization's provider said of somebody proves nothing. By an invite too: who came in with
  somebody else's address would be whom SCIM takes for that person, and links to, when it provisions them.
- The organization takes people whom SCIM did not provision (`restrict_account_creation_to_scim`).
- Nobody whom the organization suspended, or who left it, has the address, however it is spelled: they do not come back by
  a link, nor with a + and something behind it in their address, nor by another address that their provider knows of.

Whoever is an active member already, by the address or by their account, stays that one member and needs no proof
for what they have. Several active members with the address are nobody in particular, and nobody joins with it. A
newcomer is always a plain member.

Whoever joins by an invite and has no token gets one: a newcomer, and a plain member who joined with a
token of another organization and to whom a first one is due still (`domain.first_token`). Nobody else does: an invite
opens nobody's membership to whoever reads their mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .caller import Origin
from .errors import FailedPrecondition, Reason
from .identifier import OrganizationId, UserId
from .member import LoginProvider, Member
from .organization_policies import OrganizationPolicies
from .role import Role
from .user import User, UserStatus


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who joins: acts as the member that they become."""

    user_id: UserId
    organization_id: OrganizationId
    origin: Origin = field(default_factory=Origin)


def already(known: Sequence[User], related: Sequence[User] = ()) -> User | None:
    """Who of the members with an address, or of an account, they are; None for nobody.

    Raises FailedPrecondition if they were suspended or left, or could be several; also if one of those was or did whose
    address is `related`.
    """
    active = [each for each in known if each.status is UserStatus.ACTIVE]
    if len(active) > 1:
        raise FailedPrecondition(
            "several active members of the organization have the e-mail address, so it says of none of them who they "
            "are: ask an administrator there",
            reason=Reason.JOINING_DENIED,
        )
    if not active and (known or any(each.status is not UserStatus.ACTIVE for each in related)):
        raise FailedPrecondition(
            "whoever has the e-mail address was suspended in the organization, or has left it, and does not come "
            "back by joining: ask an administrator there",
            reason=Reason.JOINING_DENIED,
        )
    return active[0] if active else None


def takes_token(member: Member) -> bool:
    """Whether an invite and their address give a member, who was one already, the first token that is due to them.

    It is due to who joined by themselves, so that it was them who proved the address; nobody provisioned them, so
    that it still is that address; and mail alone makes nobody an administrator.
    """
    return member.role is Role.MEMBER and member.login_provider is LoginProvider.NONE


def check_open(policies: OrganizationPolicies) -> None:
    """Raises FailedPrecondition if only SCIM makes members."""
    if policies.restrict_account_creation_to_scim:
        raise FailedPrecondition(
            "the organization takes only people whom its identity provider provisions "
            "(restrict_account_creation_to_scim)",
            reason=Reason.JOINING_RESTRICTED,
        )


def not_proven() -> FailedPrecondition:
    return FailedPrecondition(
        "prove your e-mail address first, by a code that is mailed to it (MembershipService/ProveAddress); that holds "
        "for 10 minutes",
        reason=Reason.ADDRESS_NOT_PROVEN,
    )


def no_address() -> FailedPrecondition:
    return FailedPrecondition(
        "you have no e-mail address that a code could be mailed to",
        reason=Reason.ADDRESS_NOT_PROVEN,
    )
