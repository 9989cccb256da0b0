"""Messages from parsed JSON, field by field: what a message does not have, or has once, is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescFieldValueScalar,
    DescMessage,
    Message,
    Oneof,
    Registry,
    ScalarType,
)

from ..domain.errors import Violation
from . import json_known_type
from .json_container import MAX_VIOLATIONS, list_of, map_key, map_of, repeated, spoken, twice
from .json_value import SCALARS, Read, Unreadable, enumeration

UNKNOWN = "field.known"


class MessageReader:
    """Reads messages as ProtoJSON has it, in the original or the JSON names of their fields.

    Stricter where ProtoJSON leaves it to readers: a name that stands twice and two members of a oneof are
    refused, and so are unknown names, unless they are to be ignored. `registry` has what may be in an Any.
    """

    def __init__(self, *, ignore_unknown: bool = False, registry: Registry | None = None) -> None:
        self._ignore_unknown = ignore_unknown
        self._registry = registry or Registry()
        self._reads: dict[str, Read] = {}

    def read(self, message_class: type[Message], value: Any) -> Any:
        """Raises Unreadable: what is wrong, by its path as the caller wrote it."""
        return self._message(message_class.desc())(value)

    def _message(self, desc: DescMessage) -> Read:
        if (read := self._reads.get(desc.type_name)) is None:
            known = json_known_type.read(desc, self._registry, self._message)
            read = known or _Fields(desc, self._field, self._ignore_unknown).read
            self._reads[desc.type_name] = read
        return read

    def _field(self, field: DescField) -> Read:
        match field.value:
            case (
                DescFieldValueScalar(scalar=single)
                | DescFieldValueEnum(enum=single)
                | DescFieldValueMessage(message=single)
            ):
                return self._single(single)
            case DescFieldValueList(element=element):
                return list_of(self._single(element))
            case DescFieldValueMap(key=key, value=value):
                return map_of(map_key(key), self._single(value))

    def _single(self, kind: ScalarType | DescEnum | DescMessage) -> Read:
        match kind:
            case ScalarType():
                return SCALARS[kind]
            case DescEnum():
                return enumeration(kind)
            case DescMessage():
                return self._message(kind)


class _Field(NamedTuple):
    name: str
    attribute: str
    read: Read
    in_oneof: bool
    takes_null: bool


class _Fields:
    """What is known of one message's fields; gathered when the first message comes, as one may hold itself."""

    def __init__(
        self, desc: DescMessage, reading: Callable[[DescField], Read], ignore_unknown: bool
    ) -> None:
        self._desc = desc
        self._type = desc.type
        self._reading = reading
        self._ignore_unknown = ignore_unknown
        self._fields: dict[str, _Field] = {}

    def read(self, value: Any) -> Message:
        violations = [] if value.__class__ is dict else repeated(value)
        fields = self._fields or self._gather()
        message = self._type()
        seen: dict[str, str] = {}
        for name, inner in value.items():
            field = fields.get(name)
            if field is None:
                if not self._ignore_unknown:
                    violations.append(self._unknown(name))
            elif field.name in seen:
                violations.append(twice(spoken(name), f"as {seen[field.name]} too"))
            else:
                seen[field.name] = name
                if inner is None and not field.takes_null:
                    continue
                try:
                    read = field.read(inner)
                except Unreadable as error:
                    violations += error.under(name)
                    continue
                if field.in_oneof:
                    if other := seen.get(field.attribute):
                        violations.append(
                            Violation(name, f"must not be set beside {other}", "oneof")
                        )
                    seen[field.attribute] = name
                    read = Oneof(field=field.name, value=read)
                setattr(message, field.attribute, read)
        if violations:
            raise Unreadable(*violations[:MAX_VIOLATIONS])
        return message

    def _gather(self) -> dict[str, _Field]:
        for field in self._desc.fields:
            oneof = getattr(field.value, "oneof", None)
            self._fields[field.name] = self._fields[field.json_name] = _Field(
                field.name,
                field.local_name if oneof is None else oneof.local_name,
                self._reading(field),
                oneof is not None,
                json_known_type.takes_null(field),
            )
        return self._fields

    def _unknown(self, name: str) -> Violation:
        return Violation(
            spoken(name),
            f"is no field of {self._desc.type_name}; it is misspelt, or this server may be older than the client",
            UNKNOWN,
        )
