"""Groups of an organization's members: those that identity providers keep by SCIM, and local ones beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from .errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound, Reason, Violation
from .identifier import (
    GroupId,
    GroupMembershipId,
    OrganizationId,
    ScimConfigurationId,
    UserId,
)
from .instant import after
from .revision import revised
from .scim_group import ScimGroup
from .text import folded, storable


@dataclass(frozen=True, slots=True)
class LocalGroup:
    """A group that administrators keep here; no provider sees it."""

    id: GroupId
    organization_id: OrganizationId
    name: str
    description: str
    created_at: datetime
    updated_at: datetime


class GroupChanges(TypedDict, total=False):
    """What to change; an absent key leaves its field as it is."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group of either kind. `configuration_id` is the SCIM configuration whose provider keeps it, None of a local one.

    Who is in it is on its roster: a local group's has the id of the group.
    """

    id: GroupId
    organization_id: OrganizationId
    name: str
    description: str
    created_at: datetime
    updated_at: datetime
    roster_id: UUID
    configuration_id: ScimConfigurationId | None = None

    @property
    def local(self) -> bool:
        return self.configuration_id is None


@dataclass(frozen=True, slots=True)
class Sized:
    """A group, and how many are in it."""

    group: Group
    members: int


@dataclass(frozen=True, slots=True)
class GroupMembership:
    """That a user is in a group, and what they are called."""

    id: GroupMembershipId
    group_id: GroupId
    user_id: UserId
    name: str
    avatar_url: str


@dataclass(frozen=True, slots=True)
class LocalMembership:
    """That a user is in a local group, as it is kept."""

    id: GroupMembershipId
    group_id: GroupId
    user_id: UserId
    organization_id: OrganizationId
    created_at: datetime


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """What groups must meet, all of it; None, or an empty text, lets every group through.

    `search` is part of the name, the description or the id, and minds no case. `provided` are those of providers,
    those `without_roles` have none on the organization by an assignment.
    """

    search: str = ""
    ids: frozenset[GroupId] | None = None
    provided: bool | None = None
    without_roles: bool = False

    @property
    def long(self) -> bool:
        """Whether it may take long to answer: every group has to be looked at."""
        return bool(self.search)


def new(
    id: GroupId, organization_id: OrganizationId, name: str, description: str, now: datetime
) -> LocalGroup:
    """With nobody in it. Raises InvalidArgument unless a group can be called so."""
    _check(name, description)
    return LocalGroup(id, organization_id, name, description, now, now)


def changed(group: LocalGroup, changes: GroupChanges, now: datetime) -> LocalGroup:
    """The group after `changes`; itself when nothing differs. Raises as `new`."""
    result = revised(group, changes, now)
    _check(result.name, result.description)
    return result


def touched(group: LocalGroup, now: datetime) -> LocalGroup:
    """The group after somebody came or went."""
    return replace(group, updated_at=after(group.updated_at, now))


def of_local(group: LocalGroup) -> Group:
    return Group(
        group.id,
        group.organization_id,
        group.name,
        group.description,
        group.created_at,
        group.updated_at,
        roster_id=group.id,
    )


def of_scim(group: ScimGroup) -> Group:
    return Group(
        GroupId(group.id),
        group.organization_id,
        group.display_name,
        "",
        group.created_at,
        group.updated_at,
        roster_id=group.roster_id,
        configuration_id=group.configuration_id,
    )


def name_key(name: str) -> str:
    """What a group is found and kept unique by."""
    return folded(name)


#: The version of UUIDs whose bits are anybody's (RFC 9562, section 5.8).
_OURS = 8


def provided_membership_id(group: GroupId, user: UserId) -> GroupMembershipId:
    """The id of a membership that a provider keeps: always the same of a group and a user, and no local one's."""
    bits = int.from_bytes(hashlib.sha256(group.bytes + user.bytes).digest()[:16])
    bits &= ~(0xF << 76) & ~(0x3 << 62)
    return GroupMembershipId(UUID(int=bits | _OURS << 76 | 0x2 << 62))


def is_provided(id: GroupMembershipId) -> bool:
    """Whether an id can only be of a membership that a provider keeps."""
    return id.version == _OURS


def only(found: Collection[Group]) -> Group:
    """The one group that has a name. Raises NotFound if there is none, FailedPrecondition if there are more."""
    if not found:
        raise not_found()
    if len(found) > 1:
        raise FailedPrecondition(
            "name: several groups of identity providers are called so: ask by id",
            reason=Reason.GROUP_NAME_AMBIGUOUS,
        )
    (group,) = found
    return group


def taken(field: str) -> AlreadyExists:
    return AlreadyExists(f"{field}: another local group of the organization has it already")


def already_in() -> AlreadyExists:
    return AlreadyExists("the user is in the group already")


def of_provider(configuration: ScimConfigurationId | None) -> FailedPrecondition:
    """Refuses to change what a provider keeps: the SCIM configuration, if it is known, through which it does."""
    return FailedPrecondition(
        "an identity provider keeps the group by SCIM: it is read-only here, change it there",
        reason=Reason.GROUP_OF_PROVIDER,
        metadata={} if configuration is None else {"scim_configuration_id": str(configuration)},
    )


def not_found() -> NotFound:
    return NotFound("group not found", reason=Reason.GROUP_NOT_FOUND)


def membership_not_found() -> NotFound:
    return NotFound("group membership not found", reason=Reason.GROUP_MEMBERSHIP_NOT_FOUND)


def _check(name: str, description: str) -> None:
    storable(name=name, description=description)
    if not name.strip():
        raise InvalidArgument(Violation("name", "must not be blank", "string.min_len"))
