"""Output for people: aligned columns, one object as one row or as one line a field."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from enum import Enum
from typing import Any

NOTHING = "-"
_DAY = 86_400


class Table:
    """Prints messages, or plain mappings, as tables."""

    def one(self, record: Any) -> None:
        write(align([(label(name), text(value)) for name, value in fields(record)]))

    def many(self, pages: Iterable[Sequence[Any]], columns: Sequence[str]) -> None:
        """Prints each page when it arrives. The first decides how wide the columns are at least."""
        widths = [0] * len(columns)
        rows = [[label(column).upper() for column in columns]]
        for page in pages:
            rows += [[text(value_of(record, column)) for column in columns] for record in page]
            write(align(rows, widths))
            rows = []

    def follow(self, records: Iterable[Any], columns: Sequence[str]) -> None:
        self.many(([record] for record in records), columns)


def fields(record: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of all fields, in the order of the contract."""
    if isinstance(record, Mapping):
        yield from record.items()
    else:
        for field in record.desc().fields:
            yield field.name, value_of(record, field.local_name)


def value_of(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, Mapping) else getattr(record, name)


def changes(names: Iterable[str], before: Any, after: Any) -> list[tuple[str, str]]:
    """Which of these fields differ, and how. One that is never shown counts as different."""
    shown = {name for name, _ in fields(after)}
    rows = []
    for name in names:
        if name not in shown:
            rows.append((label(name), "replaced"))
        elif (old := value_of(before, name)) != (new := value_of(after, name)):
            rows.append((label(name), f"{text(old)} -> {text(new)}"))
    return rows


def label(name: str) -> str:
    """`token_expires_at` is `token expires` to people."""
    return name.removesuffix("_at").replace("_", " ")


def text(value: Any) -> str:
    """A value as people write it, on one line, without anything that a terminal would obey."""
    if value in (None, "", [], (), {}):
        return NOTHING
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return printable(value)
        case float() if value.is_integer():  # JSON has one kind of number
            return str(int(value))
        case Enum():
            name = value.name.lower().replace("_", " ")
            return NOTHING if name == "unspecified" else name
        case list() | tuple():
            return ", ".join(map(text, value))
        case Mapping():
            return ", ".join(f"{text(key)}={text(value[key])}" for key in value)
    if hasattr(value, "to_datetime"):
        return str(value.to_datetime().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ"))
    if hasattr(value, "to_timedelta"):
        seconds = value.to_timedelta().total_seconds()
        return f"{seconds:.3f}s" if seconds % _DAY or not seconds else f"{seconds / _DAY:.0f}d"
    if hasattr(value, "desc"):
        parts = [text(part) for _, part in fields(value)]
        return " ".join(part for part in parts if part != NOTHING) or NOTHING
    return printable(str(value))


def printable(value: str) -> str:
    """Names come from anywhere: control characters in them are shown, not sent to the terminal."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in value
    )


def align(rows: Sequence[Sequence[str]], widths: list[int] | None = None) -> Iterator[str]:
    """Lines with two spaces between columns; `widths` grow as needed."""
    widths = [0] * len(rows[0]) if widths is None and rows else widths or []
    for row in rows:
        widths[:] = [max(width, _width(cell)) for width, cell in zip(widths, row, strict=True)]
    for row in rows:
        padded = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        yield "  ".join(padded).rstrip()


def write(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()


def _width(cell: str) -> int:
    """Columns of a terminal that the text takes."""
    return sum(
        0
        if unicodedata.combining(letter)
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in cell
    )
