"""A SCIM group: provisioned users of one configuration under a name."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from .errors import AlreadyExists, InvalidArgument, NotFound, Reason, Violation
from .identifier import OrganizationId, ScimConfigurationId, ScimGroupId, UserId
from .instant import after
from .scim_user import check_identifier
from .text import folded


@dataclass(frozen=True, slots=True)
class ScimGroup:
    """Its members are kept apart; `version` counts their changes as well."""

    id: ScimGroupId
    configuration_id: ScimConfigurationId
    organization_id: OrganizationId
    display_name: str
    display_name_key: str
    external_id: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MemberOfGroup:
    id: UserId
    name: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """A group, and its members if these were asked for."""

    group: ScimGroup
    members: Sequence[MemberOfGroup] | None = None


@dataclass(frozen=True, slots=True)
class Everybody:
    """All that are members of the group."""


Some = Collection[UserId] | Everybody


@dataclass(frozen=True, slots=True)
class Naming:
    """What a group is called; None for an absent `external_id`."""

    display_name: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Sets one attribute; None unassigns it."""

    attribute: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Add:
    users: Collection[UserId]


@dataclass(frozen=True, slots=True)
class Remove:
    """Whoever is no member is left alone."""

    users: Some


@dataclass(frozen=True, slots=True)
class Replace:
    users: Collection[UserId]


#: One step of changing a group, in the order given.
Step = Rename | Add | Remove | Replace


def check(naming: Naming) -> None:
    """Raises InvalidArgument unless a group can be called so."""
    if not naming.display_name.strip():
        raise InvalidArgument(Violation("displayName", "must not be empty", "invalidValue"))
    check_identifier("displayName", naming.display_name)
    check_identifier("externalId", naming.external_id)


def new(
    id: ScimGroupId,
    configuration_id: ScimConfigurationId,
    organization_id: OrganizationId,
    naming: Naming,
    now: datetime,
) -> ScimGroup:
    check(naming)
    return ScimGroup(
        id=id,
        configuration_id=configuration_id,
        organization_id=organization_id,
        display_name=naming.display_name,
        display_name_key=folded(naming.display_name),
        external_id=naming.external_id,
        version=1,
        created_at=now,
        updated_at=now,
    )


def named(group: ScimGroup, naming: Naming) -> ScimGroup:
    """The group under other names, still at the same version; itself when nothing differs."""
    check(naming)
    result = dataclasses.replace(
        group,
        display_name=naming.display_name,
        display_name_key=folded(naming.display_name),
        external_id=naming.external_id,
    )
    return group if result == group else result


def next_version(group: ScimGroup, now: datetime) -> ScimGroup:
    return dataclasses.replace(
        group, version=group.version + 1, updated_at=after(group.updated_at, now)
    )


def taken(attribute: str) -> AlreadyExists:
    return AlreadyExists(f"{attribute}: another group of this configuration has it already")


def unknown_members(ids: Collection[str]) -> InvalidArgument:
    shown = ", ".join(sorted(ids)[:5]) + (", ..." if len(ids) > 5 else "")
    return InvalidArgument(Violation("members.value", f"no such user: {shown}", "invalidValue"))


def not_found() -> NotFound:
    return NotFound("group not found", reason=Reason.SCIM_GROUP_NOT_FOUND)
