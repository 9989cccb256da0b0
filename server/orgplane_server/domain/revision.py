"""How a record becomes its next revision, and what differs between two revisions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
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


def introduced(new: R) -> dict[str, FieldChange]:
    """The fields that a new record has a value in; secrets without it."""
    changes = {}
    for field in dataclasses.fields(new):
        value = getattr(new, field.name)
        if field.name in _TOLD or value is None or value == () or value == "" or value == {}:
            continue
        secret = field.metadata.get("secret", False)
        changes[field.name] = FieldChange(None, None if secret else value)
    return changes


def differences(before: R, after: R) -> dict[str, FieldChange]:
    """The fields in which two revisions differ, `updated_at` aside; secrets without their values."""
    changes = {}
    for field in dataclasses.fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new and field.name != "updated_at":
            secret = field.metadata.get("secret", False)
            changes[field.name] = FieldChange(None, None) if secret else FieldChange(old, new)
    return changes
