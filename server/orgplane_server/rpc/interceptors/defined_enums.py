from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeAlias

from connectrpc.request import RequestContext
from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescMessage,
    Message,
    enum_is_unknown,
)

from ...domain.errors import InvalidArgument, Violation
from ..json_container import MAX_VIOLATIONS
from ..json_value import undefined
from .incoming import Incoming

_Held: TypeAlias = DescEnum | DescMessage


class DefinedEnums(Incoming):
    """Refuses numbers that an enumeration does not have, which protobuf's binary form lets through.

    Whoever sends one means something, and no filter and no change may do as if nothing had been said.
    """

    def __init__(self) -> None:
        self._holding: dict[str, list[tuple[DescField, _Held]]] = {}

    def accept(self, message: Message, ctx: RequestContext[Any, Any]) -> None:
        if violations := list(islice(self._undefined(message, ""), MAX_VIOLATIONS)):
            raise InvalidArgument(*violations)

    def _undefined(self, message: Message, path: str) -> Iterator[Violation]:
        for field, held in self._fields(message.desc()):
            if field not in message:
                continue
            for subscript, value in _values(message[field]):
                where = f"{path}{field.name}{subscript}"
                if isinstance(held, DescMessage):
                    yield from self._undefined(value, f"{where}.")
                elif enum_is_unknown(value):
                    yield from undefined(held).under(where)

    def _fields(self, desc: DescMessage) -> list[tuple[DescField, _Held]]:
        """The fields that hold an enumeration's value, or a message that may."""
        if (holding := self._holding.get(desc.type_name)) is None:
            holding = self._holding[desc.type_name] = []
            holding += [
                (field, held)
                for field in desc.fields
                if isinstance(held := _held(field), DescEnum)
                or (isinstance(held, DescMessage) and self._fields(held))
            ]
        return holding


def _held(field: DescField) -> object:
    match field.value:
        case DescFieldValueEnum(enum=enum):
            return enum
        case DescFieldValueMessage(message=message):
            return message
        case DescFieldValueList(element=element):
            return element
        case DescFieldValueMap(value=value):
            return value
    return None


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case list():
            yield from ((f"[{at}]", inner) for at, inner in enumerate(value))
        case dict():
            yield from ((f"[{key!r}]", inner) for key, inner in value.items())
        case _:
            yield "", value
