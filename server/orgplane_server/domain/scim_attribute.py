"""Which attributes of SCIM resources filters and sorting can look into, and what they compare.

RFC 7643 gives the names and says what ignores case. `password` is not here: a filter must not be able
to guess at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .text import folded

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Kind(Enum):
    """`IDENTIFIER` is a UUID, of which only the canonical spelling is equal to it; `VERSION` an entity tag."""

    TEXT = "text"
    EXACT_TEXT = "exact text"
    IDENTIFIER = "identifier"
    FLAG = "flag"
    INSTANT = "instant"
    VERSION = "version"


#: Attributes with one value that are kept in the resource's own row.
RESOURCE: Mapping[str, Kind] = {
    "id": Kind.IDENTIFIER,
    "externalId": Kind.EXACT_TEXT,
    "meta.created": Kind.INSTANT,
    "meta.lastModified": Kind.INSTANT,
    "meta.version": Kind.VERSION,
}
USER: Mapping[str, Kind] = {**RESOURCE, "userName": Kind.TEXT, "active": Kind.FLAG}
GROUP: Mapping[str, Kind] = {**RESOURCE, "displayName": Kind.TEXT}

#: Attributes with one value that are kept beside the user's row.
USER_TEXTS: Mapping[str, Kind] = {
    **dict.fromkeys(
        (
            *("name.formatted", "name.familyName", "name.givenName", "name.middleName"),
            *("name.honorificPrefix", "name.honorificSuffix"),
            *("displayName", "nickName", "title", "userType", "preferredLanguage"),
            *("locale", "timezone"),
            *(
                f"{ENTERPRISE_USER}:{name}"
                for name in (
                    *("employeeNumber", "costCenter", "organization", "division", "department"),
                    "manager.displayName",
                )
            ),
        ),
        Kind.TEXT,
    ),
    f"{ENTERPRISE_USER}:manager.value": Kind.EXACT_TEXT,
}

_LABELLED: Mapping[str, Kind] = {
    "value": Kind.TEXT,
    "display": Kind.TEXT,
    "type": Kind.TEXT,
    "primary": Kind.FLAG,
}
#: Attributes with several values, and their sub-attributes.
USER_ELEMENTS: Mapping[str, Mapping[str, Kind]] = {
    "emails": _LABELLED,
    "phoneNumbers": _LABELLED,
    "ims": _LABELLED,
    "roles": _LABELLED,
    "entitlements": _LABELLED,
    "addresses": {
        "formatted": Kind.TEXT,
        "streetAddress": Kind.TEXT,
        "locality": Kind.TEXT,
        "region": Kind.TEXT,
        "postalCode": Kind.TEXT,
        "country": Kind.TEXT,
        "type": Kind.TEXT,
        "primary": Kind.FLAG,
    },
}
#: Membership, which is kept for itself.
USER_MEMBERSHIPS: Mapping[str, Mapping[str, Kind]] = {"groups": {"value": Kind.IDENTIFIER}}
GROUP_MEMBERSHIPS: Mapping[str, Mapping[str, Kind]] = {"members": {"value": Kind.IDENTIFIER}}


#: Which schemas a resource has: that of its kind, which nobody has to look up, and perhaps extensions.
SCHEMAS = "schemas"


@dataclass(frozen=True, slots=True)
class Searchable:
    """The attributes of a kind of resource that filters can look into.

    `schema` is the one that all of them have, and `extensions` says whether some have more. `constant` has
    what is the same of all that have it, `located` what is an address: the endpoint in it, and the attribute
    with the id that it ends in.
    """

    single: Mapping[str, Kind]
    elements: Mapping[str, Mapping[str, Kind]]
    schema: str
    constant: Mapping[str, tuple[Kind, str]]
    located: Mapping[str, tuple[str, str]]
    extensions: bool = False

    def kind(self, attribute: str) -> Kind | None:
        """What the attribute, or sub-attribute, compares; None for one that no filter may name."""
        if attribute in self.single:
            return self.single[attribute]
        name, _, sub = attribute.rpartition(".")
        return self.elements.get(name, {}).get(sub)

    def below(self, attribute: str) -> list[str]:
        """The sub-attributes that make up a complex attribute: without one, or with several values."""
        if attribute in self.elements:
            return [f"{attribute}.{part}" for part in self.elements[attribute]]
        return [name for name in self.single if name.startswith(f"{attribute}.")]

    def sorts(self, attribute: str) -> bool:
        """Whether resources can be sorted by the attribute."""
        name, _, _ = attribute.rpartition(".")
        return attribute in self.single or (name in USER_ELEMENTS and name in self.elements)


USERS = Searchable(
    {**USER, **USER_TEXTS},
    {**USER_ELEMENTS, **USER_MEMBERSHIPS},
    CORE_USER,
    {"meta.resourceType": (Kind.EXACT_TEXT, "User"), "groups.type": (Kind.TEXT, "direct")},
    {"meta.location": ("Users", "id"), "groups.$ref": ("Groups", "groups.value")},
    extensions=True,
)
GROUPS = Searchable(
    GROUP,
    GROUP_MEMBERSHIPS,
    CORE_GROUP,
    {"meta.resourceType": (Kind.EXACT_TEXT, "Group"), "members.type": (Kind.TEXT, "User")},
    {"meta.location": ("Groups", "id"), "members.$ref": ("Users", "members.value")},
)


@dataclass(frozen=True, slots=True)
class Element:
    """One value of one attribute of a user, in the form that comparisons use.

    `parts` are the sub-attributes by name; an attribute with one value has it as `value`.
    """

    attribute: str
    position: int
    parts: Mapping[str, str | bool]


def elements(document: Mapping[str, Any]) -> Iterator[Element]:
    """All that filters can look into in a user's document, beyond the user's own row."""
    if ENTERPRISE_USER in document:
        yield Element(SCHEMAS, 0, {"value": folded(ENTERPRISE_USER)})
    for member, said in document.items():
        for attribute, kind, below in _TEXTS.get(member, ()):
            value = said
            for name in below:
                value = value.get(name) if isinstance(value, dict) else None
            if isinstance(value, str):
                yield Element(attribute, 0, {"value": comparable(kind, value)})
        for position, entry in enumerate(said or () if member in USER_ELEMENTS else ()):
            found = {
                name: value if isinstance(value, bool) else comparable(kind, value)
                for name, kind in USER_ELEMENTS[member].items()
                if isinstance(value := entry.get(name), bool | str)
            }
            if found:
                yield Element(member, position, found)


def _texts() -> Mapping[str, list[tuple[str, Kind, list[str]]]]:
    """Which attributes with one value are found in each member of a document, and the way down to them."""
    texts: dict[str, list[tuple[str, Kind, list[str]]]] = {}
    for attribute, kind in USER_TEXTS.items():
        urn, colon, name = attribute.rpartition(":")
        member, *below = [urn, *name.split(".")] if colon else name.split(".")
        texts.setdefault(member, []).append((attribute, kind, below))
    return texts


_TEXTS = _texts()


def comparable(kind: Kind, text: str) -> str:
    return folded(text) if kind is Kind.TEXT else text
