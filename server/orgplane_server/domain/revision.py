"""How a record becomes its next revision, and what differs between two revisions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from .instant import after

#: Metadata of a dataclass field whose values must not appear in the audit trail.
SECRET: Mapping[str, bool] = {"secret": True}


class Record(Protocol):
    """A frozen dataclass that knows when it last changed."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def updated_at(self) -> datetime: ...


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's value before and after; both are None for a secret, of which only the change is known."""

    before: Any
    after: Any

    @property
    def secret(self) -> bool:
        return self.before is None and self.after is None


def revised(record: R, changes: Mapping[str, Any], now: datetime) -> R:
    """The record with `changes`; the very same record, `updated_at` included, when nothing differs.

    Otherwise `updated_at` is `now`, but always later than before.
    """
    result = dataclasses.replace(record, **changes)
    if result == record:
        return record
    return dataclasses.replace(result, updated_at=after(record.updated_at, now))


#: What every record has, and what an event tells by itself.
_TOLD = frozenset({"id", "organization_id", "created_at", "updated_at"})
_EMPTY: tuple[Any, ...] = (None, "", (), {})


def introduced(new: Record) -> dict[str, FieldChange]:
    """The fields that a new record has a value in; secrets without it."""
    return {name: FieldChange(None, value) for name, value in _values(new)}


def removed(old: Record) -> dict[str, FieldChange]:
    """The fields that a record had a value in when it was deleted; secrets without it."""
    return {name: FieldChange(value, None) for name, value in _values(old)}


def _values(record: Record) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if field.name not in _TOLD and value not in _EMPTY:
            yield field.name, None if field.metadata.get("secret", False) else value


def differences(before: R, after: R) -> dict[str, FieldChange]:
    """The fields in which two revisions differ, `updated_at` aside; secrets without their values."""
    changes = {}
    for field in dataclasses.fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new and field.name != "updated_at":
            secret = field.metadata.get("secret", False)
            changes[field.name] = FieldChange(None, None) if secret else FieldChange(old, new)
    return changes
