"""Output for scripts: JSON and YAML with the API's own names and values."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .streams import writes_unicode

#: Control characters that JSON lets pass and a terminal would obey.
_CONTROLS = re.compile("[\x7f-\x9f]")


class JSON:
    """One object as a JSON object, a list as an array that grows as pages arrive."""

    def one(self, record: Any) -> None:
        print(dumps(plain(record), indent=2))

    def many(self, pages: Iterable[Sequence[Any]], columns: Sequence[str]) -> None:
        opening = "["
        for page in pages:
            for record in page:
                lines = dumps(plain(record), indent=2).replace("\n", "\n  ")
                print(f"{opening}\n  {lines}", end="")
                opening = ","
            sys.stdout.flush()
        print("[]" if opening == "[" else "\n]")

    def follow(self, records: Iterable[Any], columns: Sequence[str]) -> None:
        for record in records:
            print(dumps(plain(record)), flush=True)


class YAML:
    """One object as a document, a list as a sequence that grows as pages arrive."""

    def one(self, record: Any) -> None:
        print(_yaml(plain(record)), end="")

    def many(self, pages: Iterable[Sequence[Any]], columns: Sequence[str]) -> None:
        empty = True
        for page in pages:
            if page:
                print(_yaml([plain(record) for record in page]), end="", flush=True)
                empty = False
        if empty:
            print("[]")

    def follow(self, records: Iterable[Any], columns: Sequence[str]) -> None:
        for record in records:
            print(f"---\n{_yaml(plain(record))}", end="", flush=True)


def plain(record: Any) -> Any:
    """What the server's JSON says of a message; what is no message is taken as it is."""
    if isinstance(record, Mapping):
        return {name: plain(value) for name, value in record.items()}
    if hasattr(record, "to_json"):
        return json.loads(record.to_json(always_emit_implicit=True))
    return record


def shown(text: str) -> str:
    """A text as it is, without what a terminal would obey."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else dumps(letter)[1:-1]
        for letter in text
    )


def dumps(value: Any, indent: int | None = None) -> str:
    lines = json.dumps(value, indent=indent, ensure_ascii=not writes_unicode())
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", lines)


def _yaml(value: Any) -> str:
    import yaml

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=writes_unicode())
    return text
