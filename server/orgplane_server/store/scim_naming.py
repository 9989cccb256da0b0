"""What no two users, and no two groups, of one configuration share: a folded name, and an externalId."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from ..domain.errors import AlreadyExists
from .engine.statement import Call
from .engine.unit_of_work import UnitOfWork


def write(
    unit: UnitOfWork,
    *calls: Call,
    unique: Mapping[str, str],
    taken: Callable[[str], AlreadyExists],
) -> None:
    """Writes; raises `taken` with the SCIM attribute of the `unique` column whose value somebody else has.

    Asking before would cost a statement, and could not see what is being written at the same time. Only
    what names such a column has to be written at once.
    """
    if not any(unique.keys() & values.keys() for _, values in calls):
        unit.write(*calls)
        return
    try:
        unit.run(*calls)
    except sa.exc.IntegrityError as error:
        broken = _constraint(error)
        for column, attribute in unique.items():
            if column in broken:
                raise taken(attribute) from None
        raise


def _constraint(error: sa.exc.IntegrityError) -> str:
    """The columns of a constraint as SQLite tells them, or its name, which is made of them; no values."""
    diagnosis = getattr(error.orig, "diag", None)
    return str(error.orig) if diagnosis is None else diagnosis.constraint_name or ""
