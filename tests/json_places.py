"""Every place in a request at which something can stand, found in its descriptor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescMessage,
)


@dataclass(frozen=True)
class Place:
    """`within` makes the whole request of what stands here; `path` is what an error calls it.

    `name` says how the request writes its fields.
    """

    desc: DescMessage
    path: str
    within: Callable[[Any], Any]
    name: Callable[[DescField], str]


def places(desc: DescMessage, name: Callable[[DescField], str]) -> Iterator[Place]:
    """The request itself, and each message in it, at every depth."""
    yield from _below(Place(desc, "", lambda inner: inner, name))


def _below(place: Place) -> Iterator[Place]:
    yield place
    for field in place.desc.fields:
        inner, subscript, wrapped = held(field)
        if isinstance(inner, DescMessage) and not inner.type_name.startswith("google."):
            yield from _below(_inside(place, place.name(field), inner, subscript, wrapped))


def _inside(
    place: Place, name: str, inner: DescMessage, subscript: str, wrapped: Callable[[Any], Any]
) -> Place:
    return Place(
        inner,
        f"{place.path}{name}{subscript}.",
        lambda value: place.within({name: wrapped(value)}),
        place.name,
    )


def held(field: DescField) -> tuple[object, str, Callable[[Any], Any]]:
    """What a field holds, how an error calls the one in it, and how that one is put into it."""
    match field.value:
        case DescFieldValueMessage(message=message):
            return message, "", lambda value: value
        case DescFieldValueEnum(enum=enum):
            return enum, "", lambda value: value
        case DescFieldValueList(element=element):
            return element, "[0]", lambda value: [value]
        case DescFieldValueMap(value=value):
            return value, '["key"]', lambda value: {"key": value}
    return None, "", lambda value: value


def enums(place: Place) -> Iterator[tuple[DescField, DescEnum, str, Callable[[Any], Any]]]:
    """The fields of one message that hold an enumeration's value or several."""
    for field in place.desc.fields:
        inner, subscript, wrapped = held(field)
        if isinstance(inner, DescEnum):
            yield field, inner, subscript, wrapped
