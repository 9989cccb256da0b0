"""Single values of ProtoJSON, from what a JSON parser makes of them (https://protobuf.dev/programming-guides/json)."""

from __future__ import annotations

import base64
import math
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from protobuf import DescEnum, ScalarType

from ..domain.errors import Violation
from ..domain.json_document import MAX_NUMBER_LENGTH, Real

#: From a parsed value to a field's; raises Unreadable.
Read: TypeAlias = Callable[[Any], Any]

MALFORMED = "json.type"
UNDEFINED = "enum.defined_only"

#: RFC 8259, section 6; Python's own readers take other scripts' digits, white space and underscores as well.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
#: RFC 4648, sections 4 and 5, with or without padding.
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}")
_NOT_FINITE = ("NaN", "Infinity", "-Infinity")
#: As many as a sentence can hold.
_LISTED = 12


class Unreadable(Exception):
    """What is wrong with a value, each at its path below that value."""

    def __init__(self, *violations: Violation) -> None:
        super().__init__()
        self.violations = violations

    def under(self, path: str) -> Iterator[Violation]:
        """The same, as seen from what holds the value at `path`."""
        for inner in self.violations:
            dot = "." if inner.field and not inner.field.startswith("[") else ""
            yield Violation(f"{path}{dot}{inner.field}", inner.description, inner.rule)


def unreadable(description: str, rule: str = MALFORMED) -> Unreadable:
    return Unreadable(Violation("", description, rule))


def wrong_kind(expected: str, value: Any) -> Unreadable:
    return unreadable(f"must be {expected}, not {_kind(value)}")


def text(value: Any) -> str:
    if value.__class__ is not str:
        raise wrong_kind("a string", value)
    found: str = value
    if not found.isascii():
        try:
            found.encode()
        except UnicodeEncodeError:
            raise unreadable("must not contain lone surrogates", "string.utf8") from None
    return found


def boolean(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise wrong_kind("true or false", value)


def binary(value: Any) -> bytes:
    if value.__class__ is not str:
        raise wrong_kind("a string in Base64", value)
    unpadded = value.rstrip("=")
    padded = unpadded + "=" * (-len(unpadded) % 4)
    if not _BASE64.fullmatch(value) or len(unpadded) % 4 == 1 or value not in (unpadded, padded):
        raise unreadable("must be Base64", "bytes.base64")
    return base64.b64decode(padded, altchars=b"-_" if set("-_") & set(padded) else None)


def integer(lowest: int, highest: int) -> Read:
    """Whole numbers within these bounds: `1`, `"1"`, `1.0`, `1e2`."""

    def read(value: Any) -> int:
        number = value if value.__class__ is int else _whole(value)
        if not lowest <= number <= highest:
            raise unreadable(f"must be from {lowest} to {highest}", "number.range")
        return number

    return read


def _whole(value: Any) -> int:
    if not isinstance(value, str):
        raise wrong_kind("a whole number", value)
    try:
        number = Decimal(_numeric(value))
        if number.adjusted() > MAX_NUMBER_LENGTH:
            raise InvalidOperation
    except InvalidOperation:
        raise unreadable("is out of range", "number.range") from None
    whole = int(number)
    if whole != number:
        raise unreadable("must be a whole number")
    return whole


def double(value: Any) -> float:
    """A number, one in a string, or the text of what is none: `"NaN"`, `"Infinity"`, `"-Infinity"`."""
    if value.__class__ is str and value in _NOT_FINITE:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong_kind("a number", value)
    try:
        number = float(_numeric(value) if isinstance(value, str) else value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise unreadable("is out of range", "number.range")
    return number


def single(value: Any) -> float:
    """As `double`, within the range of 32 bits."""
    number = double(value)
    try:
        struct.pack("<f", number)
    except OverflowError:
        raise unreadable("is out of range", "number.range") from None
    return number


def _numeric(value: str) -> str:
    if len(value) > MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(value):
        raise unreadable("must be a number")
    return value


SCALARS: Mapping[ScalarType, Read] = {
    ScalarType.STRING: text,
    ScalarType.BOOL: boolean,
    ScalarType.BYTES: binary,
    ScalarType.DOUBLE: double,
    ScalarType.FLOAT: single,
    **dict.fromkeys(
        (ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32), integer(-(2**31), 2**31 - 1)
    ),
    **dict.fromkeys(
        (ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64), integer(-(2**63), 2**63 - 1)
    ),
    **dict.fromkeys((ScalarType.UINT32, ScalarType.FIXED32), integer(0, 2**32 - 1)),
    **dict.fromkeys((ScalarType.UINT64, ScalarType.FIXED64), integer(0, 2**64 - 1)),
}


def enumeration(desc: DescEnum) -> Read:
    """A name of the enumeration as the contract has it, or its number."""
    by_name = {value.name: desc.type(value.number) for value in desc.values}
    by_number = {value.number: desc.type(value.number) for value in desc.values}

    def read(value: Any) -> Any:
        if value.__class__ is str:
            found = by_name.get(value)
        else:
            found = by_number.get(value if value.__class__ is int else _whole(value))
        if found is None:
            raise undefined(desc)
        return found

    return read


def undefined(desc: DescEnum) -> Unreadable:
    """For a value that is none of the enumeration's."""
    names = [value.name for value in desc.values if value.number]
    if len(names) <= _LISTED:
        return unreadable(f"must be one of {', '.join(names)}", UNDEFINED)
    return unreadable(f"must be one of the defined values of {desc.type_name}", UNDEFINED)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | Real():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
