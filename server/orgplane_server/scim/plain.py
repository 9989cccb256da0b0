"""Users as most providers send them: put into the schemas' order without the library, which takes far longer for the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scim2_models import Attribute

from ..domain.scim_attribute import CORE_USER
from .attributes import USER, Place
from .objects import Document

_KINDS: dict[Any, type] = {Attribute.Type.string: str, Attribute.Type.boolean: bool}
#: Complex attributes of which the library makes nothing else than they are.
_COMPLEX = ("name", "emails", "phoneNumbers")


class _Plain:
    """An attribute of plain values: alone, in an object, or in a list of objects."""

    def __init__(self, place: Place) -> None:
        assert place.attribute is not None
        self.name = place.name
        self._single = place.single
        self._kind = _KINDS.get(place.attribute.type)
        #: The spellings there are, where the library knows them in any case.
        self._spelled = frozenset(place.attribute.canonical_values or ())
        self._parts = [_Plain(part) for part in place.parts.values()] if not self._kind else []

    def of(self, value: Any) -> Any:
        """The value as it is kept; None if the library has to look at it."""
        if self._kind is not None:
            plain = type(value) is self._kind and (value is False or bool(value))
            return value if plain and (not self._spelled or value in self._spelled) else None
        if self._single:
            return _object(self._parts, value)
        if type(value) is not list or not value:
            return None
        entries = [_object(self._parts, entry) for entry in value]
        return None if None in entries else entries


def _object(members: Sequence[_Plain], value: Any) -> Document | None:
    """What is said in an object, in order; None if the library has to look at it, or if nothing is said."""
    if type(value) is not dict:
        return None
    said, result = 0, {}
    for member in members:
        if member.name in value:
            said += 1
            if (content := value[member.name]) is not None:
                if (kept := member.of(content)) is None:
                    return None
                result[member.name] = kept
    return result if said == len(value) and result else None


_MEMBERS = [
    _Plain(place)
    for place in USER.members()
    if place.attribute is not None
    and not place.read_only
    and (place.name in _COMPLEX or (place.single and place.attribute.type in _KINDS))
]


def user(document: Mapping[str, Any]) -> Document | None:
    """The attributes of a user, in normal form, as they are kept; None if the library has to look at them."""
    if document.get("schemas") != [CORE_USER]:
        return None
    said = {name: value for name, value in document.items() if name != "schemas"}
    found = _object(_MEMBERS, said)
    return None if found is None else {"schemas": [CORE_USER], **found}
