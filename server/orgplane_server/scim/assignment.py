"""The PATCH that gives plain attributes new values: how providers rename people, and let them go.

scim2-models copies the user and resolves each path several times, which takes four times as long as all
else that such a request needs of the door. What is not as plain as this is left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scim2_models import Attribute

from ..domain.scim_attribute import ENTERPRISE_USER
from ..domain.scim_user import Document
from .attributes import USER, Place

_PLAIN: Mapping[Any, type] = {Attribute.Type.string: str, Attribute.Type.boolean: bool}

#: The members to follow to an attribute, and its new value.
Assignment = tuple[Sequence[str], Any]
#: The members to follow to an attribute, and the type of its values.
_Way = tuple[Sequence[str], type]


def assignments(operations: Iterable[Mapping[str, Any]]) -> list[Assignment] | None:
    """What operations in normal form assign, in order; None if any of them does something else."""
    found: list[Assignment] = []
    for operation in operations:
        way = _WAYS.get(operation["path"])
        value = operation.get("value")
        if way is None or operation["op"] == "remove" or type(value) is not way[1]:
            return None
        found.append((way[0], value))
    return found


def assigned(document: Document, found: Iterable[Assignment]) -> dict[str, Any]:
    """A document with new values, not ordered; the one that is given stays as it is."""
    result = dict(document)
    for (*outer, name), value in found:
        target = result
        for member in outer:
            target[member] = dict(target.get(member) or {})
            target = target[member]
        target[name] = value
    return result


def _ways() -> Iterator[tuple[str, _Way]]:
    """By the paths of attributes."""
    for place in USER.members():
        yield from _ways_below([], place)
    for place in USER.extension_members(ENTERPRISE_USER):
        yield from _ways_below([ENTERPRISE_USER], place)


def _ways_below(outer: Sequence[str], place: Place) -> Iterator[tuple[str, _Way]]:
    assert place.attribute is not None
    if not place.single or place.read_only:
        return
    way = [*outer, str(place.attribute.name)]
    if (kind := _PLAIN.get(place.attribute.type)) is not None:
        yield place.path, (way, kind)
    for part in place.parts.values():
        yield from _ways_below(way, part)


_WAYS = dict(_ways())
