"""A SCIM user: a member of the organization, as an identity provider provisioned and sees them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from .errors import AlreadyExists, InvalidArgument, NotFound, Reason, Violation
from .identifier import OrganizationId, ScimConfigurationId, ScimGroupId, UserId
from .instant import after
from .revision import FieldChange
from .role import Role
from .text import folded
from .user import MAX_EMAIL, User, UserStatus, email_key, is_email


class Wish(StrEnum):
    """What a provider wanted of a user and was refused, because nobody could have acted then."""

    DEACTIVATE = "deactivate"
    DELETE = "delete"


#: A user's attributes in the names and order of their schemas, without `id`, `meta`, `groups`, `password`.
Document = Mapping[str, Any]

#: What a database can keep unique, in characters: an index entry has to fit on a page.
MAX_IDENTIFIER = 512
MAX_KEY_BYTES = 4 * MAX_IDENTIFIER
#: All of a user's attributes, in bytes of JSON: a page holds hundreds of users.
MAX_DOCUMENT = 64 * 1024

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class ScimUser:
    """`id` is the member's. `document` is JSON, ready to be served; the fields beside it come out of it.

    `active_said_at` is when the provider last said what `active` is; of `false`, when it said so first.
    `contested` tells that somebody else has denied since then that the member is active. `wish` is what is
    to be done as soon as it can be, wanted since `wished_at`.
    """

    id: UserId
    configuration_id: ScimConfigurationId
    organization_id: OrganizationId
    user_name_key: str
    external_id: str | None
    active: bool
    document: str = field(repr=False)
    version: int
    created_at: datetime
    updated_at: datetime
    active_said_at: datetime
    contested: bool = False
    wish: Wish | None = None
    wished_at: datetime | None = None

    @cached_property
    def attributes(self) -> Document:
        """The document, parsed when it is asked for first; not to be changed."""
        read: Document = json.loads(self.document)
        return read


@dataclass(frozen=True, slots=True)
class GroupOfUser:
    id: ScimGroupId
    display_name: str


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A user, and the groups they are in if these were asked for."""

    user: ScimUser
    groups: Collection[GroupOfUser] = ()


def check(document: Document) -> None:
    """Raises InvalidArgument unless the attributes can be a user's."""
    user_name = document.get("userName")
    if not isinstance(user_name, str) or not user_name.strip():
        raise InvalidArgument(Violation("userName", "must not be empty", "string.min_len"))
    check_identifier("userName", user_name)
    check_identifier("externalId", document.get("externalId"))
    if any(len(entry.get("value") or "") > MAX_EMAIL for entry in document.get("emails") or ()):
        raise _too_long("emails.value", MAX_EMAIL)


def check_identifier(name: str, value: str | None) -> None:
    """Raises InvalidArgument for a text that is too long to be kept unique, also when it is folded."""
    if value is not None and len(value) > MAX_IDENTIFIER:
        raise _too_long(name, MAX_IDENTIFIER)
    if value is not None and len(folded(value).encode()) > MAX_KEY_BYTES:
        raise InvalidArgument(
            Violation(
                name,
                f"must have at most {MAX_KEY_BYTES} bytes without regard to case, "
                "a letter and its marks apart",
                "bytes.max_len",
            )
        )


def _too_long(name: str, limit: int) -> InvalidArgument:
    return InvalidArgument(
        Violation(name, f"must have at most {limit} characters", "string.max_len")
    )


def _saying(document: Document, active: bool) -> Document:
    """The attributes, `active` as given if they do not say: nobody comes back by what is not said."""
    return document if document.get("active") is not None else {**document, "active": active}


def new(
    id: UserId,
    configuration_id: ScimConfigurationId,
    organization_id: OrganizationId,
    document: Document,
    now: datetime,
) -> ScimUser:
    check(document)
    return ScimUser(
        id=id,
        configuration_id=configuration_id,
        organization_id=organization_id,
        version=1,
        created_at=now,
        updated_at=now,
        active_said_at=now,
        **_columns(_saying(document, True)),
    )


def changed(user: ScimUser, document: Document, now: datetime) -> ScimUser:
    """The next version of the user; the very same when nothing differs. They stay as active as they
    are when the attributes do not say."""
    check(document)
    document = _saying(document, user.active)
    if document == user.attributes:
        return user
    columns = _columns(document)
    if document["userName"] == user.attributes["userName"]:
        # Of two names that were no duplicates when they were given, one has a key of its own.
        columns["user_name_key"] = user.user_name_key
    return dataclasses.replace(
        user,
        version=user.version + 1,
        updated_at=after(user.updated_at, now),
        **columns,
    )


def activated(user: ScimUser, now: datetime) -> ScimUser:
    """The next version of the user, active."""
    return changed(user, {**user.attributes, "active": True}, now)


def wishing(user: ScimUser, wish: Wish | None, now: datetime) -> ScimUser:
    """The same version of the user, of whom this is wanted; without a wish it is forgotten."""
    since = None if wish is None else user.wished_at or now
    return dataclasses.replace(user, wish=wish, wished_at=since)


def deactivated(user: ScimUser) -> ScimUser:
    """The same version of the user, but inactive."""
    return dataclasses.replace(user, **_columns({**user.attributes, "active": False}))


def _columns(document: Document) -> dict[str, Any]:
    text = _JSON.encode(document)
    if len(text.encode()) > MAX_DOCUMENT:
        raise InvalidArgument(
            Violation("user", f"has more than {MAX_DOCUMENT} bytes of attributes", "bytes.max_len")
        )
    return {
        "user_name_key": folded(document["userName"]),
        "external_id": document.get("externalId"),
        "active": bool(document["active"]),
        "document": text,
    }


def new_member(user: ScimUser, now: datetime) -> User:
    """The member that a provisioned user is: without a role of their own choice."""
    member = User(
        id=user.id,
        organization_id=user.organization_id,
        name="",
        email="",
        role=Role.MEMBER,
        status=UserStatus.ACTIVE if user.active else UserStatus.SUSPENDED,
        created_at=now,
        updated_at=now,
    )
    return dataclasses.replace(member, **_profile(user))


def profile_changes(user: ScimUser, before: ScimUser | None = None) -> dict[str, Any]:
    """What the user's attributes make of the member's profile, beyond what they made of it `before`."""
    known = {} if before is None else _profile(before)
    return {name: value for name, value in _profile(user).items() if known.get(name) != value}


def _profile(user: ScimUser) -> dict[str, Any]:
    document = user.attributes
    return {
        "name": _name(document),
        "email": _email(document),
        "avatar_url": _preferred(document.get("photos")),
    }


def _name(document: Document) -> str:
    """How to call the person: the first of these that says anything."""
    name = document.get("name") or {}
    full = " ".join(part for key in ("givenName", "familyName") if (part := name.get(key)))
    return str(document.get("displayName") or name.get("formatted") or full or document["userName"])


def _email(document: Document) -> str:
    user_name: str = document["userName"]
    return _preferred(document.get("emails")) or (user_name if is_email(user_name) else "")


def _preferred(entries: Any) -> str:
    """The value of the primary entry, else of the first that has one; empty without any."""
    valued = [entry for entry in entries or () if entry.get("value")]
    primary = next((entry for entry in valued if entry.get("primary")), None)
    chosen = primary or (valued[0] if valued else {})
    return str(chosen.get("value", ""))


def address(document: Document) -> str:
    """The e-mail address, folded, by which a member may be known already; empty without one."""
    email = _email(document)
    return email_key(email) if is_email(email) else ""


def differences(before: ScimUser, after: ScimUser | None) -> dict[str, FieldChange]:
    """The attributes in which two versions differ, by their SCIM names; all of them when there is none after."""
    old, new = before.attributes, {} if after is None else after.attributes
    return {
        name: FieldChange(old.get(name), new.get(name))
        for name in [*new, *(name for name in old if name not in new)]
        if name != "schemas" and old.get(name) != new.get(name)
    }


def taken(attribute: str) -> AlreadyExists:
    return AlreadyExists(f"{attribute}: another user of this configuration has it already")


def not_found() -> NotFound:
    return NotFound("user not found", reason=Reason.USER_NOT_FOUND)
