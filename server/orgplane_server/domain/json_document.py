"""JSON as callers send it: bounded before anything parses it, and read without a guess at what was meant."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn

from .text import of_utf8

#: Objects and lists within one another; messages need a handful.
MAX_DEPTH = 32
#: Objects, lists, members and elements in sum; a message of ids alone has half as many.
MAX_VALUES = 4_000
#: Characters of a number; the largest double needs 309 without an exponent.
MAX_NUMBER_LENGTH = 400

# Of a string that does not end all the rest is taken, or the search would begin anew at each quote in it.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
#: A piece of a text: so many strings, or stretches of what is between them.
_PIECE = re.compile(rf'(?:[^"]{{1,1000}}+|{_STRING.pattern}){{1,64}}+', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]+")
_OBJECTS_AS_LISTS = str.maketrans("{}", "[]")


class MalformedJSON(ValueError):
    """Not JSON (RFC 8259), or more of it than there may be; the text says what is wrong with it."""


class TooManyValues(MalformedJSON):
    """More objects, lists, members and elements than there may be."""


class RepeatedNames(dict[str, Any]):
    """An object in which `names` stand more than once: which of the values is meant, nobody knows."""

    def __init__(self, members: Sequence[tuple[str, Any]]) -> None:
        super().__init__(members)
        times = Counter(name for name, _ in members)
        self.names = [name for name, count in times.items() if count > 1]


class Real(str):
    """A number with a fraction or an exponent, as it was written."""

    __slots__ = ()


def parsed(raw: bytes | bytearray) -> Any:
    """Raises MalformedJSON. Numbers are `int` or `Real`; an object may be one of RepeatedNames."""
    try:
        text = of_utf8(bytes(raw))
    except UnicodeDecodeError as error:
        raise MalformedJSON(f"not UTF-8 at byte {error.start}") from None
    check_shape(text)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedJSON(f"not JSON: {error}") from None


def check_shape(text: str, max_values: int = MAX_VALUES) -> None:
    """Raises MalformedJSON for a text that is nested too deeply or holds too many values, in linear time."""
    opened = text.count("{") + text.count("[")
    if opened <= MAX_DEPTH and opened + text.count(",") < max_values:
        return  # even if none of these characters were in a string
    values, brackets = 0, ""
    for piece in _PIECE.finditer(text):  # others get to work in between
        bare = _STRING.sub("", piece[0])
        brackets += _NO_BRACKET.sub("", bare).translate(_OBJECTS_AS_LISTS)
        for _ in range(MAX_DEPTH):
            brackets = brackets.replace("[]", "")  # the innermost ones, all over the text
        if "[]" in brackets or brackets.count("[") > MAX_DEPTH:
            raise MalformedJSON(f"nested deeper than {MAX_DEPTH} levels")
        values += bare.count("{") + bare.count("[") + bare.count(",")
        if values >= max_values:
            raise TooManyValues(f"too many values, more than {max_values}")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    return found if len(found) == len(members) else RepeatedNames(members)


def _whole(digits: str) -> int:
    return int(_short(digits))


def _real(digits: str) -> Real:
    return Real(_short(digits))


def _short(digits: str) -> str:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise MalformedJSON(f"a number has more than {MAX_NUMBER_LENGTH} characters")
    return digits


def _no_constant(name: str) -> NoReturn:
    raise MalformedJSON(
        f"not JSON: {name} is no value; text holds it, in quotes, where a double is meant"
    )


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_real, parse_constant=_no_constant
)
