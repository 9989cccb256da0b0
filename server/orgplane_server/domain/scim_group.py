"""A SCIM group: provisioned users of one configuration under a name."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .errors import AlreadyExists, InvalidArgument, NotFound, Reason, Violation
from .identifier import OrganizationId, ScimConfigurationId, ScimGroupId, UserId
from .instant import after
from .revision import FieldChange
from .scim_user import check_identifier
from .text import folded

#: An audit event names at most so many users who came, or left; of more it has their number.
MAX_NAMED = 100


@dataclass(frozen=True, slots=True)
class ScimGroup:
    """Its members are kept apart, on a roster; `version` counts their changes as well."""

    id: ScimGroupId
    configuration_id: ScimConfigurationId
    organization_id: OrganizationId
    display_name: str
    display_name_key: str
    external_id: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    roster_id: UUID


@dataclass(frozen=True, slots=True)
class Member:
    """A user in a group, by the canonical text of their id, and what they are called."""

    id: str
    display: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """A group, and its members if these were asked for."""

    group: ScimGroup
    members: Sequence[Member] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """What a group is called."""

    display_name: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Sets `displayName` or `externalId`; None unassigns it."""

    attribute: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Add:
    users: Collection[UserId]


@dataclass(frozen=True, slots=True)
class Everybody:
    """All that are members of the group."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Whoever is no member is left alone."""

    users: Collection[UserId] | Everybody


@dataclass(frozen=True, slots=True)
class Replace:
    users: Collection[UserId]


#: One step of changing a group; steps are done in the order given.
Step = Rename | Add | Remove | Replace


def new(
    id: ScimGroupId,
    configuration_id: ScimConfigurationId,
    organization_id: OrganizationId,
    naming: Naming,
    now: datetime,
    roster_id: UUID | None = None,
) -> ScimGroup:
    """With nobody on its roster, unless that is given. Raises InvalidArgument unless a group can be called so."""
    unnamed = ScimGroup(
        id=id,
        configuration_id=configuration_id,
        organization_id=organization_id,
        display_name="",
        display_name_key="",
        external_id=None,
        version=1,
        created_at=now,
        updated_at=now,
        roster_id=roster_id or id,
    )
    return _named(unnamed, naming.display_name, naming.external_id)


def renamed(group: ScimGroup, attribute: str, value: str | None) -> ScimGroup:
    """The group with another name, still at the same version. Raises as `new`."""
    if attribute == "displayName":
        return _named(group, value or "", group.external_id)
    return _named(group, group.display_name, value)


def next_version(group: ScimGroup, now: datetime) -> ScimGroup:
    return dataclasses.replace(
        group, version=group.version + 1, updated_at=after(group.updated_at, now)
    )


def settled(members: Collection[UserId], steps: Sequence[Step]) -> set[UserId]:
    """Who is a member after all steps."""
    after = set(members)
    for step in steps:
        match step:
            case Add(users):
                after |= set(users)
            case Remove(Everybody()):
                after.clear()
            case Remove(Collection() as users):
                after -= set(users)
            case Replace(users):
                after = set(users)
    return after


def named(step: Step) -> int:
    """How many users a step names."""
    if isinstance(step, Rename) or isinstance(step.users, Everybody):
        return 0
    return len(step.users)


def is_about_all(step: Step) -> bool:
    """Whether a step may take out members whom it does not name."""
    return isinstance(step, Replace) or (
        isinstance(step, Remove) and isinstance(step.users, Everybody)
    )


def may_take_out(step: Step) -> bool:
    return isinstance(step, Remove | Replace)


def differences(before: ScimGroup | None, after: ScimGroup | None) -> dict[str, FieldChange]:
    """The attributes in which the two differ, members aside, by their SCIM names; None has no attributes."""
    return {
        name: FieldChange(old, new)
        for name, attribute in (("displayName", "display_name"), ("externalId", "external_id"))
        if (old := getattr(before, attribute, None)) != (new := getattr(after, attribute, None))
    }


def members_change(
    left: Collection[UserId] | int, came: Collection[UserId] | int
) -> dict[str, FieldChange]:
    """Who left and who came, of very many how many; nothing if nobody did."""
    if not left and not came:
        return {}
    return {"members": FieldChange(_named_or_counted(left), _named_or_counted(came))}


def _named_or_counted(users: Collection[UserId] | int) -> list[str] | int:
    if isinstance(users, int):
        return users
    return len(users) if len(users) > MAX_NAMED else sorted(map(str, users))


def _named(group: ScimGroup, display_name: str, external_id: str | None) -> ScimGroup:
    if not display_name.strip():
        raise InvalidArgument(Violation("displayName", "must not be empty", "string.min_len"))
    check_identifier("displayName", display_name)
    check_identifier("externalId", external_id)
    # Of two names that were no duplicates when they were given, one has a key of its own.
    same = display_name == group.display_name
    return dataclasses.replace(
        group,
        display_name=display_name,
        display_name_key=group.display_name_key if same else folded(display_name),
        external_id=external_id,
    )


def taken(attribute: str) -> AlreadyExists:
    return AlreadyExists(f"{attribute}: another group of this configuration has it already")


def unknown_members(ids: Collection[str]) -> InvalidArgument:
    shown = ", ".join(sorted(ids)[:5]) + (", ..." if len(ids) > 5 else "")
    return InvalidArgument(Violation("members.value", f"no such user: {shown}", "reference"))


def not_found() -> NotFound:
    return NotFound("group not found", reason=Reason.SCIM_GROUP_NOT_FOUND)
