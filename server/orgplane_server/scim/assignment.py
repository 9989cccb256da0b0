"""The PATCH that gives plain attributes new values: how providers rename people, and let them go.

scim2-models copies the user and resolves each path several times, which takes four times as long as all
else that such a request needs of the door, and much longer for `entries`. What is not as plain as this is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.scim_attribute import ENTERPRISE_USER
from ..domain.scim_user import Document
from . import entries
from .attributes import USER, Place
from .entries import PLAIN

#: Gives a document other members; what these hold is replaced, not changed.
Assignment = Callable[[dict[str, Any]], None]
#: The members to follow to an attribute, and the type of its values.
_Way = tuple[Sequence[str], type]


def assignments(operations: Iterable[Mapping[str, Any]]) -> list[Assignment] | None:
    """What operations in normal form do, in order; None if any of them is not plain."""
    found: list[Assignment] = []
    for operation in operations:
        assignment = _assignment(operation) or entries.change(operation)
        if assignment is None:
            return None
        found.append(assignment)
    return found


def assigned(document: Document, found: Iterable[Assignment]) -> dict[str, Any]:
    """A document with new values, not ordered; the one that is given stays as it is."""
    result = dict(document)
    for assignment in found:
        assignment(result)
    return result


@dataclass(frozen=True, slots=True)
class _Assigned:
    way: Sequence[str]
    value: Any

    def __call__(self, document: dict[str, Any]) -> None:
        *outer, name = self.way
        target = document
        for member in outer:
            target[member] = dict(target.get(member) or {})
            target = target[member]
        target[name] = self.value


def _assignment(operation: Mapping[str, Any]) -> Assignment | None:
    way, value = _WAYS.get(operation["path"]), operation.get("value")
    if way is None or operation["op"] == "remove" or type(value) is not way[1]:
        return None
    return _Assigned(way[0], value)


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
    if (kind := PLAIN.get(place.attribute.type)) is not None:
        yield place.path, (way, kind)
    for part in place.parts.values():
        yield from _ways_below(way, part)


_WAYS = dict(_ways())
