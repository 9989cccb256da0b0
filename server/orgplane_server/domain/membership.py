"""A member and their links: one for each SCIM configuration whose identity provider provisioned them.

A member is active while nobody denies it: not an administrator, and not any link. A link is a `ScimUser`:
it keeps the last word of its identity provider about `active`, whatever others say, also while its
configuration is disabled.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import scim_user
from .errors import AlreadyExists, FailedPrecondition, Reason
from .identifier import OrganizationId, ScimConfigurationId, UserId
from .instant import after
from .revision import revised
from .role import Role
from .scim_configuration import ScimConfiguration
from .scim_user import Document, ScimUser
from .user import User, UserStatus


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a member is suspended; without a configuration it is an administrator who says so."""

    since: datetime
    configuration_id: ScimConfigurationId | None = None


@dataclass(frozen=True, slots=True)
class SharedAddress:
    """An e-mail address that several active members of an organization have."""

    organization_id: OrganizationId
    email: str
    user_ids: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """`links` are in the order of their configurations' ids."""

    member: User
    links: tuple[ScimUser, ...] = ()

    def link(self, configuration: ScimConfigurationId) -> ScimUser | None:
        return next((link for link in self.links if link.configuration_id == configuration), None)

    def without(self, configuration: ScimConfigurationId) -> Membership:
        """As if this link had never been."""
        left = tuple(link for link in self.links if link.configuration_id != configuration)
        return dataclasses.replace(self, links=left)

    @property
    def denials(self) -> list[Denial]:
        """Everybody because of whom the member is suspended; an administrator first."""
        at = self.member.suspended_by_administrator_at
        return [
            *([] if at is None else [Denial(at)]),
            *(
                Denial(link.active_said_at, link.configuration_id)
                for link in self.links
                if not link.active
            ),
        ]


def told(
    membership: Membership, link: ScimUser, now: datetime, *, again: bool = False
) -> Membership:
    """What becomes of a member when a provider has said what its link, new or known, is now.

    The profile follows whoever changed it last. `again` says that the provider has confirmed an `active`
    that was true before. Its word on that takes the place of what it wished before.
    """
    before = membership.link(link.configuration_id)
    others = membership.without(link.configuration_id)
    changed = before is None or before.active != link.active
    if changed or again:
        link = scim_user.wishing(link, None, now)
        link = dataclasses.replace(link, active_said_at=_moment(membership, now), contested=False)
    if changed and not link.active:
        others = _contested(others)
    links = sorted((*others.links, link), key=lambda each: each.configuration_id)
    known = dataclasses.replace(membership, links=tuple(links))
    if membership.member.status is not UserStatus.LEFT:
        return _settled(known, now, **scim_user.profile_changes(link, before))
    if changed and link.active:
        return _returned(known, now, **scim_user.profile_changes(link))
    return known


def left(membership: Membership, now: datetime) -> Membership:
    """No longer a member.

    Providers keep their links, which are theirs: whatever they go on saying changes nothing, and nobody new is made
    of it. One that says `active` after it has said otherwise assigns the person anew, who is then a member again.
    """
    return dataclasses.replace(
        membership, member=revised(membership.member, {"status": UserStatus.LEFT}, now)
    )


def suspended(membership: Membership, now: datetime) -> Membership:
    """An administrator denies; that they do so already changes nothing."""
    if membership.member.suspended_by_administrator_at is not None:
        return membership
    at = _moment(membership, now)
    return _settled(_contested(membership), now, suspended_by_administrator_at=at)


def resumed(membership: Membership, now: datetime) -> Membership:
    """No administrator denies any more; whoever else does is for the caller to look at."""
    return _settled(membership, now, suspended_by_administrator_at=None)


def let_in(membership: Membership, now: datetime) -> Membership:
    """An active administrator, whoever denied it: the operator of the server has the last word.

    Of a provider that denied it is taken as its word that they are active, until it says otherwise again.
    """
    at = _moment(membership, now)
    links = tuple(
        link
        if link.active
        else dataclasses.replace(scim_user.activated(link, now), active_said_at=at, contested=False)
        for link in membership.links
    )
    lifted = dataclasses.replace(membership, links=links)
    return _settled(lifted, now, role=Role.ADMIN, suspended_by_administrator_at=None)


def parted(membership: Membership, configuration: ScimConfigurationId, now: datetime) -> Membership:
    """Without the link of a configuration, as when that is deleted.

    Its denial goes with it only if another link says `active` and has said so after the denial. Otherwise
    the denial becomes an administrator's: nobody comes back because a link is gone.
    """
    link = membership.link(configuration)
    assert link is not None, "a link of the member"
    left = membership.without(configuration)
    if membership.member.status is UserStatus.LEFT:
        return left
    at = membership.member.suspended_by_administrator_at
    if not link.active and at is None and not _overruled(link, left):
        left, at = _contested(left), link.active_said_at
    return _settled(left, now, suspended_by_administrator_at=at)


def _overruled(denial: ScimUser, others: Membership) -> bool:
    return any(link.active and link.active_said_at > denial.active_said_at for link in others.links)


def withdrawn(
    membership: Membership, configuration: ScimConfigurationId, now: datetime
) -> Membership:
    """Without a link that its provider has deleted. With the last one the member leaves.

    While others know the member, the provider denies first.
    """
    link = membership.link(configuration)
    assert link is not None, "a link of the member"
    left = membership.without(configuration)
    if membership.member.status is UserStatus.LEFT:
        return left
    if not left.links:
        return Membership(revised(membership.member, {"status": UserStatus.LEFT}, now))
    if link.active:
        denial = dataclasses.replace(link, active=False, active_said_at=_moment(membership, now))
        membership = dataclasses.replace(left, links=(*left.links, denial))
    return parted(membership, configuration, now)


def _moment(membership: Membership, now: datetime) -> datetime:
    """`now`, but after everything that was said before, whatever the clocks of the servers."""
    at = membership.member.suspended_by_administrator_at
    said = [link.active_said_at for link in membership.links] + ([] if at is None else [at])
    return after(max(said), now) if said else now


def _contested(membership: Membership) -> Membership:
    """Links that say `active` while somebody denies; they get to confirm it."""
    links = tuple(
        dataclasses.replace(link, contested=True) if link.active and not link.contested else link
        for link in membership.links
    )
    return dataclasses.replace(membership, links=links)


def _returned(membership: Membership, now: datetime, **profile: Any) -> Membership:
    """Of somebody who had left, a plain member again; suspended, if anybody else denies it still."""
    status = UserStatus.SUSPENDED if membership.denials else UserStatus.ACTIVE
    changes = {**profile, "role": Role.MEMBER, "status": status}
    return dataclasses.replace(membership, member=revised(membership.member, changes, now))


def _settled(membership: Membership, now: datetime, **changes: Any) -> Membership:
    """With these changes of the member, and the status that follows."""
    member = membership.member
    changed = dataclasses.replace(membership, member=dataclasses.replace(member, **changes))
    if member.status is not UserStatus.LEFT:
        changes["status"] = UserStatus.SUSPENDED if changed.denials else UserStatus.ACTIVE
    return dataclasses.replace(membership, member=revised(member, changes, now))


def confirms_active(user: ScimUser, revise: Callable[[ScimUser], Document]) -> bool:
    """Whether a revision says that an active user is active, rather than nothing about it."""
    return bool(revise(scim_user.deactivated(user)).get("active"))


def of_address(
    holders: Sequence[Membership],
    configuration: ScimConfiguration,
    licensed: Callable[[str], bool],
) -> Membership | None:
    """Who of the active holders of an address a new user of the configuration is; None if somebody new.

    `licensed` says whether addresses of a domain find members for the configuration. Raises AlreadyExists if the
    address belongs to somebody whom it must not link to, or to several. Within one configuration several users
    may share an address, and each is somebody else.
    """
    if not holders or any(holder.link(configuration.id) for holder in holders):
        return None
    if len(holders) > 1:
        raise ambiguous(holders)
    (holder,) = holders
    domain = holder.member.email.rpartition("@")[2]
    if not configuration.allow_unverified_email_account_linking and not licensed(domain):
        raise not_linkable(holder, domain)
    return holder


def not_linkable(holder: Membership, domain: str) -> AlreadyExists:
    """A member has the address, and the configuration does not allow to link them."""
    member = holder.member
    who = "a member"
    if holder.links:
        who = "a member whom another SCIM configuration provisioned"
    elif member.role is Role.ADMIN:
        who = "an administrator"
    return AlreadyExists(
        f"{who} of the organization already has the e-mail address {member.email}; to link them, prove that the domain "
        f"{domain} is the organization's (CreateDomainVerification) and have it among the e-mail domains of the SSO "
        "configuration that the SCIM configuration is linked to, or allow linking of unverified e-mail accounts on the SCIM "
        "configuration (allow_unverified_email_account_linking)"
    )


def ambiguous(holders: Sequence[Membership]) -> AlreadyExists:
    ids = ", ".join(str(holder.member.id) for holder in holders)
    return AlreadyExists(
        f"several active members of the organization have the e-mail address {holders[0].member.email}: "
        f"{ids}; so it says of none of them who they are: give all but one another address, or suspend them"
    )


def shared(holders: Collection[Membership]) -> str:
    """Tells administrators that an address has become that of several."""
    (first, *_) = holders
    ids = ", ".join(str(holder.member.id) for holder in holders)
    return (
        f"other active members have the e-mail address {first.member.email} too, so it finds none of them "
        f"any more: {ids}"
    )


def still_denied(membership: Membership) -> str:
    """Tells administrators that a provider's `active` does not make a member active."""
    if membership.member.status is UserStatus.LEFT:
        return (
            "active is true, but the member has left the organization; to make them one again, have the identity "
            "provider deactivate and then activate them"
        )
    who = ", ".join(
        (
            "an administrator"
            if each.configuration_id is None
            else f"SCIM configuration {each.configuration_id}"
        )
        + f" since {each.since.isoformat(timespec='seconds').replace('+00:00', 'Z')}"
        for each in membership.denials
    )
    return f"active is true, but the member stays suspended, by {who}"


def address_taken(holders: Collection[Membership]) -> AlreadyExists:
    """Where no two active members may have the same address."""
    (member, *_) = (holder.member for holder in holders)
    return AlreadyExists(
        f"another active member has the e-mail address {member.email} already, and this server wants each "
        f"address to be one person's (--unique-addresses): {member.id}"
    )


def denied_by_providers(configurations: Sequence[ScimConfiguration]) -> FailedPrecondition:
    """An administrator cannot lift what an identity provider says."""
    named = ", ".join(
        f"{each.id} ({each.name})" if each.name else str(each.id) for each in configurations
    )
    named = named or "that is being deleted"
    return FailedPrecondition(
        f"an identity provider has deactivated this user, through the SCIM configuration {named}; have it "
        "reactivate them there, or delete the configuration: the suspension is then an administrator's",
        reason=Reason.SUSPENDED_BY_PROVIDER,
        metadata={"scim_configuration_ids": ", ".join(str(each.id) for each in configurations)},
    )
