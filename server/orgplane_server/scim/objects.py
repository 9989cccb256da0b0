"""JSON objects of requests, whose members may be spelled in any case (RFC 7643 section 2.1)."""

from __future__ import annotations

from typing import Any

from .errors import invalid

Document = dict[str, Any]


def unique(field: str, value: object) -> Document:
    """The object `value`; refused if it is none, or says something twice."""
    if not isinstance(value, dict):
        raise invalid("invalidSyntax", field or "body", "must be an object")
    if len({key.lower() for key in value}) < len(value):
        raise invalid("invalidSyntax", field or "body", "says something twice, in other cases")
    return value


def by_name(field: str, value: object, names: tuple[str, ...]) -> Document:
    """Those members of an object that have these names, under these names."""
    spelled = {name.lower(): name for name in names}
    return {
        spelled[key.lower()]: said
        for key, said in unique(field, value).items()
        if key.lower() in spelled
    }
