"""Google's own types, which have a form of their own in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from protobuf import DescField, DescFieldValueMessage, DescMessage, Message, Registry
from protobuf.wkt import Any as AnyMessage
from protobuf.wkt import ListValue, Struct, Value

from ..domain.errors import Violation
from ..domain.json_document import Real
from .json_container import list_of, map_of, repeated
from .json_value import MALFORMED, SCALARS, Read, Unreadable, double, text, unreadable

_PACKAGE = "google.protobuf."
_WRAPPERS = {
    f"{_PACKAGE}{kind}Value"
    for kind in (
        *("Double", "Float", "Int64", "UInt64", "Int32"),
        *("UInt32", "Bool", "String", "Bytes"),
    )
}
#: What the library's own readers of these are given at most.
_TIME = re.compile(r"[0-9TZ:.+-]{20,40}")
_DURATION = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?s")
_PATHS = re.compile(r"(?:[a-z][A-Za-z0-9]*(?:[.,][a-z][A-Za-z0-9]*)*)?")


def read(
    desc: DescMessage, registry: Registry, message: Callable[[DescMessage], Read]
) -> Read | None:
    """How one of Google's types is read; None for any other type. `message` tells how others are."""
    if desc.type_name in _WRAPPERS:
        return _wrapper(desc)
    match desc.type_name.removeprefix(_PACKAGE):
        case "Timestamp":
            return _written(desc, _TIME, "must be a time such as 2026-03-01T12:00:00Z")
        case "Duration":
            return _written(desc, _DURATION, "must be a duration in seconds such as 3600s or 0.5s")
        case "FieldMask":
            return _written(
                desc, _PATHS, "must be paths in lowerCamelCase such as name,emailDomains"
            )
        case "Struct":
            return lambda value: Struct.from_python(_plain_object(value))
        case "ListValue":
            return lambda value: ListValue.from_python(_plain_list(value))
        case "Value":
            return lambda value: Value.from_python(_plain(value))
        case "Any":
            return lambda value: _any(value, registry, message)
        case _:
            return None


def takes_null(field: DescField) -> bool:
    """Whether null is a value of the field; of others it says that they are absent."""
    value = field.value
    return (
        isinstance(value, DescFieldValueMessage) and value.message.type_name == f"{_PACKAGE}Value"
    )


def _written(desc: DescMessage, form: re.Pattern[str], description: str) -> Read:
    """A type that is text in JSON, and that the library reads once the text has the form."""

    def read(value: Any) -> Message:
        if form.fullmatch(text(value)):
            try:
                return desc.type.from_json(json.dumps(value))
            except ValueError:
                pass
        raise unreadable(description)

    return read


def _wrapper(desc: DescMessage) -> Read:
    (field,) = desc.fields
    scalar = SCALARS[field.value.scalar]  # type: ignore[union-attr]
    return lambda value: desc.type(value=scalar(value))


def _any(value: Any, registry: Registry, message: Callable[[DescMessage], Read]) -> Message:
    if violations := repeated(value):
        raise Unreadable(*violations)
    if not value:
        return AnyMessage()
    url = value.get("@type")
    desc = registry.message(url.rpartition("/")[2]) if isinstance(url, str) else None
    if desc is None:
        raise Unreadable(Violation("@type", "must name a type that this server knows", MALFORMED))
    members = {name: inner for name, inner in value.items() if name != "@type"}
    if desc.type_name.startswith(_PACKAGE) and members.keys() == {"value"}:
        members = members["value"]
    return AnyMessage.pack(message(desc)(members))


def _plain(value: Any) -> Any:
    """Any JSON value, as Python has it: numbers are doubles."""
    match value:
        case None | bool():
            return value
        case int() | Real():
            return double(value)
        case str():
            return text(value)
        case list():
            return _plain_list(value)
        case _:
            return _plain_object(value)


_plain_list = list_of(_plain)
_plain_object = map_of(text, _plain)
