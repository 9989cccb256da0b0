"""How every change of a record is kept: the row and its audit event together, or neither.

Raises InvalidArgument, by the name of the field, for text that no database can keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from ..domain.audit import Action, AuditEvent, Subject, record
from ..domain.caller import Caller
from ..domain.identifier import AuditEventId
from ..domain.joining import Newcomer
from ..domain.operator import Operator
from ..domain.provisioner import Provisioner
from ..domain.revision import FieldChange, Record, differences, introduced, removed
from ..domain.sign_in import Voucher
from ..domain.text import storable
from ..store import audit
from ..store.engine.records import Records
from ..store.engine.unit_of_work import UnitOfWork
from .minting import new_id


class Saved(Record, Protocol):
    @property
    def id(self) -> UUID: ...


R = TypeVar("R", bound=Saved)
Actor = Caller | Operator | Provisioner | Newcomer | Voucher


def create(
    unit: UnitOfWork, caller: Actor, records: Records[Any], subject: Subject, new: Any
) -> None:
    changes = _storable(introduced(new))
    unit.write(records.inserting(new))
    audit.append(unit, _event(caller, Action.CREATE, subject, new.id, new.created_at, changes))


def update(
    unit: UnitOfWork, caller: Actor, records: Records[R], subject: Subject, before: R, after: R
) -> R:
    """Writes nothing when `after` is the very record that was there before."""
    if after is not before:
        changes = _storable(differences(before, after))
        unit.write(records.updating(caller.organization_id, before, after))
        audit.append(
            unit, _event(caller, Action.UPDATE, subject, after.id, after.updated_at, changes)
        )
    return after


def delete(
    unit: UnitOfWork,
    caller: Actor,
    records: Records[Any],
    subject: Subject,
    old: Any,
    now: datetime,
) -> None:
    """`old` is the record as this transaction has locked it."""
    records.delete(unit.connection, caller.organization_id, old.id)
    audit.append(unit, _event(caller, Action.DELETE, subject, old.id, now, removed(old)))


def note(
    unit: UnitOfWork,
    caller: Actor,
    action: Action,
    subject: Subject,
    id: UUID,
    now: datetime,
    changes: Mapping[str, FieldChange] | None = None,
) -> None:
    """Records the event of a change that spans more than one record, or none."""
    audit.append(unit, _event(caller, action, subject, id, now, changes))


def _storable(changes: dict[str, FieldChange]) -> dict[str, FieldChange]:
    storable(**{name: change.after for name, change in changes.items()})
    return changes


def _event(*what: Any) -> AuditEvent:
    return record(AuditEventId(new_id()), *what)
