"""JSON answers are bounded before anything parses them: the runtime's parser is compiled and has no bounds."""

from __future__ import annotations

import re
from typing import Any

from connectrpc.codec import Codec, proto_json_codec

#: Objects and lists within one another; answers need a handful.
MAX_DEPTH = 32
#: Objects, lists, members and elements in sum: a page of a hundred events has some thousands.
MAX_VALUES = 1_000_000
#: Characters of a number; the largest double needs 309 without an exponent.
MAX_NUMBER_LENGTH = 400

# Of a string that does not end all the rest is taken, or the search would begin anew at each quote in it.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_BRACKET = re.compile(rb"[^\[\]{}]+")
_LONG_NUMBER = re.compile(rb"[0-9.eE+-]{%d}" % (MAX_NUMBER_LENGTH + 1))
_OBJECTS_AS_LISTS = bytes.maketrans(b"{}", b"[]")


class BoundedJSONCodec(Codec[Any, Any]):
    """The library's JSON codec behind `check`; it tells of what is out of bounds as of what is no JSON."""

    def __init__(self) -> None:
        self._codec = proto_json_codec()

    def name(self) -> str:
        return self._codec.name()

    def encode(self, message: Any) -> bytes:
        return self._codec.encode(message)

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        check(data)
        return self._codec.decode(data, message_class)


def check(data: bytes | bytearray) -> None:
    """Raises ValueError for JSON that is nested too deeply, or has too many values or too long a number.

    In linear time. What is no JSON may pass: the parser has the last word.
    """
    bare = _STRING.sub(b"", data)
    opened = bare.count(b"{") + bare.count(b"[")
    if opened + bare.count(b",") >= MAX_VALUES:
        raise ValueError(f"it holds more than {MAX_VALUES} values")
    if _LONG_NUMBER.search(bare):
        raise ValueError(f"a number is longer than {MAX_NUMBER_LENGTH} characters")
    if opened <= MAX_DEPTH:
        return
    brackets = _NO_BRACKET.sub(b"", bare).translate(_OBJECTS_AS_LISTS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")  # the innermost ones, all over the answer
    if b"[]" in brackets or brackets.count(b"[") > MAX_DEPTH:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
