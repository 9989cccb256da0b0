"""Records made of the API's messages, by what the records' annotations say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Generic, Self, TypeVar, get_args, get_origin, get_type_hints

from protobuf.wkt import Duration, Timestamp

from ..errors import InternalError

T = TypeVar("T")
E_ = TypeVar("E_", bound=StrEnum)
M = TypeVar("M")

_Convert = Callable[[Any], Any]


class Record(Generic[M]):
    """A dataclass made of a message `M`: each field of the message's field of the same name.

    Texts, numbers and lists are as they are, a member of an enumeration is its name, a message is a record
    or what Python has for it. What may be None may be missing; what may not be is present.
    """

    __slots__ = ()

    @classmethod
    def from_wire(cls, wire: M) -> Self:
        """Out of the message of the API. Raises InternalError if it lacks a part."""
        make: Any = cls
        return make(  # type: ignore[no-any-return]
            *[
                getattr(wire, name) if convert is None else convert(getattr(wire, name))
                for name, convert in sources(make)
            ]
        )


def out_of(name: str, convert: _Convert) -> Mapping[str, Any]:
    """Metadata of a dataclass field that is made in another way, out of a field of the message."""
    return {"wire": (name, convert)}


def present(value: T | None, name: str = "a required field") -> T:
    """A part that the contract says every answer has. Raises InternalError if it is not there."""
    if value is None:
        raise InternalError(f"the answer cannot be read: it lacks {name}")
    return value


@cache
def sources(kind: Any) -> tuple[tuple[str, _Convert | None], ...]:
    """For each field of a record the message's field, and what is done with its value, if anything."""
    hints = get_type_hints(kind)
    return tuple(
        field.metadata.get("wire", (field.name, _of_field(field.name, hints[field.name])))
        for field in dataclasses.fields(kind)
    )


def _of_field(name: str, hint: Any) -> _Convert | None:
    if get_origin(hint) is UnionType:
        (given,) = (each for each in get_args(hint) if each is not NoneType)
        of_given = _of(given)
        assert of_given is not None, f"{name}: only a message can be missing"
        return lambda value: None if value is None else of_given(value)
    convert = _of(hint)
    if convert is None or not _is_message(hint):
        return convert
    return lambda value: convert(present(value, f"`{name}`"))


def _is_message(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, (datetime, timedelta, Record))


def _of(hint: Any) -> _Convert | None:
    """What makes a value of this type."""
    if hint in (str, int, bool):
        return None
    if hint is object:
        return lambda value: None if value is None else value.to_python()  # JSON
    if get_origin(hint) is Mapping:
        return dict
    if get_origin(hint) is tuple:
        of_each = _of(get_args(hint)[0])
        return tuple if of_each is None else lambda values: tuple(map(of_each, values))
    if hint is datetime:
        return _instant
    if hint is timedelta:
        return Duration.to_timedelta
    if issubclass(hint, StrEnum):
        return partial(_choice, hint)
    assert issubclass(hint, Record), f"no value of {hint} is made of a message"
    of_message: _Convert = hint.from_wire
    return of_message


def _instant(timestamp: Timestamp) -> datetime:
    try:
        return timestamp.to_datetime().astimezone(UTC)
    except (OverflowError, ValueError):
        raise InternalError(
            "the answer cannot be read: a time outside the years 1 to 9999"
        ) from None


def _choice(kind: type[E_], wire: int) -> E_:
    """The member at the wire's number; UNSPECIFIED for one that is newer than this client."""
    members = list(kind)
    return members[wire] if 0 <= wire < len(members) else members[0]
