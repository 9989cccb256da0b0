"""Lists and objects of parsed JSON, read element by element; what is wrong is told of each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from protobuf import ScalarType

from ..domain.errors import Violation
from ..domain.json_document import RepeatedNames
from .json_value import MALFORMED, SCALARS, Read, Unreadable, unreadable, wrong_kind

#: An answer that lists more helps nobody.
MAX_VIOLATIONS = 20

_PLAIN_NAME = re.compile(r"[\w@.$-]{1,64}", re.ASCII)
_NAME_LENGTH = 64


def list_of(element: Read) -> Read:
    def read(value: Any) -> list[Any]:
        if value.__class__ is not list:
            raise wrong_kind("a list", value)
        try:
            return [element(inner) for inner in value]
        except Unreadable:
            raise each(element, ((f"[{at}]", inner) for at, inner in enumerate(value))) from None

    return read


def map_of(key: Read, element: Read) -> Read:
    def read(value: Any) -> dict[Any, Any]:
        if violations := [] if value.__class__ is dict else repeated(value, _subscript):
            raise Unreadable(*violations[:MAX_VIOLATIONS])
        try:
            entries = {key(name): element(inner) for name, inner in value.items()}
        except Unreadable:
            items = ((_subscript(name), (name, inner)) for name, inner in value.items())
            raise each(lambda item: (key(item[0]), element(item[1])), items) from None
        if len(entries) < len(value):
            raise unreadable("must have each key once; two are the same, written differently")
        return entries

    return read


def each(read: Read, values: Iterable[tuple[str, Any]]) -> Unreadable:
    """What is wrong with any of several values, each at its path."""
    violations: list[Violation] = []
    for path, value in values:
        try:
            read(value)
        except Unreadable as error:
            violations += error.under(path)
            if len(violations) >= MAX_VIOLATIONS:
                break
    return Unreadable(*violations[:MAX_VIOLATIONS])


def repeated(value: Any, path: Callable[[str], str] | None = None) -> list[Violation]:
    """The names that stand in an object more than once, each at its `path` (a field's if that is left out).

    Raises Unreadable for what is no object.
    """
    if isinstance(value, RepeatedNames):
        path = path or spoken
        return [twice(path(name), "more than once") for name in value.names]
    if isinstance(value, dict):
        return []
    raise wrong_kind("an object", value)


def twice(path: str, how: str) -> Violation:
    return Violation(path, f"must stand once; it is there {how}", MALFORMED)


def spoken(name: str) -> str:
    """A caller's name for something, short, and quoted if it is no usual one."""
    return name if _PLAIN_NAME.fullmatch(name) else _quoted(name)


def _subscript(name: str) -> str:
    return f"[{_quoted(name)}]"


def _quoted(name: str) -> str:
    return json.dumps(name[:_NAME_LENGTH])


def map_key(kind: ScalarType) -> Read:
    """JSON has names only: those of a map with other keys hold them as text."""
    if kind is not ScalarType.BOOL:
        return SCALARS[kind]

    def read(name: str) -> bool:
        if name not in ("true", "false"):
            raise unreadable("must have true or false as its key")
        return name == "true"

    return read
